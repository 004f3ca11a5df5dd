#!/usr/bin/env bash
# A tracker in the machine (scan=in-guest): it is exact, its program pays for it, and what it flushes is walked to again.
# shellcheck source=tests/cli/common
. "$(dirname "$(readlink -f "$0")")/common"
launcher=("$root/run-qemu.sh" -o "$place/results")
keys=(fast=2M slow=12M footprint=8M hot=1M warmup=50000)

summary() { jq -r "select(.kind == \"summary\") | .$1" "$(sed -n 's/^records: //p' "$place/out")"; }

# No page is missed, stale or raced, also where a daemon works for the host; the program pays, not the daemon.
inside=(vms=1 scan=in-guest "${keys[@]}" window_us=100 ops=200000 policy=first-touch tracker=abit)
for daemons in 0 1; do
    expect $daemons 0 '' run "${inside[@]}" daemons=$daemons
    holds $daemons.some_right test "$(summary right_windows)" -gt 10000
    for cause in missed stale raced; do
        holds $daemons.none_$cause test "$(summary ${cause}_windows)" -eq 0
    done
    holds $daemons.one_flush test "$(summary tlb_full_flushes)" -le "$(summary windows)"
done
holds program_pays test $((2 * ($(summary cpu_ns) - $(summary time_ns)))) -lt "$(summary track_ns)"
# Two exits a window, dearer than all else that serialises.
expect exits 0 '' run "${inside[@]}" exit_ns=20000
holds exits.two test "$(summary serial_ns)" -ge $((2 * 20000 * $(summary windows)))
holds exits.no_more test "$(summary serial_ns)" -lt $((3 * 20000 * $(summary windows)))
# Every page that one of the machine's 16 processors flushes interrupts each of them, or, of one alone, nobody: 400 ns.
pages=(vms=1 scan=in-guest "${keys[@]}" window_us=1000 ops=20000 policy=first-touch tracker=abit flush=page)
expect shootdowns 0 '' run "${pages[@]}"
received=$(summary tlb_page_flushes)
holds shootdowns.some test "$received" -gt 1000
holds shootdowns.each test "$(summary serial_ns)" -ge $((received * 16 * 400))
expect alone 0 '' run "${pages[@]}" guest_shootdown=none
holds alone.none test "$(summary serial_ns)" -lt $(($(summary tlb_page_flushes) * 400))
expect dbit 0 '' run vms=1 scan=in-guest "${keys[@]}" window_us=100 ops=100000 policy=first-touch tracker=dbit
holds dbit.some_right test "$(summary right_windows)" -gt 10000
holds dbit.none_too_many test $(($(summary stale_windows) + $(summary raced_windows))) -eq 0

# What it flushes is walked to again: 32 hot pages, which the TLB of 64 entries holds.
hot=(vms=1 scan=in-guest fast=8M slow=16M footprint=8M hot=128K hot_share=100 window_us=1000 score_windows=4 ops=100000 policy=first-touch tracker=abit)
walks=() missed=() pages=() seen=()
for flush in none page full; do
    expect flush_$flush 0 '' run "${hot[@]}" flush=$flush
    walks[${#walks[@]}]=$(($(summary tlb_walks) / $(summary windows)))
    missed[${#missed[@]}]=$(summary missed_windows)
    pages[${#pages[@]}]=$(summary tlb_page_flushes)
    seen[${#seen[@]}]=$(summary observations)
done
holds unflushed_misses test "${missed[0]}" -gt 0
holds flushed_misses_none test $((missed[1] + missed[2])) -eq 0
holds page_walks_again test $((walks[1] - walks[0])) -ge 16
holds full_walks_again test $((walks[2] - walks[0])) -ge 16
holds page_each test "${pages[1]}" -ge "${seen[1]}"
holds full_no_page test $((pages[0] + pages[2])) -eq 0

# One whose tracker never returns ends, and the run with it.
expect silent 1 'machine 0 has ended: did not return from look within call_minsns=10 million instructions' run "${inside[@]}" call_minsns=10 break=look-silent -v

refused tracker 4 'has no half' run vms=1 scan=in-guest policy=first-touch tracker=mlq "${keys[@]}"
refused no_tracker 4 'tracker=none has no half' run vms=1 scan=in-guest policy=first-touch "${keys[@]}"
# Baselines, which track nothing or read the truth, stand beside it.
expect compare 0 '' compare vms=1 scan=in-guest policy=lru fast=2M slow=12M footprint=4M hot=1M ops=20000 warmup=5000
for row in all-fast lru first-touch all-slow oracle; do
    holds compare.$row grep -qE "^$row\\*? " "$place/out"
done
refused several 4 'vms=1 has one' run vms=2 scan=in-guest policy=lru "${keys[@]}"
exit "$failed"
