#!/usr/bin/env bash
# Replay: what replay=1 records against heat=1 and the summary; the page, in a browser, against the records.
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"
launcher=("$root/run-qemu.sh" -o "$place/results")
keys=(replay=1 heat=1 workload=hotset fast=2M slow=16M window_us=100 score_windows=2 decide_windows=2 size=4M ops=60000 warmup=20000)

lines() { # results of a command, as they are; its failures count
    "$@" >"$place/lines" 2>&1 || not_ok "$(basename "$2" .mjs)_ends" "$(tail -n 1 "$place/lines")"
    cat "$place/lines"
    ! grep -q '^not ok' "$place/lines" || failed=1
}

launch run "${keys[@]}" policy=lru events=1
check run 0 ''
run=$(echo "$place"/results/*)
lines node "$here/../browser/records.mjs" "$run/records.jsonl"
launch run "${keys[@]}" policy=first-touch
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
# What the command why says of the page with most orders and of the last one that has none.
orders=$(jq -c 'select(.event == "orders") | .orders[][0]' "$run/records.jsonl" | sort -n | uniq -c | sort -n)
mkdir "$place/why"
for page in "$(tail -n 1 <<<"$orders" | awk '{ print $2 }')" "$(awk '{ had[$2] } END { for (page = 1023; page in had; page--); print page }' <<<"$orders")"; do
    "${launcher[@]}" why "$run" "$page" | tail -n +2 >"$place/why/$page"
done
lines node "$here/../browser/replay.mjs" "$run/replay.html" "$place/why" "$run/records.jsonl"
lines node "$here/../browser/replay.mjs" "$both" "$place/why" "$run/records.jsonl" "$other/records.jsonl"
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
