#!/usr/bin/env bash
# A run repeats to the byte, 20 times of 20: alone, on a busy host, beside another run, and from another directory.
# shellcheck source=tests/long/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"

keys=(policy=lru ops=200000 move_ms=4)
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

# One repeat: number, how.
repeat() {
    record "$1" run "${keys[@]}"
    if [ "$status" -ne 0 ]; then
        not_ok "$2.$1" "status $status: $(head -n 1 "$place/err")"
    elif ! grep -q '"kind":"summary"' "$place/$1/records"; then
        not_ok "$2.$1" 'no summary'
    elif cmp -s "$place/1/records" "$place/$1/records"; then
        ok "$2.$1"
    else
        not_ok "$2.$1" "other bytes: $(diff "$place/1/records" "$place/$1/records" | sed -n 2p | cut -c 1-160)"
    fi
}

cd "$root" || exit 1
for n in 1 2 3 4 5; do repeat $n alone; done
busy
for n in 6 7 8 9 10; do repeat $n busy_host; done
unload
for n in 11 12 13 14 15; do
    beside
    repeat $n beside_another
    unload
done
mkdir -p "$place/else where"
cd "$place/else where" || exit 1
for n in 16 17 18 19; do repeat $n from_elsewhere; done
busy
beside
repeat 20 all_at_once
unload
cd / || exit 1
holds nothing_left test -z "$(ls -A "$TMPDIR")"

exit "$failed"
