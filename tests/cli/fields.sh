#!/usr/bin/env bash
# Fields of the records against what a script's text implies in closed form, and against each other where one is the sum or
# the difference of others. A page holds 64 lines; caches are empty when a run begins, so that the first pass over a
# region asks memory for each of its lines once.
# shellcheck disable=SC2016 # the variables are those of jq
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"
launcher=("$root/run-qemu.sh" -o "$place/results")

record() { # name, keys
    local workload=(workload=script active=24)
    [[ $* != *workload=* ]] || workload=()
    launch run "${workload[@]}" "${@:2}"
    check "$1" 0 ''
    cat "$place/results"/*/records.jsonl >"$place/records"
    rm -rf "$place/results"
}

# name, condition over the records: $s is the summary, $r the run, $w the windows, $p the starts of phases by name
ask() {
    local got
    if ! got=$(jq -s -r 'map(select(.kind == "summary"))[0] as $s | map(select(.kind == "run"))[0] as $r | map(select(.kind == "window")) as $w |
        (map(select(.event == "phase") | {(.name): .start_ns}) | add) as $p |
        def near($a; $b; $by): $a - $b | . <= $by and . >= -$by; '"$2" "$place/records" 2>&1) || [ "$got" != true ]; then
        not_ok "$1" "$got: $(jq -c 'select(.kind == "summary")' "$place/records" | cut -c 200-900)"
    else
        ok "$1"
    fi
}

# First touch fills the fast tier, 1 MiB, with the region that is read; the one that is written lies in the slow tier, and so
# does the last, which is read and written. A region of 1 MiB is more than the caches hold, so that its second pass asks
# memory again. All is done in the order of the text: the second half of the 41984 visits has the last 3584 of the first region's.
record counts policy=first-touch fast=1M slow=16M warmup=0 window_us=100 score_windows=2 decide_windows=2 \
    script='0+1M:64:seq:read:24576;1M+1M:64:seq:write:16384;2M+64K:64:seq:rmw:1024'
ask accesses '[$s.fast_loads, $s.fast_stores, $s.slow_loads, $s.slow_stores] == [24576, 0, 1024, 17408]'
ask requests '[$s.fast_requests, $s.slow_requests] == [24576, 17408]'
ask requests_by_phase '(map(select(.event == "phase")) | map({(.name): [.fast_requests, .slow_requests]}) | add) as $at |
    [$at.verify[0] - $at.measured[0], $at.verify[1] - $at.measured[1]] == [$s.fast_requests, $s.slow_requests]'
ask hit_ratio 'near($s.fast_hit_ratio; 24576 / 41984; 0.000001)'
ask steady_hit_ratio 'near($s.steady_hit_ratio; 3584 / 20992; 0.000001)'
ask steady_is_later '$s.steady_ns > $s.time_ns / 2 and $s.steady_ns < $s.time_ns'
ask clock 'near($s.time_ns; $s.insns * $r.insn_ps / 1000 + $s.stall_ns + $s.serial_ns; 3) and $s.cpu_ns == $s.time_ns and
    near($s.workload_ns; $s.insns * $r.insn_ps / 1000 + $s.stall_ns; 3)'
ask work '$s.work == 24576 + 16384 + 1024 and $s.throughput_unit == "visits/s" and near($s.throughput; $s.work * 1e9 / $s.time_ns; $s.throughput / 100000)'
ask nothing_else '[$s.track_ns, $s.classify_ns, $s.migrate_ns, $s.fault_ns, $s.other_ns, $s.track_insns, $s.classify_insns, $s.migrate_insns,
    $s.fault_insns, $s.promoted_pages, $s.demoted_pages, $s.failed_moves, $s.fast_pages_gained, $s.slow_pages_gained, $s.observations,
    $s.pte_visits, $s.faults, $s.tlb_full_flushes, $s.tlb_page_flushes, $s.late_windows] | all(. == 0) and $r.tiers_seen == "both"'
# A line, or a unit of 256 bytes, times the 24 active cores over the preset's bandwidth; walks read a few lines more. Of the
# 272 pages written at most what the caches hold is not written back.
ask lanes 'near($s.fast_read_util * $s.time_ns; 24576 * 64 * 24 / 113; 8000) and
    near($s.slow_read_util * $s.time_ns; 17408 / 4 * 256 * 24 / 37.6; 8000) and $s.fast_write_util < 0.01 and
    $s.slow_write_util * $s.time_ns <= 17408 / 4 * 256 * 24 / 12.5 / 0.6 and $s.slow_write_util * $s.time_ns >= 15360 / 4 * 256 * 24 / 12.5 and
    $s.fast_load_ns >= 88 and $s.slow_load_ns >= 124 and $s.walk_ns > 0 and $s.entry_sets >= 528'
ask no_lane_bounds '[$s.fast_read_util + $s.fast_write_util, $s.slow_read_util, $s.slow_write_util] | all(. < 0.95) and $s.bound_by == null'
ask run_record '[$r.policy, $r.tracker, $r.workload, $r.unit] == ["first-touch", "none", "script", "visits"] and
    [$r.ops, $r.warmup, $r.footprint_bytes, $r.fast_bytes, $r.slow_bytes] == [41984, 0, 2162688, 1048576, 16777216] and
    [$r.window_us, $r.score_windows, $r.daemons] == [100, 2, 1]'
# Cycles are scored without a tracker, too, by their requests alone: nothing is lost while all is asked of the fast tier, all
# while all is asked of the slow one. One cycle at most has both.
ask placement '$w | map(select(.cycle).placement_regret) | length > 5 and .[0] == 0 and (.[2:] | all(. == 1)) and .[1] > 0'
ask sets '$w | map(select(.cycle)) | .[0].mapped_pages == 256 + 256 + 16 and all(.seen_pages == 0 and .precision == null)'

# A slow tier that takes stores at 2 GB/s bounds the run by its writes alone; DDR has one lane for both directions, of which
# neither fills it. Windows of 5 us are shorter than what the daemon needs for its look at 512 pages: all but the first are late.
record slow_writes policy=first-touch preset=ddr4-clx+optane100-x1 fast=1M slow=16M warmup=0 \
    script='0+1M:64:seq:read:8000;1M+1M:64:seq:write:16384'
ask bound_by_writes '$s.bound_by == "slow-write" and $s.slow_write_util >= 0.95 and $s.slow_read_util < 0.95'
record fast_writes policy=first-touch tracker=abit fast=4M slow=16M warmup=0 window_us=5 script='0+2M:64:seq:write:65536'
ask bound_by_both '$s.bound_by == "fast" and $s.fast_read_util < 0.95 and $s.fast_write_util < 0.95 and $s.fast_read_util + $s.fast_write_util >= 0.95'
ask late '$s.windows > 10 and $s.late_windows == $s.windows - 1'

# Memory mode: everything lies in the slow tier, and the fast one is a cache of its lines. What fits is asked of the slow tier once;
# of twice as much, in turn, each line drives another one out before it is asked for again. Each line of a second pass was written in the
# one before it, and half of all lines have to go back; those of the last MiB are still there.
record fits policy=memory-mode fast=1M slow=16M warmup=0 script='0+1M:64:seq:read:49152'
ask cache_fits '[$s.slow_loads, $s.fast_requests, $s.slow_requests, $s.memory_cache_hits, $s.memory_cache_misses, $s.memory_cache_writebacks] ==
    [49152, 32768, 16384, 32768, 16384, 0] and near($s.fast_hit_ratio; 2 / 3; 0.000001)'
record fits_not policy=memory-mode fast=1M slow=16M warmup=0 script='0+2M:64:seq:read:131072'
ask cache_thrashes '[$s.fast_requests, $s.slow_requests, $s.memory_cache_hits, $s.memory_cache_misses, $s.memory_cache_writebacks] ==
    [0, 131072, 0, 131072, 0] and $s.fast_hit_ratio == 0'
record written policy=memory-mode fast=1M slow=16M warmup=0 script='0+2M:64:seq:write:131072'
ask cache_writes_back '[$s.fast_requests, $s.memory_cache_misses, $s.memory_cache_writebacks] == [0, 131072, 131072 - 16384] and
    $s.memory_cache_hits > 131072 - 4096 and $s.memory_cache_hits < 131072'
record measured_pass policy=memory-mode fast=1M slow=16M warmup=16384 ops=16384 script='0+1M:64:seq:read:32768'
ask cache_since_warmup '[$s.memory_cache_hits, $s.memory_cache_misses] == [16384, 0]'
record several vms=2 policy=memory-mode fast=1M slow=24M warmup=16384 ops=16384 script='0+512K:64:seq:read:32768'
ask cache_of_several '$s.memory_cache_hits >= $s.fast_requests and $s.fast_requests > 0 and $s.memory_cache_misses >= $s.slow_requests and $s.slow_requests > 0'
record none policy=all-slow fast=1M slow=16M warmup=0 script='0+1M:64:seq:read:16384'
ask cache_of_its_policy_only '$s | has("memory_cache_hits") | not'

# What the run record tells of a policy that looks at one tier, of a workload's chains, and of the tiers, 88 and 305 ns from the preset.
record told workload=chase chains=3 chase_bytes=4M policy=numa-balancing ops=2000 warmup=100 fast=8M slow=16M
ask tiers_seen '$r.tiers_seen == "slow"'
ask workload_mlp '$r.workload_mlp == 3000'
ask self_check 'near($r.self_check_fast_ps; 88000; 880) and near($r.self_check_slow_ps; 305000; 6100)'

# A row of bench has its instructions at 250 ps; moving a page one by one, a shootdown of 400 ns by each of 16 cores, and a copy.
row() { # name, condition
    launch bench "$1"
    cat "$place/results"/*/records.jsonl | grep '"kind":"bench"' >"$place/row"
    rm -rf "$place/results"
    holds "bench_$1" json_says "$2" "$place/row"
}
row empty '.ops == 1 and .insns_per_op > 0 and .ns_per_op == .insns_per_op / 4'
row page_move_sync '.ops == 512 and (.ns_per_op - .insns_per_op / 4 - 6400 | . > 64 * 20 and . < 64 * 80)'
row classify_observe_lru '.ops == 4096 and .insns_per_op > 5 and .insns_per_op < 100'
row classify_next_lru '.ops == 4096 and .insns_per_op > 5 and .insns_per_op < 100'

