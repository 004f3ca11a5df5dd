#!/usr/bin/env bash
# replay: a trace's checksum from its text alone, both forms, every refusal with its place, mutations under sanitizers, and the
# launcher's input=. The reader itself is tested byte by byte in tests/host/replay_test.c.
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"

# Looking through all processes after each of so many checks takes longer than the checks; the launcher's own tests do it.
leftovers() { ls -A "$TMPDIR"; }

native=$root/build/native/tierlab
fields='"verified":true'

# A trace of 600 pages that lie apart, 4 intervals, 25000 accesses or so, and what its checksum must be: the sum of (n + 1) (reads + 31 writes)
# over the pages, where n numbers them in ascending order.
awk -v sum="$place/sum" 'BEGIN {
    print "tierlab-trace 1"
    for (i = 0; i < 4; i++)
        for (p = 0; p < 600; p++) {
            if ((p + i) % 3 == 0) continue
            r = (p * 7 + i * 13) % 23; w = (p * 5 + i) % 17
            printf "%d %d r %d\n", i * 10, p * 1000 + 123456, r
            printf "%d %d w %d\n", i * 10, p * 1000 + 123456, w
            check += (p + 1) * (r + 31 * w); records += 2
        }
    print "end " records
    printf "0x%016x\n", check >sum
}' >"$place/trace.txt"

# Runs the program on the host: status, $place/out and $place/err are the outcome.
native() { # arguments
    "$native" workload=replay "$@" >"$place/out" 2>"$place/err"
    status=$?
}
checksum() { grep -o "$fields"',"checksum":"[^"]*"' "$place/out" | cut -d '"' -f 6; }

native input="$place/trace.txt"
holds known_checksum test "$(checksum)" = "$(cat "$place/sum")"
native input="$place/trace.txt" seed=77
holds seed_is_no_matter test "$(checksum)" = "$(cat "$place/sum")"
holds to_binary sh -c "'$root/tools/trace-to-binary' '$place/trace.txt' >'$place/trace.bin'"
native input="$place/trace.bin"
holds binary_checksum test "$(checksum)" = "$(cat "$place/sum")"
"$native-sanitized" workload=replay input="$place/trace.bin" warmup=1000 ops=60000 >"$place/out" 2>"$place/err"
status=$?
check beyond_the_end 0 ''

# Refusals, each in one line with its place.
bad() { # name, pattern, text of the file by printf
    printf '%b' "$3" >"$place/bad"
    native input="$place/bad"
    check "$1" 4 "^tierlab: input: $2"
    [ "$(wc -l <"$place/err")" -eq 1 ] || not_ok "$1.one_line" "$(wc -l <"$place/err") lines"
}
native
check without_input 4 'input=FILE must give a trace'
native input="$place/trace.txt" size=16M
check no_size 4 'has no size'
native input="$place/nosuch"
check missing_native 7 'nosuch'
head='tierlab-trace 1\n'
bad empty 'byte 0: no trace' ''
bad other_file 'byte 0: no trace' 'PK\03\04'
bad other_version 'line 1: another version' 'tierlab-trace 2\nend 0\n'
bad no_access 'no access' "${head}0 1 r 0\nend 1\n"
{ echo 'tierlab-trace 1' && seq -f '0 %.0f r 1' 0 524288 && echo 'end 524289'; } >"$place/bad"
native input="$place/bad"
check many_pages 4 'line 524290: more different pages than 2 GiB have'
{ echo 'tierlab-trace 1' && seq -f '%.0f 0 r 4294967295' 0 256 && echo 'end 257'; } >"$place/bad"
native input="$place/bad"
check many_accesses 4 'line 258: the counts so far sum to more than 2\^40'
bad no_end 'line 3: the file ends' "${head}0 1 r 1\n"
bad cut_number 'line 2: the file ends' "${head}0 1 r 1"
bad page_too_large 'line 2: the page' "${head}0 4503599627370496 r 1\nend 1\n"
bad counts_overflow 'line 3: the counts' "${head}0 1 r 4294967295\n0 1 w 1\nend 2\n"
bad unsorted 'line 3: an earlier' "${head}2 1 r 1\n1 1 r 1\nend 2\n"
bad twice 'line 3: out of order' "${head}2 1 r 1\n2 1 r 1\nend 2\n"
bad garbage 'line 4: something follows' "${head}2 1 r 1\nend 1\n\n"
bad nul 'line 2: expected the interval' "${head}\0000 1 r 1\nend 1\n"
magic='TLTRACE\0000\0001\0000\0000\0000\0000\0000\0000\0000'
bad binary_head 'byte 16: the file ends' "$magic"
bad binary_truncated 'byte 24: the file ends' "$magic\0001\0000\0000\0000\0000\0000\0000\0000"
bad binary_garbage 'byte 24: something' "$magic\0000\0000\0000\0000\0000\0000\0000\0000x"
bad binary_oversized 'byte 24: the file ends' "$magic\0377\0377\0377\0377\0377\0377\0377\0377"

