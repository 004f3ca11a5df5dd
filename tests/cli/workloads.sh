#!/usr/bin/env bash
# One seed, one answer: every workload, small, gives the checksum of its host build under a policy that never moves, under lru at
# full speed and under the oracle, with fast tiers of a third, a ninth and a seventeenth. tests/long/workloads.sh has the whole matrix.
# shellcheck source=tests/cli/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"
# shellcheck source=tests/matrix
. "$root/tests/matrix"

# What the chosen program does not read is refused, not ignored: so each of a workload's keys tells whose it is.
names=$(workload_names)
"$root/run-qemu.sh" list >"$place/list" 2>/dev/null </dev/null
nameless=$(cat "$root"/workloads/*.c "$root"/workloads/*/*.c | tr '\n' ' ' | grep -oE 'KEY_(NUMBER|SIZE|TEXT)\( *[a-z0-9_]+, *"[a-z0-9_]+"' | sed 's/.*"\(.*\)"/\1/' | while read -r key; do
    owner=$(sed -n "s/^  $key  *\([a-z0-9-]*\**\): .*/\1/p" "$place/list")
    # shellcheck disable=SC2053,SC2254 # the owner is a pattern
    for name in $names; do case $name in $owner) continue 2 ;; esac; done
    echo "$key"
done)
holds keys_have_owners test -z "$nameless"
launcher=("$root/build/native/tierlab")
refused foreign_key 4 'footprint=: a key of workload=hotset, which workload=kv does not read' workload=kv footprint=1M
refused foreign_family 4 'gap_scale=: a key of workload=gap-.*, which workload=hotset' gap_scale=7
refused foreign_relative 4 'gap_relabel=: a key of workload=gap-tc, which workload=gap-pr' workload=gap-pr gap_relabel=never
expect shared_key 0 '' workload=gap-pr gap_scale=7 gap_graph=u
echo nothing >"$place/file"
refused foreign_file 4 'workload=gups reads no file' workload=gups input="$place/file"
launcher=("$root/run-qemu.sh")
refused guest.foreign_key 4 'g500_roots=: a key of workload=graph500-.*, which workload=gap-pr' run workload=gap-pr g500_roots=4
refused guest.foreign_file 4 'workload=gups reads no file' run workload=gups input="$place/file"

holds some_workloads test "$(wc -w <<<"$names")" -ge 4
# Machines that hold 24 MiB; moving as fast as can be: short windows, a decision at the end of each, large steps.
for workload in $names; do
    [ -n "$(small_keys "$workload")" ] || { not_ok "$workload.has_small_keys" 'no line in tests/workloads.small' && continue; }
    echo "$workload still policy=first-touch fast=8M slow=16M"
    echo "$workload lru policy=lru fast=2M slow=22M window_us=200 score_windows=1 decide_windows=1 lru_streak=1 step_pages=512"
    echo "$workload oracle policy=oracle fast=1M slow=23M window_us=1000 score_windows=1 decide_windows=1"
done >"$place/cells"
run_cells "$place" <"$place/cells" >"$place/answers"
judge_cells "$place/answers" "$names"
exit "$failed"
