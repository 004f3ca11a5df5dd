#!/usr/bin/env bash
# The shape of the tree: headers stand alone, layers include downwards only, scripts are clean, the image stays small.
set -u
cd "$(dirname "$(readlink -f "$0")")/.." || exit 1
. tools/environment.sh
failed=0

verdict() { # NAME WHY ('' when it is right)
    if [ -z "$2" ]; then
        echo "ok structure.$1"
    else
        echo "not ok structure.$1 # $(echo "$2" | head -n 3 | tr '\n' ' ')"
        failed=1
    fi
}

# Every header compiles by itself.
why=
for header in kernel/*.h platform/*.h lib/*.h mm/*.h mm/*/*.h lab/*.h machines/*.h report/*.h score/*.h shell/*.h bench/*.h workloads/*/*.h vm/*.h model/*.h tools/trace/*.h; do
    gcc -std=gnu11 -ffreestanding -fsyntax-only -Wno-pragma-once-outside-header -I. -x c - <<<"#include \"$header\"" 2>/dev/null ||
        why+="$header "
done
verdict headers_alone "${why:+these do not compile by themselves: $why}"

# What a folder may include. Kernel and the core of mm know no mechanism, no workload and nothing of the laboratory (but kmain).
includes() { grep -nE "#include \"($1)" "${@:2}" 2>/dev/null; }
core=()
for file in kernel/*.[ch] platform/*.[ch] lib/*.[ch] mm/*.[ch]; do
    [ "$file" = kernel/main.c ] || core+=("$file")
done
verdict core_knows_no_mechanism "$(includes 'mm/(track|classify|migrate|policy)/|workloads/|lab/|machines/|report/|score/|shell/|bench/' "${core[@]}")"
verdict lib_knows_no_machine "$(includes 'platform/|mm/|lab/|kernel/(clock|model|trap|cpu|hooks|options)' lib/*.[ch] | grep -v '^lib/ktap')"
verdict mechanisms_know_no_workload "$(includes 'workloads/|lab/|machines/|report/|score/|shell/|bench/' mm/*/*.[ch])"
verdict mechanisms_know_not_each_other "$(for kind in track classify migrate policy; do
    includes 'mm/(track|classify|migrate|policy)/' mm/$kind/*.[ch] | grep -v "\"mm/$kind/"; done)"
verdict machines_know_no_policy "$(includes 'mm/(track|classify|migrate|policy)/|workloads/|lab/|machines/|report/|score/|shell/|bench/' vm/*.[ch])"
verdict workloads_know_the_lab_only "$(includes 'mm/|model/|platform/|report/|lib/record|kernel/(clock|model|trap)' workloads/*.[ch] workloads/*/*.[ch])"
verdict model_shares_one_header "$(includes 'kernel/|platform/|lib/|mm/|lab/|machines/|report/|score/|bench/|workloads/' model/*.[ch])"
verdict bits_in_one_place "$(grep -nE '1 ?<< ?(5|6)\)|0x20\b.*[Aa]ccessed|0x40\b.*[Dd]irty' mm/*.[ch] mm/*/*.c lab/*.c machines/*.c report/*.c score/*.c shell/*.c bench/*.c | grep -v '^mm/pte.h')"

# What a part knows of a space hangs on the space: two of them may be served at once. Keys alone, and what says whether
# they were given, may be written outside.
why=$(for source in mm/*/*.c; do
    nm "build/${source%.c}.o" | awk -v file="$source" '$2 ~ /^[bBdDC]$/ { writable[$3] }
        END { for (name in writable) {
            key = name
            sub(/_given$/, "", key)
            if (!(key "_given" in writable && key in writable)) print file ": " name
        } }'
done)
verdict no_state_outside_of_the_space "${why:+these can be written and are no keys: $why}"

# What is copied into a machine stands at any address there.
verdict machine_code_stands_alone "$({ objdump -r -j .text.in_machine build/vm/look.o; objdump -r -j .text.in_balloon build/vm/balloon.o; } | grep R_X86_64)"

# What run-qemu.sh sources is checked through it: apart, a part cannot know what the whole sets.
why=$(shellcheck -x run-qemu.sh tools/bench-model tools/docs tools/replay/screenshot tools/get-qemu tools/symbolize tools/to-trace tools/debug tools/lab tools/figures/shares labs/*/check tests/*.sh tests/run tests/mutate tests/cli/*.sh tests/long/*.sh \
    .ci/run 2>&1 | head -n 20)
verdict shellcheck "$why"

verdict documents "$(tools/docs --check 2>&1)"

long=$(wc -l kernel/*.[ch] platform/*.[ch] lib/*.[ch] mm/*.[ch] lab/*.[ch] machines/*.[ch] report/*.[ch] score/*.[ch] shell/*.[ch] bench/*.[ch] boot/*.asm | awk '$2 != "total" && $1 > 400 { print $2 ": " $1 " lines" }')
verdict core_files_are_short "$long"
long=$(wc -l vm/*.[ch] vm/*.asm vm/payload/* | awk '$1 > ($2 == "total" ? 1500 : 350) { print $2 ": " $1 " lines" }')
verdict hypervisor_is_short "$long"
core_lines=$(cat boot/*.asm kernel/*.[ch] mm/*.[ch] lab/*.[ch] | wc -l)
echo "# the core has $core_lines lines"

bytes=$(stat -c %s build/tierlab.elf32) # the file that QEMU loads; the one with the tests may be larger
verdict image_size "$([ "$bytes" -lt 524288 ] || echo "$bytes bytes, 524288 allowed")"
verdict warnings "$(make -B -s -n all >/dev/null 2>&1; touch kernel/main.c; make WERROR=1 all 2>&1 | grep -E 'warning|error' | head -n 3)"
exit $failed