# Mutations of a small valid trace, in both forms: 0 or 4, never a crash. The host test has 20000 more.
printf '%b' "${head}# x\n0 5 r 10\n0 5 w 3\n0 100 r 0\n2 7 w 5\n7 5 r 1\nend 5\n" >"$place/small.txt"
"$root/tools/trace-to-binary" "$place/small.txt" >"$place/small.bin"
RANDOM=1
others=0
accepted=0
for round in {1..200}; do
    from=$place/small.txt
    [ $((round % 2)) -eq 0 ] || from=$place/small.bin
    size=$(stat -c %s "$from")
    cp "$from" "$place/mutant"
    for _ in {1..2}; do
        # shellcheck disable=SC2059 # the format is the byte
        printf "\\$(printf %03o $((RANDOM % 4 ? 48 + RANDOM % 10 : RANDOM % 256)))" |
            dd of="$place/mutant" bs=1 seek=$((RANDOM % size)) conv=notrunc status=none
    done
    [ $((round % 5)) -ne 0 ] || truncate -s $((RANDOM % size)) "$place/mutant"
    "$native-sanitized" workload=replay input="$place/mutant" ops=2000 >"$place/out" 2>"$place/err"
    case $? in
    0) accepted=$((accepted + 1)) ;;
    4) ;;
    *) others=$((others + 1)) && head -n 3 "$place/err" | sed 's/^/# /' ;;
    esac
done
echo "# $accepted of 200 mutations are traces"
holds mutations test "$others" -eq 0 -a "$accepted" -gt 0 -a "$accepted" -lt 200

# In the guest: the same answer under pages that move; refusals; the file's content and not its name is part of the run's id.
launcher=("$root/run-qemu.sh" -o "$place/results")
keys=(run workload=replay fast=1M slow=16M window_us=200)
field() { jq -r --arg f "$1" 'select(.kind == "summary") | .[$f]' "$(sed -n 's/^records: //p' "$place/out")"; }
cp "$place/trace.txt" "$place/another"
expect guest_lru 0 '' "${keys[@]}" policy=lru input="$place/trace.txt"
holds guest_checksum test "$(field checksum)" = "$(cat "$place/sum")"
expect guest_file 0 '' --no-model "${keys[@]}" policy=lru input="$place/trace.txt"
first=$(sed -n 's/^records: //p' "$place/out")
expect guest_same_file 0 '' --no-model "${keys[@]}" policy=lru input="$place/another"
holds same_id test -n "$first" -a "$(sed -n 's/^records: //p' "$place/out")" = "$first"
expect guest_binary 0 '' "${keys[@]}" policy=first-touch input="$place/trace.bin"
holds guest_binary_checksum test "$(field checksum)" = "$(cat "$place/sum")"
echo 'end 0' >>"$place/another"
refused guest_refuses 4 'input: line 3203: something follows' "${keys[@]}" policy=lru input="$place/another"
sed -i -e '$d' -e '2s/$/0/' "$place/another"
expect guest_changed 0 '' --no-model "${keys[@]}" policy=lru input="$place/another"
holds other_id test "$(sed -n 's/^records: //p' "$place/out")" != "$first"
truncate -s 257M "$place/large"
refused oversized 7 '269484032 bytes; 256 MiB are allowed.* -b .* -s ' "${keys[@]}" input="$place/large"
refused missing 7 "$place/nosuch" "${keys[@]}" input="$place/nosuch"
refused a_directory 7 "$place" "${keys[@]}" input="$place"

exit "$failed"
