#!/usr/bin/env bash
# Rough handling: output that cannot be written, disks that are full, options twice, words with line ends.
# shellcheck source=tests/cli/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"
use_fake

# What was asked for could not be printed: no success, whichever command.
unprinted() { # name, arguments
    local name=$1
    shift
    "${launcher[@]}" "$@" >/dev/full 2>"$place/err" </dev/null
    status=$?
    check "$name.full" 7 '^tierlab: standard output cannot be written'
    "${launcher[@]}" "$@" >&- 2>"$place/err" </dev/null
    status=$?
    check "$name.closed" 7 '^tierlab: standard output is closed'
}
for command in run compare bench calibrate list test; do unprinted $command $command; done
unprinted dry_run run -n
unprinted help -h
unprinted experiment_list experiment list
holds results_are_kept test "$(find "$place/results" -name records.jsonl | wc -l)" -gt 6
# Nothing that is closed gets into somebody else's file, and a reader who goes away is no fault to speak of.
: >"$place/err"
"${launcher[@]}" run >"$place/out" 2>&- <&-
status=$?
check closed_input_and_errors 0 ''
holds closed_input_and_errors_prints grep -q '^records: ' "$place/out"
"${launcher[@]}" list 2>"$place/err" </dev/null | head -n 1 >"$place/out"
status=0
check reader_gone 0 ''

# An option twice, as a key twice; an empty value.
refused results_twice 4 "-o is given twice \('$place/results' and 'a'\)" run -o a
launcher=("$root/run-qemu.sh" --qemu "$here/fake-qemu")
refused jobs_twice 4 "-j is given twice" run -j 1 -j 1
refused limit_twice 4 "-t is given twice" run -t 1 -t 2
refused accel_twice 4 "--accel is given twice" run --accel tcg --accel=kvm
refused qemu_twice 4 "--qemu is given twice" run --qemu other
refused reduced_twice 4 'key reduced is given twice' experiment flush reduced=1 reduced=0
refused reduced_word 4 "key reduced: '2'" experiment flush reduced=2
refused results_empty 4 '-o has an empty value' run -o ''
refused qemu_empty 4 '--qemu has an empty value' run --accel=tcg --qemu=
refused flag_with_value 4 "unknown option '--iso=1'" run --iso=1

# One line, whatever the words hold.
refused newline_in_value 4 "key seed: '1\?2'" run $'seed=1\n2'
refused newline_in_key 4 "'a\?b=1'" run $'a\nb=1'
refused newline_in_word 4 "'x\?y'" run $'x\ny'
refused newline_in_option 4 "'-x\?y'" run $'-x\ny'
refused newline_in_place 7 'cannot be made' run -o "/dev/null/a"$'\n'"b"
refused escape_in_value 4 "key policy: '\?\[31m'" compare policy=$'\e[31m'
use_fake
expect dash_in_place 0 '' run seed=3
(cd "$place" && "$root/run-qemu.sh" --qemu "$here/fake-qemu" run -o -dash >"$place/out" 2>"$place/err" </dev/null)
status=$?
check place_with_a_dash 0 ''
holds place_with_a_dash_is_used test -d "$place/-dash"

# A temporary directory that is full at the start, or becomes so; and one that is not there.
TMPDIR=$place/nosuch "${launcher[@]}" run >"$place/out" 2>"$place/err" </dev/null
status=$?
check no_temporary_directory 7 "temporary directory $place/nosuch is full or cannot be written"
mkdir "$place/small"
crowded() { # name, size of the disk, arguments
    local name=$1 size=$2
    shift 2
    # shellcheck disable=SC2016 # for the inner shell
    TMPDIR=$place/small unshare -rm sh -c 'mount -t tmpfs -o size="$1" none "$TMPDIR" && shift && exec "$@"' - "$size" \
        "${launcher[@]}" "$@" >"$place/out" 2>"$place/err" </dev/null
    status=$?
    check "$name" 7 "^tierlab: temporary directory $place/small is full"
    holds "$name.one_line" test "$(wc -l <"$place/err")" -eq 1
}
if unshare -rm mount -t tmpfs none "$place/small" 2>/dev/null; then
    crowded no_room_for_the_model 512K run
    crowded no_room_to_list 32K list
    crowded no_room_to_compare 6M compare -j 2
    FAKE=fill crowded filled_by_the_guest 8M run
    FAKE=fill crowded filled_while_testing 8M test
else
    skip no_room 'no mounts of our own here'
fi
exit "$failed"
