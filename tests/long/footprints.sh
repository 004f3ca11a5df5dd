#!/usr/bin/env bash
# Every workload but replay, which has the size of its trace, runs with 16 MiB and with 1 GiB, in the guest with the model, and gives
# its host build's answer. Little work each: what is tried is that the structures fit, are built and verified.
# shellcheck source=tests/long/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"
# shellcheck source=tests/matrix
. "$root/tests/matrix"

flock -F "$root" make -s -C "$root" native >/dev/null 2>"$place/err" || not_ok native "$(head -n 1 "$place/err")"
# shellcheck disable=SC2317 # xargs calls it
machine_for() { # size
    if [ "$1" = 1G ]; then echo 'fast=256M slow=1G window_us=47000'; else echo 'fast=4M slow=16M'; fi
}

# shellcheck disable=SC2317 # xargs calls it
try() { # workload, size: a line "workload size answer host's-answer"
    local workload=$1 size=$2 keys="size=$2" ops=20000 want got out
    case $workload in
    script) keys="script=0+$size:4096:random:rmw:20000" ;;
    gap-pr) keys+=' gap_iterations=2' ops=1 ;;
    graph500* | gap*) ops=1 ;;
    mcf) ops=500 ;;
    xsbench) ops=200 ;;
    esac
    keys+=" ops=$ops warmup=0"
    # shellcheck disable=SC2086 # keys are words
    want=$("$root/build/native/tierlab" "workload=$workload" $keys 2>&1)
    want=$(jq -r 'select(.verified) | .checksum' <<<"$want" 2>/dev/null)
    out=$(mktemp -d "$place/XXXXXX")
    # shellcheck disable=SC2046,SC2086
    "$root/run-qemu.sh" run -t 3600 -o "$out" "workload=$workload" $keys $(machine_for "$size") policy=first-touch \
        >"$out/log" 2>&1 </dev/null
    got=$(cat "$out"/*/records.jsonl 2>/dev/null | jq -r 'select(.kind == "summary" and .verified) | .checksum')
    echo "$workload $size ${got:-$(tail -n 1 "$out/log" | tr ' ' '_')} ${want:-none}"
    rm -rf "$out"
}
export -f try machine_for

for workload in $(workload_names); do
    [ "$workload" = replay ] || printf '%s\n' "$workload 16M" "$workload 1G"
done >"$place/tries"
holds some_tries test "$(wc -l <"$place/tries")" -ge 36
# shellcheck disable=SC2016 # the inner shell expands it
xargs -P "$(nproc)" -I '{}' bash -c 'try $0' '{}' <"$place/tries" >"$place/tried"
while read -r workload size; do
    read -r _ _ got want < <(grep "^$workload $size " "$place/tried")
    if [ -n "$want" ] && [ "$got" = "$want" ]; then ok "$workload.$size"; else not_ok "$workload.$size" "guest: $got, host: $want"; fi
done <"$place/tries"
exit "$failed"