# A warm-up of the whole first region: the measured phase has the second one alone.
record warmup policy=first-touch fast=1M slow=16M warmup=16384 ops=16384 truth=1 window_us=40 score_windows=2 decide_windows=2 \
    script='0+1M:64:seq:read:16384;1M+1M:64:seq:write:16384'
# All visits are alike, so the second half of the measured ones takes half of their time.
ask second_half 'near($s.steady_ns; $s.time_ns / 2; $s.time_ns / 10)'
ask measured_only '[$s.fast_loads, $s.fast_stores, $s.slow_loads, $s.slow_stores, $s.fast_requests, $s.slow_requests] ==
    [0, 0, 0, 16384, 0, 16384] and $s.work == 16384 and $s.fast_hit_ratio == 0'
ask truth_is_measured 'map(select(.event == "truth").pages[]) | map(.[0]) == [range(256; 512)] and all(.[1:] == [0, 64, 0, 64])'
ask phases '$p.warmup == 0 and $p.measured > 0 and near($p.verify - $p.measured; $s.time_ns; 2)'
ask cycles_anew '$w | map(select(.cycle)) | (map(.cycle) | index(1) != rindex(1)) and .[-1].cycle == $s.cycles'
ask windows_since '$s.windows >= ($w | map(select(.start_ns >= $p.measured)) | length) and $s.windows < ($w | length)'

