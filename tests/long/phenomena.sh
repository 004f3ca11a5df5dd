#!/usr/bin/env bash
# docs/phenomena.md: each phenomenon goes the way that is told there, for two seeds. The keys are those of its tables, so that what is read is what is tested.
# shellcheck source=tests/long/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"

# Row n (from 1) of the table below a heading: its keys.
row() { # heading, n
    awk -v heading="## $1" -v n="$2" '$0 == heading { on = 1; next } /^## / { on = 0 } on && /^\| `/ && ++seen == n { gsub(/^\| `|`.*/, ""); print }' "$root/docs/phenomena.md"
}

# One summary a row and seed, as arrays of rows: a, b, c, ... in the filter.
phenomenon() { # name, heading, filter over $r: rows in the order of the table
    local seed n keys bad=0
    for seed in 1 2; do
        : >"$place/rows"
        for n in 1 2 3 4 5 6; do
            keys=$(row "$2" $n)
            [ -n "$keys" ] || break
            # shellcheck disable=SC2086 # keys are words
            "$root/run-qemu.sh" run $keys seed=$seed -o "$place/$1.$seed.$n" >"$place/out" 2>"$place/err" </dev/null || bad=1
            jq -c 'select(.kind == "summary")' "$place/$1.$seed.$n"/*/records.jsonl >>"$place/rows"
        done
        jq -sc . "$place/rows" >"$place/summaries"
        [ "$(wc -l <"$place/rows")" -ge 2 ] && jq -e "$3" "$place/summaries" >/dev/null || bad=1
    done
    if [ $bad -eq 0 ]; then ok "$1"; else not_ok "$1" "not as docs/phenomena.md tells: $(tail -n 1 "$place/err") $3"; fi
}

phenomenon thrashing 'Thrashing: a hot set just above the fast tier' \
    '.[1].promoted_pages > 2 * .[0].promoted_pages and .[1].demoted_pages > 100 and .[1].fast_hit_ratio < .[2].fast_hit_ratio and .[1].time_ns > .[2].time_ns'
phenomenon collapse 'Promotion collapses: the hot set moves' \
    '.[1].fast_hit_ratio < .[0].fast_hit_ratio / 2 and .[1].promoted_pages > 2 * .[0].promoted_pages and .[1].weighted_recall > 0.8 and .[1].time_ns > 0.97 * .[3].time_ns'
phenomenon stores 'A sampler that misses stores' '.[0].samples == 0 and .[0].weighted_recall == 0 and .[1].weighted_recall > 0.2'
phenomenon few_pages 'A sampler that misses all but a few pages' \
    '.[0].accessed_recall > 2 * .[1].accessed_recall and .[1].accessed_recall > 10 * .[2].accessed_recall and .[2].declared_recall < 0.1'
phenomenon scanning 'Scanning grows with memory' \
    '(.[2].pte_visits / .[2].windows) > 11 * (.[0].pte_visits / .[0].windows) and (.[2].track_ns / .[2].windows) > 3 * (.[0].track_ns / .[0].windows) and .[3].track_ns < .[2].track_ns'
phenomenon damon 'DAMON does not see the hottest pages' '.[0].weighted_recall < 0.1 and .[1].weighted_recall > 0.15 and .[2].weighted_recall < 0.6 and .[3].weighted_recall > 0.95'
phenomenon late 'Hint faults come too late' '.[1].fast_hit_ratio < .[3].fast_hit_ratio / 2 and .[2].failed_moves > 10 * .[2].promoted_pages and .[2].time_ns > .[0].time_ns'
phenomenon loaded 'A fast tier that is slower than the slow one' '.[0].time_ns < .[1].time_ns and .[2].time_ns > 1.2 * .[3].time_ns and .[2].fast_load_ns > .[3].slow_load_ns and .[5].time_ns < 0.9 * .[4].time_ns and .[5].demoted_pages > 300'
phenomenon limit_saves 'A rate limit that saves' '.[1].time_ns > 1.1 * .[0].time_ns and .[2].time_ns < 1.05 * .[0].time_ns'
phenomenon limit_starves 'A rate limit that starves' '.[1].time_ns < 0.96 * .[0].time_ns and .[2].time_ns > 0.98 * .[0].time_ns and .[2].fast_hit_ratio < .[1].fast_hit_ratio / 2'

# The experiments that tests/cli/experiment.sh leaves out, in their reduced forms.
for name in dram-size threshold ablation migration-speed migration-slowdown; do
    "$root/run-qemu.sh" -o "$place/reduced" experiment $name reduced=1 >"$place/out" 2>"$place/err" </dev/null
    status=$?
    check "reduced_$name" 0 ''
    holds "reduced_$name.figure" test -s "$place/reduced/experiments/$name-reduced/figure.png"
done
exit "$failed"
