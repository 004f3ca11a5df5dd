#!/usr/bin/env bash
# Colloid: with both tiers idle it lets pass what HeMem orders; with a neighbour on the fast tier, so that this is the slower one, it
# takes hot pages down, and the program is quicker than under HeMem, which fills the fast tier with them.
# shellcheck disable=SC2016 # the variables are those of jq
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"
launcher=("$root/run-qemu.sh")

measure() { # name, keys: $place/NAME is the summary
    local name=$1
    shift
    expect "$name" 0 '' run -o "$place/of-$name" preset=ddr4-icx+numa-emu-135 workload=hotset size=4M fast=2M hot=1M warmup=100000 ops=150000 \
        window_us=100 sample_load=31 sample_store=31 "$@"
    jq -c 'select(.kind == "summary")' "$place/of-$name"/*/records.jsonl >"$place/$name" 2>/dev/null
}
measure idle policy=colloid-hemem slow=4M place=slow-first # all pages are slow at first
measure hemem policy=hemem slow=4M place=interleave load_fast=125 # every other page is fast
measure colloid policy=colloid-hemem slow=4M place=interleave load_fast=125
holds lets_pass json_says '.fast_hit_ratio > 0.8 and .balance_taken_down == 0' "$place/idle"
holds hemem_fills json_says '.fast_hit_ratio > 0.8' "$place/hemem"
holds takes_down json_says '.balance_taken_down > 100 and .fast_hit_ratio < 0.5' "$place/colloid"
cat "$place/hemem" "$place/colloid" | jq -s -c . >"$place/both"
holds quicker json_says '.[1].time_ns < 0.95 * .[0].time_ns' "$place/both"
exit "$failed"