# Accessed bits of all 512 mapped pages are looked at in each window, and a flush follows where any was set; every page has a line
# visited once, in one place of time: two passes over all, a page is hot for 64 visits of each.
record tracked policy=first-touch tracker=abit fast=1M slow=16M warmup=0 window_us=80 score_windows=3 decide_windows=3 hot_rate=1 \
    script='0+2M:64:seq:read:32768;0+2M:64:seq:write:32768'
ask visits '$s.pte_visits == 512 * $s.windows and $s.visits == 512 * 3 and $s.tlb_full_flushes <= $s.windows and
    $s.tlb_full_flushes >= $s.windows - 1'
# Each of 512 pages has its turn twice. What the last window, cut short, has seen is not told; at each window's end a page and
# the entries that the walks have set anew may count once more.
ask observations '$s.observations > 1024 - 150 and $s.observations <= 1024 + 2 * $s.windows + 2 and
    $s.observations - ($w | map(.observations) | add) <= 512 and $s.observations >= ($w | map(.observations) | add)'
ask efficiency 'near($s.visit_efficiency; $s.observations / $s.pte_visits; 0.000001)'
ask cycles '$s.cycles == ($s.windows / 3 | floor) and ($w | map(select(.cycle)) | length) == $s.cycles'
ask windows_join '[$w[:-1], $w[1:]] | transpose | all(.[0].end_ns == .[1].start_ns and .[0].window + 1 == .[1].window)'
ask windows_last '$w[-1].end_ns <= $p.verify and $w[-1].fast_requests <= $s.fast_requests and $w[-1].slow_requests <= $s.slow_requests and
    $w[-1].slow_requests > $w[0].slow_requests'
