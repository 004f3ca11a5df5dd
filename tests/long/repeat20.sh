#!/usr/bin/env bash
# A run repeats to the byte, 20 times of 20: alone, on a busy host, beside another run, and from another directory. So does one of several
# virtual machines that give each other fast memory.
# shellcheck source=tests/long/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"

# shellcheck disable=SC2034 # repeat takes them by name
one=(policy=lru ops=200000 move_ms=4)
# shellcheck disable=SC2034
several=(policy=lru vms=4 fast=2M slow=48M ops=40000 warmup=10000 window_us=500 slice_us=100 balance=balloon
    vm0=footprint:4M+hot:1M+move_ms:4 vm1=footprint:4M+hot:64K vm2=workload:kv+size:2M+ops:20000 vm3=footprint:4M+hot:256K+seed:5)
load=()

# By their process ids: the temporary directory alone would not stop them.
unload() {
    [ ${#load[@]} -gt 0 ] || return 0
    kill "${load[@]}" 2>/dev/null
    wait "${load[@]}" 2>/dev/null
    load=()
}
trap 'unload; rm -rf "$place"' EXIT
trap 'exit 130' INT TERM

busy() {
    local n
    for ((n = 0; n < 2 * $(nproc); n++)); do
        yes >/dev/null &
        load+=($!)
    done
}

beside() { # another run, with other keys
    "${launcher[@]}" run -o "$place/beside" policy=first-touch ops=2000000 seed=7 >/dev/null 2>&1 &
    load+=($!)
}

# One repeat: which, number, how.
repeat() {
    local -n keys=$1
    record "$1.$2" run "${keys[@]}"
    if [ "$status" -ne 0 ]; then
        not_ok "$1.$3.$2" "status $status: $(head -n 1 "$place/err")"
    elif ! grep -q '"kind":"summary"' "$place/$1.$2/records"; then
        not_ok "$1.$3.$2" 'no summary'
    elif cmp -s "$place/$1.1/records" "$place/$1.$2/records"; then
        ok "$1.$3.$2"
    else
        not_ok "$1.$3.$2" "other bytes: $(diff "$place/$1.1/records" "$place/$1.$2/records" | sed -n 2p | cut -c 1-160)"
    fi
}

twenty() { # which
    local n
    cd "$root" || exit 1
    for n in 1 2 3 4 5; do repeat "$1" $n alone; done
    busy
    for n in 6 7 8 9 10; do repeat "$1" $n busy_host; done
    unload
    for n in 11 12 13 14 15; do
        beside
        repeat "$1" $n beside_another
        unload
    done
    mkdir -p "$place/else where"
    cd "$place/else where" || exit 1
    for n in 16 17 18 19; do repeat "$1" $n from_elsewhere; done
    busy
    beside
    repeat "$1" 20 all_at_once
    unload
}

twenty one
twenty several
cd / || exit 1
holds nothing_left test -z "$(ls -A "$TMPDIR")"

exit "$failed"
