#!/usr/bin/env bash
# Several virtual machines on one processor: each verifies with the answer that it has alone, shares of the fast tier move between them, one
# that ends leaves the others as they were, and every way to be refused.
# shellcheck source=tests/cli/common disable=SC2016
. "$(dirname "$(readlink -f "$0")")/common"
launcher=("$root/run-qemu.sh" -o "$place/results")
keys=(fast=2M slow=24M warmup=5000 window_us=500 score_windows=2 decide_windows=2)
hotset=(footprint=4M hot=256K ops=20000)

records() { sed -n 's/^records: //p' "$place/out"; }
summary() { jq -r "select(.kind == \"summary\") | .$1" "$(records)"; }
machine() { jq -r "select(.kind == \"machine\" and .machine == $1) | .$2" "$(records)"; } # number, field
# shellcheck disable=SC2317 # holds calls it
said() { jq -se "$1" "$(records)" >/dev/null; } # condition on all records

expect alone 0 '' run "${keys[@]}" "${hotset[@]}"
first=$(summary checksum)
expect alone.kv 0 '' run "${keys[@]}" workload=kv size=2M seed=5 ops=3000
second=$(summary checksum)
expect alone.moving 0 '' run "${keys[@]}" "${hotset[@]}" move_ms=1
moving=$(summary checksum)
expect pair 0 '' run vms=2 "${keys[@]}" vm0=footprint:4M+hot:256K+ops:20000 vm1=workload:kv+size:2M+seed:5+ops:3000
holds pair.first test "$(machine 0 checksum)" = "$first"
holds pair.second test "$(machine 1 checksum)" = "$second"
holds pair.second_is_kv test "$(machine 1 workload) $(machine 1 seed)" = 'kv 5'
holds pair.own_time test "$(summary time_ns)" -ge "$(($(machine 0 time_ns) + $(machine 1 time_ns) - 2))"
holds pair.times_add_up test "$(summary time_ns)" -le "$(($(machine 0 time_ns) + $(machine 1 time_ns) + 2))"
holds pair.turns test "$(summary turns)" -gt 10
holds pair.table grep -Eq '^1 +kv +5 ' "$place/out"
holds pair.requests said 'map(select(.kind == "machine") | .fast_requests + .slow_requests) as $m | map(select(.kind == "summary"))[0] |
    .fast_requests + .slow_requests == ($m | add) and ($m | min) > 0'
# The launcher itself compares a repeat with the bytes that are there.
expect pair.repeated 0 '' run vms=2 "${keys[@]}" vm0=footprint:4M+hot:256K+ops:20000 vm1=workload:kv+size:2M+seed:5+ops:3000

# In the other order each asks for as much as before, but for what the order of turns does to it.
asked=$(machine 0 'fast_requests + .slow_requests')
expect swapped 0 '' run vms=2 "${keys[@]}" vm1=footprint:4M+hot:256K+ops:20000 vm0=workload:kv+size:2M+seed:5+ops:3000
holds swapped.requests test "$((10 * ($(machine 1 'fast_requests + .slow_requests') - asked)))" -lt "$asked"
holds swapped.requests_too test "$((10 * (asked - $(machine 1 'fast_requests + .slow_requests'))))" -lt "$asked"

# Accessed bits are the truth of every machine, page and window, though the one's windows cut the other's.
expect exact 0 '' run vms=2 "${keys[@]}" footprint=4M hot=256K ops=40000 daemons=0 policy=lru
holds exact.some_right test "$(summary right_windows)" -gt 1000
holds exact.none_missed test "$(summary missed_windows)" -eq 0
holds exact.none_too_many test "$(summary stale_windows)" -eq 0

# Moves leave empty entries in either machine's tables, which its own touches fill.
expect late 0 '' run vms=2 "${keys[@]}" "${hotset[@]}" hot_share=0 policy=lru tracker=none classifier=turns place=slow-first \
    remap=fault
holds late.fills said 'map(select(.kind == "machine") | .promoted_pages >= .late_fills and .late_fills > 0) == [true, true]'

