#!/usr/bin/env bash
# Replay: what replay=1 records against heat=1 and the summary; the page, in a browser, against the records.
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"
launcher=("$root/run-qemu.sh" -o "$place/results")
keys=(replay=1 heat=1 workload=hotset policy=lru fast=2M slow=16M window_us=100 score_windows=2 decide_windows=2 size=4M ops=60000 warmup=20000)

lines() { # results of a command, as they are; its failures count
    "$@" >"$place/lines" 2>&1 || not_ok "$(basename "$2" .mjs)_ends" "$(tail -n 1 "$place/lines")"
    cat "$place/lines"
    ! grep -q '^not ok' "$place/lines" || failed=1
}

launch run "${keys[@]}"
check run 0 ''
run=$(echo "$place"/results/*)
lines node "$here/../browser/records.mjs" "$run/records.jsonl"
launch run "${keys[@]/policy=lru/policy=first-touch}"
other=$(echo "$place"/results/*)
other=${other/"$run"/}
other=${other// /}

launch replay "$run"
check one 0 ''
holds names_file grep -qx "replay: $run/replay.html" "$place/out"
holds small test "$(stat -c %s "$run/replay.html")" -lt 500000
# Complete in itself: no address of anything outside.
holds no_address test -z "$(grep -oE '(src|href)="?(https?:)?//' "$run/replay.html")"
launch replay "${run##*/}" "${other##*/}"
check two 0 ''
both=$run/replay-${other##*/}.html
holds two_file test -s "$both"
lines node "$here/../browser/replay.mjs" "$run/replay.html" "$run/records.jsonl"
lines node "$here/../browser/replay.mjs" "$both" "$run/records.jsonl" "$other/records.jsonl"
holds browser_ended test -z "$(leftovers)"

launch run policy=lru fast=2M slow=16M workload=hotset size=1M ops=2000 warmup=0
mkdir "$place/moved"
sed -n 's/^records: //p' "$place/out" | xargs -I{} cp {} "$place/moved/"
refused none 7 'has no replay: make the run with replay=1' replay "$place/moved"
refused which 4 'replay: which run' replay
refused three 4 'replay: which run' replay "$run" "$run" "$run"
refused keys 4 'takes no keys' replay "$run" ops=1
refused unknown 7 "no records of a run 'nothing'" replay nothing
exit "$failed"
