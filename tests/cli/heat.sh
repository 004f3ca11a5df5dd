#!/usr/bin/env bash
# The heat of a run (heat=1) against what a script's text implies, and its merging into columns.
# shellcheck disable=SC2016 # the variables are those of jq
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"
launcher=("$root/run-qemu.sh" -o "$place/results")
keys=(policy=first-touch fast=2M slow=16M window_us=100)

ask() { # name, filter over the array of records: must be true
    if jq -s -e "$2" "$place/records" >/dev/null 2>"$place/err"; then
        ok "$1"
    else
        not_ok "$1" "$(head -n 1 "$place/err") $(jq -c 'select(.event == "heat_pages") | del(.points)' "$place/records")"
    fi
}
record() { # name, arguments
    launch run "${keys[@]}" "${@:2}"
    check "$1" 0 ''
    cat "$place/results"/*/records.jsonl >"$place/records"
    rm -rf "$place/results"
}

# 1 MiB is 256 pages, two a bin. Every line is written once, in order; then the 64 KiB in the middle get 10 reads a line.
record script heat=1 workload=script script='0+1M:64:seq:write:16384;512K+64K:64:random:read:10240' warmup=0
ask bins 'map(select(.event == "heat")) | all(.bin_pages == 2 and (.accesses | length) == 128)'
ask by_address '[.[] | select(.event == "heat").accesses] | transpose | map(add) ==
    [range(128) | 128 + (if . >= 64 and . < 72 then 1280 else 0 end)]'
ask windows_join 'map(select(.event == "heat" and .end_ns > 0)) | length > 4 and
    ([.[:-1], .[1:]] | transpose | all(.[0].end_ns == .[1].start_ns)) and .[0].start_ns == 0'
# In order: what is written later is heated later.
ask by_time 'map(select(.event == "heat" and .end_ns > 0).accesses) |
    [range(0; 64; 8) as $bin | map(.[$bin]) | map(. > 0) | index(true)] | . == sort and .[0] < .[-1]'
ask pages 'map(select(.event == "heat_pages"))[0] | .pages == 256 and .touched_pages == 256 and .loads == 10240 and .stores == 16384 and
    .top_1_percent_accesses == 2 * 704 and .top_10_percent_accesses == 16 * 704 + 9 * 64 and .points[0] == [1, 704] and
    .points[-1] == [256, 26624] and (.points | map(.[0]) | . == unique)'
# 100 equal columns at most. Nothing is lost but by rounding: of n cells by chance about sqrt(n) / 3; four times sqrt(n) is allowed.
jq -nc -f "$root/tools/figures/gather.jq" "$place/records" >"$place/gathered"
jq -s '([.[] | select(.event == "heat").accesses | add] | add)' "$place/records" >"$place/sum"
holds columns jq -e --slurpfile sum "$place/sum" '(.heat.cells | length) as $n | $n == ([.heat_windows, 100] | min) and
    ((.heat.cells | map(add) | add) - $sum[0] | . * . <= 16 * $n * 128) and .top_1_percent > 5.28 and .top_1_percent < 5.29' \
    "$place/gathered"

# The map has the warm-up, the distribution has not.
record warmup heat=1 workload=hotset size=1M ops=20000 warmup=30000
ask warmup_apart '(map(select(.event == "phase" and .name == "measured"))[0].start_ns) as $at | map(select(.kind == "summary"))[0] as $s |
    map(select(.event == "heat_pages"))[0] as $p |
    ([.[] | select(.event == "heat" and .end_ns <= $at).accesses | add] | add) as $before |
    ([.[] | select(.event == "heat" and .start_ns >= $at).accesses | add] | add) as $after |
    $before > 30000 and $after == $p.loads + $p.stores and $after == $p.points[-1][1] and
    $p.loads == $s.fast_loads + $s.slow_loads and $p.stores == $s.fast_stores + $s.slow_stores'
# A rehearsed run is recorded once.
keys[0]=policy=clairvoyant
record rehearsed heat=1 workload=hotset size=1M ops=20000 warmup=30000
ask once 'map(select(.event == "heat")) | [.[:-1], .[1:]] | transpose | all(.[0].end_ns == .[1].start_ns)'

# Not asked for, not there.
record silent workload=hotset size=1M ops=2000 warmup=0
ask none 'length > 3 and all(.event != "heat" and .event != "heat_pages")'
exit "$failed"
