#!/usr/bin/env bash
# The measures that need more than one run (tools/figures/measures.jq), by hand: two runs of a matrix, one of them the base.
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"

# Cycles of 2 windows of 500 us. The hot set moves every 2 ms; after the move at 2 ms recall is back at the end of the second
# cycle, 4 ms; after the one at 4 ms at once: the first cycle ends at 5 ms. The one at 6 ms lies too late to be followed.
cat >"$place/runs" <<'EOT'
{"run":"b","set":"x","window_us":500,"score_windows":2,"move_ms":2,"cycles_list":[],"tracker":"none","time_ns":1000000,
  "cpu_ns":1000000,"workload_ns":900000,"other_ns":0,"track_ns":0,"classify_ns":0,"migrate_ns":0,"fault_ns":0,"serial_ns":0,"windows":10,
  "tlb_walks":100,"pte_visits":0,"track_insns":0,"observations":0,"seen_pages":0,"mapped_pages":120,"tlb_full_flushes":0,
  "tlb_page_flushes":0}
{"run":"r","window_us":500,"score_windows":2,"move_ms":2,"tracker":"abit","time_ns":1200000,"cpu_ns":1500000,"workload_ns":950000,
  "other_ns":30000,"track_ns":1000,"classify_ns":2000,"migrate_ns":3000,"fault_ns":4000,"serial_ns":10000,"windows":10,"tlb_walks":150,
  "pte_visits":400,"track_insns":1200,"observations":50,"visits":80,"seen_pages":30,"mapped_pages":120,"accessed_precision":0.8,
  "accessed_recall":0.4,"right_windows":60,"missed_windows":20,"raced_windows":4,"stale_windows":8,"repeated_weights":12,"extra_weights":16,
  "tlb_full_flushes":20,"tlb_page_flushes":5,"faults":70,"footprint_bytes":204800,"log_dirty":64,
  "cycles_list":[{"cycle":1,"start_ns":0,"end_ns":500000,"weighted_recall":0.95},{"cycle":1,"start_ns":500000,"end_ns":1500000,"weighted_recall":0.5},
   {"cycle":2,"end_ns":2000000,"weighted_recall":0.9},{"cycle":3,"end_ns":3000000,"weighted_recall":0.3},{"cycle":4,"end_ns":4000000,"weighted_recall":0.92},
   {"cycle":5,"end_ns":5000000,"weighted_recall":0.93},{"cycle":6,"end_ns":6000000,"weighted_recall":0.94},{"cycle":7,"end_ns":7000000,"weighted_recall":null}]}
EOT
# After the move at 4 ms recall is back at 6 ms, falls again, and stays only from 8 ms on.
jq -c 'select(.run == "r") | .run = "f" | .move_ms = 4 | .cycles_list = [[0.95, 0.95, 0.95, 0.95, 0.5, 0.95, 0.4, 0.95] | to_entries[] |
    {cycle: (.key + 1), start_ns: (.key * 1000000), end_ns: ((.key + 1) * 1000000), weighted_recall: .value}]' "$place/runs" >"$place/falls"
cat "$place/falls" >>"$place/runs"
printf 'off\t-\tops=1\t1\tb\nabit\t-\tops=1\t1\tr\nfalls\t-\tops=1\t1\tf\n' >"$place/matrix"
if ! jq -nc --slurpfile runs "$place/runs" --rawfile matrix "$place/matrix" --arg base off --arg experiment small \
    -f "$root/tools/figures/measures.jq" >"$place/out" 2>"$place/err"; then
    not_ok joined "$(head -n 1 "$place/err")"
fi

value() { # measure, wanted
    local got
    got=$(jq -r "select(.run == \"r\") | .$1 | tostring" "$place/out")
    if [ "$got" = "$2" ]; then ok "$1"; else not_ok "$1" "want $2, got $got"; fi
}
value time_ms 1.2
value window_ms 0.5
value direct_percent 2     # 20000 of the base's 1000000
value induced_percent 8    # 950000 + 30000 - 900000
value cost_percent 50      # of cpu_ns
value slowdown_percent 20  # of time_ns
value us_per_window 2      # 20 us, ten windows
value ns_per_visit 2.5     # 1000 / 400
value insns_per_visit 3
value ns_per_found 400     # 20000 / 50
value visited_pages 40     # 80 a cycle of two windows
value seen_per_cent_of_mapped 25
value f1 0.533333          # 2 x 0.32 / 1.2
value missed_share 0.25    # of 60 + 20
value raced_share 0.05
value stale_share 0.1
value repeated_share 0.15
value extra_share 0.2
value refills_per_window 5
value refills 50
value flushes 25
value flushes_per_window 2.5
value faults_per_window 7
value faults_per_page 1.4     # 70 of 50 pages
value log_full_per_page 0.0025 # 64 / 512 of an exit
value cold_cycles 2        # the measured phase begins with the last cycle numbered 1
value moves_seen 2
value moves_recovered 2
value delay_cycles 1.5     # (2 + 1) / 2
holds recovered_for_good test "$(jq -r 'select(.run == "f") | .delay_cycles' "$place/out")" = 4
# Ranking by hand: geometric means 2 and 1.5; a is better in one column, b in the other; against t it loses 100 and 0 %.
ranked() { # column and order of the table of records by hand
    printf '{"set":"%s","case":"%s","keys":{},"uses_truth":%s,"v":%s}\n' a p false 1 a q false 4 b p false 1.5 b q false 1.5 t p true 1 t q true 2 base p false 9 base q false 9 |
        jq -rs --arg base base --arg y v --arg against t -f "$root/tools/figures/ranking.jq"
}
holds ranking test "$(ranked)" = "$(printf '%s\n' $'set\trank\tmean\tmean rank\tregret %\tworst %\tleast\tin\tmost\tin' -- \
    $'b\t1\t1.500\t1.5\t6.1\t50.0\t1.50\tp\t1.50\tq' $'a\t2\t2.000\t1.5\t41.4\t100.0\t1.00\tp\t4.00\tq' -- $'t\t-\t1.414\t-\t0.0\t0.0\t1.00\tp\t2.00\tq')"
