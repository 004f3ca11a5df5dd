#!/usr/bin/env bash
# Figures that must hold: instruction budgets, the calibration, the order of the default table, the same bytes twice.
set -u
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 1
. tools/environment.sh
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT
failed=0

verdict() { # NAME STATUS WHY
    if [ "$2" -eq 0 ]; then
        echo "ok figures.$1"
    else
        echo "not ok figures.$1 # $3"
        failed=1
    fi
}

records() { cat "$out/$1"/*/records.jsonl; }
run() { # DIR ARGUMENT...
    ./run-qemu.sh "${@:2}" -o "$out/$1" >"$out/$1.txt" 2>&1
}

# Instruction counts are exact under icount, so the budgets can be asserted.
run bench bench
verdict bench_runs $? "$(tail -n 1 "$out/bench.txt")"
budget() { # NAME LIMIT
    local got
    got=$(records bench | jq -r "select(.kind == \"bench\" and .name == \"$1\") | .insns_per_op")
    awk -v got="${got:-999999}" -v limit="$2" 'BEGIN { exit !(got > 0 && got <= limit) }'
    verdict "budget.$1" $? "$got instructions, $2 allowed"
}
budget pte_visit_clean 3
budget pte_visit_accessed 8
budget page_move_batch512 700
budget page_move_log512 750
budget page_move_protect 750
budget first_touch_fault 800
budget exception_roundtrip 200
budget fault_note 200
budget page_move_transaction 800
budget page_exchange 1900
budget huge_move 135000 # a MiB of leaves of 2 MiB
budget touch_promote 1000
budget nested_pte_visit 4
budget vmrun_roundtrip 160
budget npf_note 300

# A run's own instructions agree with the bench's: visits and moves, within a tenth.
# From the start, so that no step's copies lie on one side of the measured phase and its ends on the other.
run lru run policy=lru ops=700000 warmup=0 hot=4M footprint=64M step_pages=64 window_us=1000
verdict lru_runs $? "$(tail -n 1 "$out/lru.txt")"
bench_of() { records bench | jq -r "select(.kind == \"bench\" and .name == \"$1\") | .insns_per_op"; }
within() { # NAME RUN BENCH
    awk -v a="$2" -v b="$3" 'BEGIN { exit !(a > 0.9 * b && a < 1.1 * b) }'
    verdict "$1" $? "the run has $2, the bench $3"
}

# A page that is found dirty is copied once more; a store to one that is guarded faults.
dearer() { # BENCH, the clean one, what comes on top at least, and at most so many times
    awk -v a="$(bench_of "$1")" -v b="$(bench_of "$2")" -v more="$(bench_of "$3")" -v most="$4" \
        'BEGIN { exit !(more > 0 && a > b + more && a < b + most * more) }'
    verdict "dirty.$1" $? "$(bench_of "$1") instructions, $2 $(bench_of "$2"), $3 $(bench_of "$3")"
}
dearer page_move_log512_dirty page_move_log512 page_copy 1.5
dearer page_move_transaction_dirty page_move_transaction page_copy 1.5
dearer page_move_protect_dirty page_move_protect exception_roundtrip 12

clean=$(bench_of pte_visit_clean) accessed=$(bench_of pte_visit_accessed) move=$(bench_of page_move_batch512)
read -r per_visit expected per_move < <(records lru | jq -r --argjson clean "$clean" --argjson accessed "$accessed" \
    'select(.kind == "summary") | "\(.track_insns / .pte_visits) \(($clean * (.pte_visits - .observations) + $accessed * .observations)
    / .pte_visits) \(.migrate_insns / (.promoted_pages + .demoted_pages))"')
within insns_per_visit "$per_visit" "$expected"
within insns_per_move "$per_move" "$move"

# The same bytes twice, and under another name from another place.
run again run policy=lru ops=700000 warmup=0 hot=4M footprint=64M step_pages=64 window_us=1000
cmp -s <(records lru) <(records again)
verdict same_bytes $? "two runs gave different records"

for pair in ddr4-clx+optane100-x6 ddr4-clx+ddr4-clx-remote unit+unit ddr5-spr+cxl-asic-x16; do
    run "calibrate-$pair" calibrate preset=$pair
    verdict "calibrate.$pair" $? "$(grep -iE 'fail|off|outside' "$out/calibrate-$pair.txt" | sed -n 2p)"
done
# Hits in caches have no preset to be held against: they cost what the keys say, 0, 6 and 29 ns.
records calibrate-ddr4-clx+optane100-x6 | jq -s -e 'map(select(.kind == "calibrate") | {(.name): .value}) | add |
    .l1_hit == 0 and (.l2_hit | . >= 5940 and . <= 6060) and (.llc_hit | . >= 28710 and . <= 29290)' >/dev/null
verdict calibrate.hits $? "$(grep -E '^l[12l]c?_hit' "$out/calibrate-ddr4-clx+optane100-x6.txt" | tr -s ' ' | paste -sd ,)"
# All cores of the socket reach what was measured of it.
run calibrate-all calibrate preset=ddr5-spr+cxl-asic-x16 active=40
verdict calibrate.all_cores $? "$(grep OUTSIDE "$out/calibrate-all.txt" | head -n 1)"
awk '$1 == "stream_read_fast" { found = $2 > 0.95 * 267 / 40 } END { exit !found }' "$out/calibrate-all.txt"
verdict calibrate.all_cores_fill_the_socket $? "$(grep stream_read_fast "$out/calibrate-all.txt")"

# Walks through tables in the slow tier take longer, and the program's answer is the same.
tables=(run machine=vtmm policy=all-slow footprint=16M hot=4K hot_share=0 write_share=0 ops=60000 warmup=20000)
for where in kernel slow; do
    run "tables-$where" "${tables[@]}" tables=$where
    verdict "tables_$where" $? "$(tail -n 1 "$out/tables-$where.txt")"
done
jq -s -e 'map(select(.kind == "summary")) | .[1].walk_ns > 1.5 * .[0].walk_ns and .[0].checksum == .[1].checksum' \
    "$out"/tables-kernel/*/records.jsonl "$out"/tables-slow/*/records.jsonl >/dev/null
verdict tables_in_the_slow_tier $? "walks are not dearer, or the answer is another"

run scaled calibrate latency_percent=110
verdict calibrate_sees_scaled_latency $(($? != 1)) "the model's latency was 1.1 times the preset's, and calibrate did not fail"

# The default table makes sense: order of the policies in steady state, lru near the oracle, the tracker right.
./run-qemu.sh -o "$out/table" >"$out/table.txt" 2>&1
verdict table_runs $? "$(tail -n 1 "$out/table.txt")"
steady() { records table | jq -r "select(.kind == \"summary\" and .policy == \"$1\" and .migrator != \"none\" or
    .kind == \"summary\" and .policy == \"$1\" and (\"$1\" | test(\"all-|first\"))) | .steady_ns" | head -n 1; }
fast=$(steady all-fast) clair=$(steady clairvoyant) oracle=$(steady oracle) lru=$(steady lru) first=$(steady first-touch) slow=$(steady all-slow)
[ "$fast" -lt "$clair" ] && [ "$clair" -le "$oracle" ] && [ "$oracle" -le "$lru" ] && [ "$lru" -lt "$first" ] && [ "$first" -le "$slow" ]
verdict table_order $? "steady ns: all-fast $fast clairvoyant $clair oracle $oracle lru $lru first-touch $first all-slow $slow"
[ $((lru * 10)) -le $((oracle * 12)) ]
verdict lru_near_oracle $? "steady ns: lru $lru, oracle $oracle"
# Where its pages lie is the oracle's placement within half a per cent of the requests: the rest of that time is tracking's price.
hits() { records table | jq -r "select(.kind == \"summary\" and .policy == \"$1\" and .migrator != \"none\") | .steady_hit_ratio" | head -n 1; }
awk -v lru="$(hits lru)" -v oracle="$(hits oracle)" 'BEGIN { exit !(lru > 0.5 && lru > oracle - 0.005) }'
verdict lru_places_as_oracle $? "steady hit ratio: lru $(hits lru), oracle $(hits oracle)"
records table | jq -s -e 'map(select(.kind == "summary" and .tracker == "abit"))[0] | .declared_precision > 0.9 and .declared_recall > 0.9' >/dev/null
verdict abit_declared $? "declared precision or recall of abit is not above 0.9"

# Hint faults, with a rate limit and the threshold that it leads to, gain at least half of what accessed bits do.
run settled run policy=numa-settled
time_of() { records "$1" | jq -r "select(.kind == \"summary\" and .policy == \"$2\") | .time_ns" | head -n 1; }
settled=$(time_of settled numa-settled) first=$(time_of table first-touch) lru=$(time_of table lru)
[ "$((settled * 2))" -le $((first + lru)) ] && [ "$settled" -gt 0 ]
verdict hint_faults_gain_half $? "ns: numa-settled $settled, first-touch $first, lru $lru"
exit $failed
