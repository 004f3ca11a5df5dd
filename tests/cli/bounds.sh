#!/usr/bin/env bash
# The bounds that know what comes. clairvoyant, of a script that turns from one half of its memory to the other: the fast tier, which holds
# a half, serves all of it. Between lies a pause of more than a slice of the rehearsal, so that none holds requests to both halves; who looks
# two slices early or late sends a half away while it is asked for, and loses some of a hundred requests.
# shellcheck disable=SC2016 # the variables are those of jq
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"
launcher=("$root/run-qemu.sh" -o "$place/results")

# In the pause the program reads a page that stays in the cache. A slice of this rehearsal is four windows, a decision comes every two.
expect run 0 '' run policy=clairvoyant fast=512K slow=4M warmup=0 window_us=50 score_windows=2 decide_windows=2 workload=script \
    script='0+512K:64:random:read:102400;1M+4K:64:seq:read:70000;512K+512K:64:random:write:102400'
cat "$place/results"/*/records.jsonl >"$place/records" 2>/dev/null
ask() { # name, condition over the summary $s
    local got
    got=$(jq -s -r 'map(select(.kind == "summary"))[0] as $s | if '"$2"' then "true" else [$s.fast_hit_ratio, $s.promoted_pages, $s.demoted_pages] end' \
        "$place/records" 2>&1)
    if [ "$got" = true ]; then ok "$1"; else not_ok "$1" "hits, up, down: $(tr -d '\n' <<<"$got")"; fi
}
ask sees_the_turn '$s.fast_hit_ratio > 0.995 and $s.fast_hit_ratio < 1 and $s.fast_requests + $s.slow_requests > 200000'
# The half that is left goes, the half that comes, comes; and nothing else ever moves.
ask moves_once '$s.promoted_pages == 128 and $s.demoted_pages == 128'

# It also decides where the measured phase begins: this one is shorter than a cycle, and reads what the warm-up has not.
rm -r "${place:?}/results"
expect phase 0 '' run policy=clairvoyant fast=512K slow=4M warmup=100000 ops=4000 window_us=50 score_windows=8 decide_windows=8 workload=script \
    script='0+512K:64:random:read:100000;512K+512K:64:random:write:4000'
cat "$place/results"/*/records.jsonl >"$place/records" 2>/dev/null
ask sees_the_phase '$s.fast_hit_ratio > 0.9 and $s.promoted_pages == 128'

# Of a program whose unit of work lasts many windows (the building of a graph, a search) it knows the windows, not only the units.
rm -r "${place:?}/results"
expect coarse 0 '' run policy=clairvoyant fast=1M slow=8M workload=graph500-bfs size=4M ops=2 warmup=1 window_us=500
cat "$place/results"/*/records.jsonl >"$place/records" 2>/dev/null
ask sees_into_a_search '$s.fast_hit_ratio > 0.9'

# static-best places for the measured phase alone, to the request: of a warm-up two hundred times as long, which ends within the last
# slice but reads 64 other pages, nothing counts. The measured phase writes as many pages as the fast tier holds.
rm -r "${place:?}/results"
expect static 0 '' run policy=static-best fast=512K slow=4M warmup=100000 ops=500 workload=script \
    script='0+256K:64:random:read:100000;512K+512K:64:random:write:500'
cat "$place/results"/*/records.jsonl >"$place/records" 2>/dev/null
ask static_serves_all '$s.fast_hit_ratio == 1 and $s.fast_requests > 300 and $s.slow_requests == 0'
ask static_moves_nothing '$s.promoted_pages == 0 and $s.demoted_pages == 0 and $s.uses_truth'
exit "$failed"