# A machine whose hot set is much larger than the other's gets more of the fast tier, and never do shares exceed it.
expect utility 0 '' run vms=2 "${keys[@]}" footprint=4M hot=256K ops=100000 balance=utility policy=lru tracker=truth slice_us=100 vm0=hot:1920K vm1=hot:64K+hot_share:100+ops:300000
holds utility.verified test "$(machine 0 verified) $(machine 1 verified)" = 'true true'
# Though the other's windows cut each epoch of the model, what a window's truth was is told whole.
holds utility.truth_is_true test "$(machine 0 precision) $(machine 1 precision)" = '1 1'
holds utility.fits said 'map(select(.event == "shares")) | length > 4 and all(.[]; (.shares | add) <= 512 and (.wanted | add) <= 512)'
# A frame that one still holds is not promised to the other.
holds utility.promised_once said 'map(select(.event == "shares")) | all(.[]; ([.shares, .held] | transpose | map(max) | add) <= 512)'
holds utility.follows said 'map(select(.event == "shares" and .machine == 1)) | last | .shares[0] > 2 * .shares[1]'
holds utility.helps test "$(machine 0 mean_share_pages)" -gt 280
# Nothing waits in the other one, so that it gives frames only because it is asked for them; then its few hot pages can come up.
holds utility.asked test "$(jq -r 'select(.kind == "machine" and .machine == 1) | .fast_hit_ratio > 0.2' "$(records)")" = true
# A share that shrinks is given back by a policy that demotes only for pages that wait: frames arrive.
holds utility.given said 'map(select(.event == "shares")) | any(.[]; .held[0] > 300)'

# One that jumps to where nothing is ends, and only that one; the run fails.
expect crash 1 'machine 1: workload=hotset under policy=lru did not verify' run vms=2 "${keys[@]}" "${hotset[@]}" break=machine -v
cat "$place/out" "$place/err" >"$place/said"
holds crash.says grep -q 'machine 1 has ended: triple fault' "$place/said"
holds crash.other_lives grep -q "machine 0: .* verified, checksum ${first#0x}" "$place/said"

# One whose code is gone, so that it never returns from what it is called for, when its work is done or in a tick in the middle of it: the run
# ends by itself, and the other has the answer and the time that it has beside one that crashes.
for function in verify expired; do
    expect "$function" 1 'machine 1: workload=hotset under policy=lru did not verify' run vms=2 "${keys[@]}" "${hotset[@]}" move_ms=1 \
        call_minsns=10 break=$function-silent -v
    cat "$place/out" "$place/err" >"$place/said"
    holds "$function.says" grep -q "machine 1 has ended: did not return from $function within call_minsns=10 million instructions" "$place/said"
    holds "$function.other_lives" grep -q "machine 0: .* verified, checksum ${moving#0x}" "$place/said"
done

# Nor does one that never resumes after a pause, in turns or alone.
paused=(policy=lru window_us=500 slice_us=100 call_minsns=100 break=pause-silent -v)
expect pause 1 'machine 1 has ended: did not return from a pause within call_minsns=100 million instructions' \
    -t 60 run vms=2 fast=4M slow=32M vm0=workload:hotset+footprint:4M+hot:256K+ops:100000+warmup:20000 vm1=workload:kv+size:2M+ops:5000+warmup:500 "${paused[@]}"
cat "$place/out" "$place/err" >"$place/said"
holds pause.other_lives grep -q 'machine 0: .* verified' "$place/said"
expect pause_alone 1 'machine 0 has ended: did not return from a pause within call_minsns=100 million instructions' \
    -t 60 run vms=1 fast=4M slow=32M workload=kv size=2M ops=5000 warmup=500 "${paused[@]}"

refused foreign_key 4 'vm1=: footprint=: a key of workload=hotset' run vms=2 "${keys[@]}" "${hotset[@]}" vm1=workload:kv
refused not_a_programs 4 "vm0=: unknown key 'policy'" run vms=2 "${keys[@]}" vm0=policy:lru
refused no_such_machine 4 'vm2=: there is no such machine' run vms=2 "${keys[@]}" vm2=seed:1
refused one_has_no_balance 4 'about several machines' run vms=1 "${keys[@]}" balance=pool
refused balance_name 4 "balance=fair: unknown balance" run vms=2 "${keys[@]}" balance=fair
refused one_tier_seen 4 'does not look at both tiers' run vms=2 "${keys[@]}" balance=pool policy=tpp
refused never_demotes 4 'never takes a page out' run vms=2 "${keys[@]}" balance=pool policy=autonuma
refused shares 4 'weights are numbers' run vms=2 "${keys[@]}" shares=2:x
refused too_many_shares 4 'there are 2 machines' run vms=2 "${keys[@]}" shares=1:1:2
refused heat 4 'it follows one space' run vms=2 "${keys[@]}" heat=1
refused too_large 5 'workload=hotset needs' run vms=2 "${keys[@]}" footprint=16M
exit "$failed"
