#!/usr/bin/env bash
# A run in a virtual machine: the same answers as without, and every way to be refused.
# shellcheck source=tests/cli/common
. "$(dirname "$(readlink -f "$0")")/common"
launcher=("$root/run-qemu.sh" -o "$place/results")
keys=(fast=2M slow=12M footprint=8M hot=1M warmup=50000)

summary() { jq -r "select(.kind == \"summary\") | .$1" "$(sed -n 's/^records: //p' "$place/out")"; }

expect plain 0 '' run "${keys[@]}" ops=100000 window_us=500
sum=$(summary checksum)
expect half 0 '' run "${keys[@]}" ops=50000 window_us=500
half_sum=$(summary checksum)
expect machine 0 '' run vms=1 "${keys[@]}" ops=100000 window_us=500
holds machine.checksum test "$(summary checksum)" = "$sum"
holds machine.moved_pages test "$(summary promoted_pages)" -gt 0
# Every page of the arena is populated by a call of its own, and most others by a fault.
holds machine.calls test "$(summary vm_hypercalls)" -gt 2048
holds machine.faults test "$(summary vm_nested_faults)" -gt 0
# The launcher itself compares a repeat with the bytes that are there.
expect machine.repeated 0 '' run vms=1 "${keys[@]}" ops=100000 window_us=500
# Walks are two-dimensional and go to memory, unless their price is constant.
holds walks.memory test "$(summary walk_misses)" -gt 0
walk_ns=$(summary walk_ns)
expect walks.plain 0 '' run "${keys[@]}" ops=100000 window_us=500
holds walks.longer test "$walk_ns" -gt "$(summary walk_ns)"
expect walks.constant 0 '' run vms=1 walk=constant "${keys[@]}" ops=100000 window_us=500
holds walks.none_read test "$(summary walk_misses)" -eq 0

# Policies of other kinds: hint faults and transactions, samples, a queue and a log.
for policy in nomad hemem vtmm; do
    expect "$policy" 0 '' run vms=1 policy=$policy "${keys[@]}" ops=50000 window_us=500 decide_windows=2
    holds "$policy.checksum" test "$(summary checksum)" = "$half_sum"
done

# Nested accessed bits are the truth of every page and window, also where ticks cut the machine: no miss, none too many.
expect exact 0 '' run vms=1 "${keys[@]}" window_us=100 ops=400000 daemons=0 policy=lru
holds exact.windows test "$(summary windows)" -ge 100
holds exact.ticks test "$(summary vm_interrupts)" -ge "$(summary windows)" # each window begins at a tick, which ends a slice
holds exact.some_right test "$(summary right_windows)" -gt 10000
holds exact.none_missed test "$(summary missed_windows)" -eq 0
holds exact.none_too_many test "$(summary stale_windows)" -eq 0

# So are the machine's own. The walks of its tables set no bit of the tables' pages in them; that they were walked through is told by the
# entries in them, so that both see the same of the machine's first pages, but for what ticks cut in two.
nested_sees=$(summary vm_system_observations)
expect guest 0 '' run vms=1 scan=guest "${keys[@]}" window_us=100 ops=400000 daemons=0 policy=lru
holds guest.some_right test "$(summary right_windows)" -gt 10000
holds guest.none_missed test "$(summary missed_windows)" -eq 0
holds guest.none_too_many test "$(summary stale_windows)" -eq 0
holds guest.sees_tables test "$(summary vm_system_observations)" -gt $((nested_sees * 49 / 50))
sees_tables=$(summary vm_system_observations)
holds guest.no_table_twice test "$(summary vm_system_observations)" -lt $((nested_sees * 51 / 50))
expect unseen 0 '' run vms=1 scan=guest table_pages=unseen "${keys[@]}" window_us=100 ops=400000 daemons=0 policy=lru
holds unseen.no_tables test "$(summary vm_system_observations)" -lt $((sees_tables * 3 / 4))

# The log spares tables that no walk came through: the machine has seven, the program and its data lie in two or three.
expect guest_log 0 '' run vms=1 scan=guest-log "${keys[@]}" window_us=100 ops=400000 daemons=0 policy=first-touch \
    tracker=abit layout=low hot_share=100
