# The matrix joined with its runs, and the measures that need more than one record: docs/experiments.md lists them.
def ratio(a; b): if a == null or b == null or b == 0 then null else a / b end;
def round6: if . == null then null else . * 1000000 | round / 1000000 end;

# Cycles from which weighted recall stays at 0.9 or more up to `to`; the end of the first of them, or null.
def settled($cycles; $from; $to):
    [$cycles[] | select(.end_ns > $from and .end_ns <= $to)] |
    (map(.weighted_recall == null or .weighted_recall < 0.9) | rindex(true) // -1) as $last |
    if length == 0 or $last == length - 1 then null else .[$last + 1].end_ns end;

# Numbering starts anew with the measured phase.
def measured: (map(.cycle == 1) | rindex(true) // 0) as $first | .[$first:];

def delays:
    (.window_us * 1000 * .score_windows) as $cycle_ns | .move_ms as $every | (.cycles_list | measured) as $c |
    if $every == null or $every == 0 or ($c | length) == 0 then null else
        ($every * 1000000) as $step | $c[-1].end_ns as $until |
        [range(1; ($until / $step | floor) + 1) | . * $step |
            select(. >= $c[0].end_ns - $cycle_ns and . + $step <= $until) |
            . as $at | settled($c; $at; $at + $step) | if . == null then null else (. - $at) / $cycle_ns end] |
        {moves: length, recovered: (map(select(. != null)) | length),
         mean: (map(select(. != null)) | if length == 0 then null else add / length end)}
    end;

# How long after each move of the hot set until half of a window's requests are served fast, in ms; null: not before the next one.
def recoveries: .moves_at as $moves | .course as $course | if $moves == null then [] else [range($moves | length) | . as $i |
    $moves[$i] as $at | ($moves[$i + 1] // 1e18) as $next | select($at >= 0 and $next <= $course[-1].end_ns) |
    [$course[] | select(.start_ns >= $at and .end_ns <= $next and .fast_percent != null and .fast_percent >= 50)][0] |
    if . == null then null else (.end_ns - $at) / 1e6 end] end;

# What one core's daemon moves here stands for the machine's: durations are those of one of its `active` cores.
def moved_Bps: if .promoted_pages == null then null else (.promoted_pages + .demoted_pages) * 4096 * .active / (.time_ns / 1e9) end;

# What the tiers' lanes would let pass of the same moves: [fast read, fast write, slow read, slow write] in bytes a second. A first tier
# with one lane serves both directions in turn.
def bound_Bps: .tier_Bps as $lane | .promoted_pages as $up | .demoted_pages as $down | if ($up // 0) + ($down // 0) == 0 or any($lane[]?; . == 0 or . == null) then null else
    ($up + $down) * 4096 / ([$down * 4096 / $lane[0] + $up * 4096 / $lane[1], $up * 4096 / $lane[2], $down * 4096 / $lane[3]] | max) end;

# Of several virtual machines: how much faster each does its work than in the base's run.
def machine_speed_ups($base): . as $run |
    if $base == null or .machines == null then [] else
        [range(0; .machines) | "vm\(.)_time_ns" as $key | ratio($base[$key]; $run[$key])] end;

# Jain's index of fairness: 1 when all are equal.
def jain: if length == 0 or any(.[]; . == null) then null else ratio(add * add; length * (map(. * .) | add)) end;

def derived($base):
    machine_speed_ups($base) as $speed_ups |
    recoveries as $recoveries |
    (.track_ns + .classify_ns + .migrate_ns + .fault_ns + .serial_ns) as $direct |
    delays as $delay | (.cycles_list | measured) as $c | (if .tracker == "none" then null else .right_windows + .missed_windows end) as $pairs |
    {
        time_ms: (.time_ns / 1e6),
        relative_time: (if $base == null then null else ratio(.time_ns; $base.time_ns) end),
        stopped_percent: (if $base == null then null else ratio((.fault_ns + .serial_ns) * 100; $base.time_ns) end),
        speed_percent: (if $base == null then null else ratio(100 * $base.time_ns; .time_ns) end),
        relative_steady: (if $base == null then null else ratio(.steady_ns; $base.steady_ns) end),
        window_ms: (.window_us / 1000),
        direct_percent: (if $base == null then null else ratio($direct * 100; $base.time_ns) end),
        induced_percent: (if $base == null then null else
            ratio((.workload_ns + .other_ns - $base.workload_ns - $base.other_ns) * 100; $base.time_ns) end),
        cost_percent: (if $base == null then null else ratio((.cpu_ns - $base.cpu_ns) * 100; $base.cpu_ns) end),
        slowdown_percent: (if $base == null then null else ratio((.time_ns - $base.time_ns) * 100; $base.time_ns) end),
        tier_GBps: ([[.fast_read_util, .fast_write_util, .slow_read_util, .slow_write_util], .tier_Bps] | transpose |
            if any(.[]; any(.[]; . == null)) then null else map(.[0] * .[1] / 1e9) | add end),
        us_per_window: ratio($direct / 1000; .windows),
        ns_per_visit: ratio(.track_ns; .pte_visits),
        insns_per_visit: ratio(.track_insns; .pte_visits),
        ns_per_found: ratio($direct; .observations),
        visited_pages: ratio(.visits; .score_windows),
        seen_per_cent_of_mapped: ratio(.seen_pages * 100; .mapped_pages),
        f1: (if .accessed_precision == null or .accessed_precision + .accessed_recall == 0 then null
             else 2 * .accessed_precision * .accessed_recall / (.accessed_precision + .accessed_recall) end),
        missed_share: ratio(.missed_windows; $pairs),
        raced_share: ratio(.raced_windows; $pairs),
        stale_share: ratio(.stale_windows; $pairs),
        repeated_share: ratio(.repeated_weights; $pairs),
        extra_share: ratio(.extra_weights; $pairs),
        refills_per_window: (if $base == null then null else ratio(.tlb_walks - $base.tlb_walks; .windows) end),
        flushes: (.tlb_full_flushes + .tlb_page_flushes),
        refills: (if $base == null then null else .tlb_walks - $base.tlb_walks end),
        flushes_per_window: ratio(.tlb_full_flushes + .tlb_page_flushes; .windows),
        faults_per_window: ratio(.faults; .windows),
        faults_per_page: (ratio(.faults; .footprint_bytes) | if . then . * 4096 else null end),
        log_full_per_page: (ratio(.log_dirty; .footprint_bytes) | if . then . * 4096 / 512 else null end),
        moved_MBps: ratio(moved_Bps; 1e6), moved_pages_per_s: ratio(moved_Bps; 4096), bound_MBps: ratio(bound_Bps; 1e6),
        bound_percent: (bound_Bps as $bound | ratio(moved_Bps; $bound) | if . then . * 100 else null end),
        recover_ms: ($recoveries | map(select(. != null)) | if length == 0 then null else add / length end),
        recovered: (if $recoveries == [] then null else ($recoveries | map(select(. != null)) | length) end),
        cold_cycles: ([$c[] | select(.weighted_recall != null and .weighted_recall >= 0.9)][0].cycle),
        speed_up: (if $base == null then null else ratio($base.time_ns; .time_ns) end),
        least_speed_up: ($speed_ups | min), jain_speed_up: ($speed_ups | jain),
        vm0_speed_up: $speed_ups[0], vm1_speed_up: $speed_ups[1], vm2_speed_up: $speed_ups[2], vm3_speed_up: $speed_ups[3],
        moves_seen: $delay.moves, moves_recovered: $delay.recovered, delay_cycles: $delay.mean
    } | map_values(round6);

def words: if . == "" then {} else split(" ") | map(split("=") | {(.[0]): .[1:] | join("=")}) | add end;

($runs | INDEX(.run)) as $run |
[$matrix | rtrimstr("\n") | split("\n")[] | split("\t") |
    {set: .[0], case: .[1], axes: .[2], seed: .[3], run: .[4]}] as $cells |
($cells | map(select(.set == $base)) | INDEX("\(.case) \(.axes) \(.seed)")) as $bases |
$cells[] | . as $cell | $run[.run] as $r | ($bases["\(.case) \(.axes) \(.seed)"].run // "" | $run[.]) as $b |
{schema: "tierlab/1", kind: "experiment", experiment: $experiment, set, case, keys: (.axes | words)} +
    ($r | del(.schema, .kind, .cycles_list, .tier_Bps)) + ($r | derived($b))
