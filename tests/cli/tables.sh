#!/usr/bin/env bash
# The tables that the launcher makes of records.
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"
use_fake

rows() { # first words of the table's rows
    awk '/^-/ { body = 1 } body && !/^-/ { print $1 }' "$place/out" | paste -sd ' ' -
}

expect compare 0 '' compare
holds default_rows test "$(rows)" = 'all-fast lru first-touch all-slow with clairvoyant oracle'
cp "$place/out" "$place/first"
expect one_at_a_time 0 '' compare -j 1
holds order_is_fixed cmp "$place/first" "$place/out"
holds width test "$(awk '{ if (length > n) n = length } END { print n }' "$place/out")" -le 110
holds kept cmp "$place/out" "$place/results/table.txt"
holds no_tracker_no_score grep -Eq '^first-touch +2.000 .* - +- +- +- +100 +90$' "$place/out"
holds head grep -q 'preset ddr4-clx+optane100-x6, fast 32 MiB, slow 192 MiB' "$place/out"
holds rate_unit grep -q '^workload hotset, seed 1, rate in M ops/s, clock modelled' "$place/out"
expect run 0 '' run
holds run_throughput grep -Eq '^  throughput +76.923 M ops/s$' "$place/out"
holds run_own_results test "$(grep -A 1 '^  own_share' "$place/out" | tr -s ' ')" = $' own_share 0.250\n own_text abc'
# Beyond what a double holds: 2^53 + 1, and the largest.
expect run_large_seed 0 '' run seed=9007199254740993
holds large_seed_is_whole grep -q '^workload hotset, seed 9007199254740993, ' "$place/out"
expect compare_large_seed 0 '' compare seed=18446744073709551615
holds largest_seed_is_whole grep -q '^workload hotset, seed 18446744073709551615, ' "$place/out"

expect compare_one 0 '' compare policy=fifo
holds baselines_beside test "$(rows)" = 'all-fast fifo first-touch all-slow with oracle'
expect compare_all 0 '' compare policy=all
holds all_from_the_image test "$(rows)" = 'all-fast lru fifo first-touch all-slow with oracle'
expect no_model 0 '' compare --no-model
holds no_truth_without_model test "$(rows)" = 'all-fast lru first-touch all-slow'
FAKE=fail FAKE_POLICY=lru expect one_fails 1 'policy=lru ended with status 1' compare
holds others_shown test "$(rows)" = 'all-fast first-touch all-slow with clairvoyant oracle'
FAKE=skip FAKE_POLICY=lru expect one_skipped 0 'not on this machine' compare

# A policy that did not act, and one that bandwidth bounds, are told in a line each.
holds silent_otherwise test -z "$(grep '^[!*] ' "$place/first")"
rm -rf "$place/results"
FAKE_POLICY=lru FAKE_FIELDS='"acted":false,"bound_by":"slow-write",' expect compare_told 0 '' compare
holds told_of_no_moves grep -qx '! moved no page since its start, though its tracker reported pages: lru' "$place/out"
holds told_of_bound grep -q '^\* bound by a lane .*: lru (slow-write)$' "$place/out"
holds marked_as_bound grep -q '^lru\* ' "$place/out"
rm -rf "$place/results"

expect bench 0 '' bench
holds bench_row grep -Eq '^empty +1000 +2.50 +0.62' "$place/out"
expect calibrate 0 '' calibrate
holds calibrate_row grep -Eq '^idle_latency_fast +88.000 ns +88.000 ns +\+0.00 +2 +ok' "$place/out"
FAKE_LATENCY=96800 expect calibrate_outside 1 '' calibrate seed=2
holds calibrate_verdict grep -Eq '^idle_latency_fast .* \+10.00 +2 +OUTSIDE' "$place/out"
expect list 0 '' list
holds list_policies grep -Eq '^  fifo' "$place/out"
holds list_workload grep -Eq '^  hotset +a program \[2000 ops after 500; words/s; mlp 10.5; macro: 64 MiB, 1000 after 0\]$' "$place/out"
holds list_words grep -Eq '^  walk .*\[(memory|constant)\]$' "$place/out"
holds list_presets grep -Eq '^  optane100-x6' "$place/out"

# A dry run starts nothing and leaves nothing.
expect dry_run 0 '' compare -n
holds dry_run_prints grep -q 'memory-backend-ram' "$place/out"
# A named machine is a set of keys, of which the user's own win; it is no machine of QEMU's.
"${launcher[@]}" -n run machine=vtmm l2=64K >"$place/out" 2>&1
holds machine_key grep -qx walk=nested "$place/out"
holds machine_key_of_the_user test "$(grep '^l2=' "$place/out")" = l2=64K
holds machine_of_qemu grep -q -- '-M pc,' "$place/out"
refused machine_without_model 4 'machine=vtmm is a set' run --no-model machine=vtmm
expect machine_listed 0 '' list
holds machine_in_the_list grep -Eq '^  vtmm +vTMM .*\[preset=.* walk=nested ' "$place/out"
# A part that is swapped is not swapped in the baselines.
"${launcher[@]}" -n compare policy=fifo migrator=batch >"$place/out" 2>&1
holds parts_once test "$(grep -cx migrator=batch "$place/out")" -eq 1
"${launcher[@]}" -n run policy=all-fast >"$place/out" 2>&1
holds all_fast_machine grep -q 'id=m1,size=4194304 ' "$place/out"
"${launcher[@]}" -n run policy=all-slow >"$place/out" 2>&1
holds all_slow_machine grep -q 'id=m1,size=236978176 ' "$place/out"
"${launcher[@]}" run -n policy=lru -- -d int >"$place/out" 2>&1
holds qemu_arguments grep -q -- ' -d int $' "$place/out"

exit "$failed"