# Two seeds: a and b change places between them, c is last in both, and t has no rank.
places() {
    printf '{"set":"%s","seed":%s,"case":"p","keys":{},"uses_truth":%s,"v":%s}\n' a 1 false 1 b 1 false 2 c 1 false 4 t 1 true 0.5 a 2 false 2 b 2 false 1.5 c 2 false 4 t 2 true 0.5 |
        jq -rs --arg base base --arg y v --arg against t -f "$root/tools/figures/ranking.jq" | cut -f 1,2
}
holds ranking_of_seeds test "$(places | tail -n +3 | paste -sd ' ')" = $'a\t1-2 b\t1-2 c\t3 -- t\t-'

holds ranking_of_none test "$(printf '{"set":"base","seed":1,"case":"p","keys":{},"uses_truth":false,"v":9}' |
    jq -rs --arg base base --arg y v --arg against '' -f "$root/tools/figures/ranking.jq" | wc -l)" -eq 2

# A course by hand: a window before the measured phase and one that its begin cuts short, two windows in it and one that its end cuts short, a
# move at 10 ms; half is served fast again at its end. Page 1
# goes up, down and up again, page 2 up: two of four moves take one back; what moved before, and what did not, does not count.
course() {
    printf '%s\n' '{"kind":"run","run":"r","window_us":5000,"score_windows":1,"keys":{"move_ms":10},"model":{"active":2,"fast":{"read_Bps":0,"write_Bps":0},"slow":{"read_Bps":0,"write_Bps":0}}}' \
        '{"kind":"window","run":"r","start_ns":0,"end_ns":4000000,"fast_requests":4,"slow_requests":0}' \
        '{"kind":"event","run":"r","event":"phase","name":"measured","start_ns":5000000,"fast_requests":10,"slow_requests":0}' \
        '{"kind":"window","run":"r","start_ns":5000000,"end_ns":10000000,"fast_requests":5010,"slow_requests":5000}' \
        '{"kind":"window","run":"r","start_ns":10000000,"end_ns":15000000,"fast_requests":6010,"slow_requests":9000}' \
        '{"kind":"window","run":"r","start_ns":15000000,"end_ns":20000000,"fast_requests":10010,"slow_requests":13000}' \
        '{"kind":"event","run":"r","event":"phase","name":"verify","start_ns":22000000,"fast_requests":11010,"slow_requests":14000}' \
        '{"kind":"event","run":"r","event":"orders","orders":[[1,"fast",0,1,1,4000000,"moved"],[1,"slow",0,1,1,6000000,"moved"],[1,"fast",0,1,1,7000000,"moved"],[2,"fast",0,1,1,8000000,"moved"],[1,"slow",0,1,1,9000000,"moved"],[2,"slow",0,1,1,9000000,"no_room"]]}' \
        '{"kind":"summary","run":"r","tracker":"none","time_ns":16384000,"seen_pages":0,"track_ns":0,"classify_ns":0,"migrate_ns":0,"fault_ns":0,"serial_ns":0,"promoted_pages":1,"demoted_pages":3}' |
        jq -nc -L "$root/tools/figures" --argjson course true -f "$root/tools/figures/gather.jq" >"$place/course"
    jq -nc --arg experiment t --arg base '' --rawfile matrix <(printf 's\t-\t\t1\tr\n') --slurpfile runs "$place/course" -f "$root/tools/figures/measures.jq"
}
course >"$place/course.json"
holds course json_says '[.course[] | .Mrequests, .fast_percent] == [2, 50, 1, 20, 1.6, 50, 1, 50] and .moves_at == [5e6, 15e6]' "$place/course.json"
holds course_recovers json_says '.recover_ms == 10 and .recovered == 1' "$place/course.json"
holds course_undone json_says '.undone_percent == 50' "$place/course.json"
holds moved json_says '.moved_MBps == 2 and .moved_pages_per_s == 488.28125 and .bound_MBps == null' "$place/course.json"
exit "$failed"