holds guest_log.some_right test "$(summary right_windows)" -gt 10000
holds guest_log.none_missed test "$(summary missed_windows)" -eq 0
holds guest_log.none_too_many test "$(summary stale_windows)" -eq 0
holds guest_log.spares test "$(summary pte_visits)" -lt $(($(summary windows) * 3 * 512))
holds guest_log.entries test "$(summary vm_log_entries)" -gt "$(summary windows)"
holds guest_log.never_full test "$(summary vm_log_full)" -eq 0

# What a move leaves: with remap=fault an empty entry, which the program's next touch of the page fills by an exit. Most pages are touched
# again before the run ends, and none is filled that was not moved. The data is what it was.
moved=(fast=8M slow=8M footprint=4M hot=1M ops=100000 warmup=0 window_us=500 decide_windows=1 step_pages=64 policy=lru tracker=none
    classifier=turns place=slow-first hot_share=0)
for migrator in sync batch protect log; do
    expect "now.$migrator" 0 '' run vms=1 "${moved[@]}" migrator=$migrator
    sum=$(summary checksum)
    holds "now.$migrator.no_fills" test "$(summary late_fills)" = null
    holds "now.$migrator.faults" test "$(summary faults)" -lt "$(summary promoted_pages)"
    expect "late.$migrator" 0 '' run vms=1 "${moved[@]}" migrator=$migrator remap=fault
    holds "late.$migrator.checksum" test "$(summary checksum)" = "$sum"
    fills=$(summary late_fills)
    pages=$(summary promoted_pages)
    holds "late.$migrator.fills" test "$((2 * fills))" -gt "$pages" -a "$fills" -le "$pages"
    holds "late.$migrator.faults" test "$(summary faults)" -ge "$fills"
    holds "late.$migrator.costs" test "$(summary fault_ns)" -gt $((fills * 560)) # exit_ns each, and the handler
done
expect late.fault 0 '' run vms=1 policy=nomad "${keys[@]}" ops=50000 window_us=500 decide_windows=2 remap=fault
holds late.fault.checksum test "$(summary checksum)" = "$half_sum"

# Pauses, phases, texts and ratios of a report, SSE, a heap beside the arena.
expect kv 0 '' run vms=1 workload=kv size=4M fast=2M slow=14M warmup=1000 ops=4000
sum=$(summary checksum)
holds kv.report test "$(summary vm_hypercalls)" -gt 8000
expect kv.plain 0 '' run workload=kv size=4M fast=2M slow=14M warmup=1000 ops=4000
holds kv.checksum test "$(summary checksum)" = "$sum"
# What its checks read and write beside the arena, while the program is paused, is no part of the comparison.
expect kv.exact 0 '' run vms=1 workload=kv size=4M fast=2M slow=14M warmup=1000 ops=8000 policy=lru daemons=0 window_us=500
holds kv.some_right test "$(summary right_windows)" -gt 5000
holds kv.none_missed test "$(summary missed_windows)" -eq 0
holds kv.none_too_many test "$(summary stale_windows)" -eq 0
# Nor does a warm-up that ends within its first window leave bits to the first measured one.
expect short_warmup 0 '' run vms=1 workload=kv size=4M fast=2M slow=12M ops=2000 warmup=200 window_us=200 daemons=0 policy=first-touch tracker=abit
holds short_warmup.some_right test "$(summary right_windows)" -gt 1000
holds short_warmup.none_too_many test "$(summary stale_windows)" -eq 0

refused small 4 'needs 8192 KiB and its machine' run vms=1 fast=2M slow=6M footprint=8M hot=1M
refused other_work 4 'only run and compare' bench vms=1
printf 'p min 2 1\nn 1 1\nn 2 -1\na 1 2 0 1 1\n' >"$place/problem"
refused input 4 'a machine reads no file' run vms=1 workload=mcf input="$place/problem"
refused guest.tracker 4 'does not scan' run vms=1 scan=guest policy=first-touch tracker=hint "${keys[@]}"
refused guest_log.no_flush 4 'names too few' run vms=1 scan=guest-log policy=lru flush=none "${keys[@]}"
refused guest.no_machine 4 'vms=1 has one' run scan=guest "${keys[@]}"
refused late.no_machine 4 'vms=1 has them' run remap=fault "${keys[@]}"
refused no_svm 5 'no AMD virtualization' run vms=1 "${keys[@]}" -- -cpu max,-svm
refused self_test 5 'a machine that reads leaves A and D in the nested entry' run vms=1 "${keys[@]}" break=ad-bits
exit "$failed"