# A read bit means an access in the window: nothing stale; each accessed page is seen, and what is seen was accessed.
ask causes '$s.stale_windows == 0 and $s.repeated_weights == 0 and $s.extra_weights == 0 and $s.missed_windows == 0 and
    $s.accessed_precision == 1 and $s.accessed_recall == 1 and $s.rate_precision == 1 and $s.count_inflation == 1 and
    $s.right_windows <= $s.observations and $s.right_windows >= $s.observations - 512'
ask means '[["seen_pages", "accessed_pages", "hot_pages", "mapped_pages", "visits"][] as $key | [$s[$key], ($w | map(select(.cycle)[$key]) | add / length | floor)]] |
    all(.[0] == .[1])'
ask mean_of_scores '[["precision", "weighted_recall", "placement_regret"][] as $key | [$s[$key], ($w | map(select(.cycle)[$key]) | add / length)]] |
    all(near(.[0]; .[1]; 0.000002))'
# Each shootdown costs the program the constant, and each flush of all the daemon something beside it.
ask track_costs '$s.track_ns >= $s.track_insns * $r.insn_ps / 1000 - 1 and $s.serial_ns >= $s.windows * $r.model.shootdown_ps / 1000 and
    $s.classify_ns == 0 and $s.migrate_ns == 0 and $s.cpu_ns > $s.time_ns'
ask phases_sum '$s.cpu_ns == $s.workload_ns + $s.track_ns + $s.classify_ns + $s.migrate_ns + $s.fault_ns + $s.serial_ns + $s.other_ns'

# Half of the hot pages change again and again. Moves are bounded each way and cycle; the tracker tells true counts as weights, so
# that all accesses in closed windows are their sum: one for each (page, window) pair and what was above it.
record moves policy=clairvoyant fast=512K slow=16M warmup=0 window_us=300 score_windows=2 decide_windows=2 moves=5 truth=1 \
    script='0+512K:64:random:read:20000;1M+512K:64:random:read:20000;512K+512K:64:random:read:20000;1M+512K:64:random:read:20000'
ask moves_an_end '$s.cycles >= 10 and $s.promoted_pages <= 5 * $s.cycles and $s.demoted_pages <= 5 * $s.cycles and
    $s.promoted_pages >= 5 * $s.cycles / 2 and $s.demoted_pages >= 5 * $s.cycles / 2'
ask gained '$s.fast_pages_gained == $s.promoted_pages - $s.demoted_pages and $s.slow_pages_gained == -$s.fast_pages_gained'
ask windows_moved '$w | map(.promoted_pages) | . == sort and .[0] == 0 and .[-1] > 0 and .[-1] <= $s.promoted_pages'
ask weights '$s.right_windows == $s.observations and $s.right_windows + $s.extra_weights <= 80000 and
    $s.right_windows + $s.extra_weights > 80000 - 4000 and $s.precision == 1 and $s.weighted_recall == 1 and $s.verdict_regret == 0'
ask inflation 'near($s.count_inflation; ($s.right_windows + $s.extra_weights) / $s.observations; 1)'

# A policy that moves step by step: the moves and their cost.
record costs policy=lru fast=512K slow=16M warmup=0 window_us=1000 score_windows=4 decide_windows=4 \
    script='0+1M:64:seq:read:16384;768K+256K:64:random:rmw:200000'
ask moved '$s.promoted_pages > 10 and $s.demoted_pages > 10 and $s.fast_pages_gained == $s.promoted_pages - $s.demoted_pages'
ask copies '$s.migrate_insns > 512 * ($s.promoted_pages + $s.demoted_pages) and $s.migrate_ns >= $s.migrate_insns * $r.insn_ps / 1000 - 1 and
    $s.classify_insns > 0 and $s.cpu_ns > $s.time_ns'
ask all_phases_sum '[$s.workload_ns, $s.track_ns, $s.classify_ns, $s.migrate_ns, $s.fault_ns, $s.serial_ns] | all(. > 0) and
    add + $s.other_ns == $s.cpu_ns'
# Upwards only: the fast tier has room for all that is hot, since first touches go to the slow one.
record upwards policy=lru place=slow-first fast=512K slow=16M warmup=0 window_us=1000 score_windows=4 decide_windows=4 \
    script='0+1M:64:seq:read:16384;768K+256K:64:random:rmw:200000'
ask up '$s.promoted_pages > 10 and $s.promoted_pages > $s.demoted_pages and $s.fast_pages_gained == $s.promoted_pages - $s.demoted_pages'
exit "$failed"
