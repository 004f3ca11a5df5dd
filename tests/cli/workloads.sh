#!/usr/bin/env bash
# One seed, one answer: every workload, small, gives the checksum of its host build under a policy that never moves, under lru at
# full speed and under the oracle, with fast tiers of a third, a ninth and a seventeenth. tests/long/workloads.sh has the whole matrix.
# shellcheck source=tests/cli/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"
# shellcheck source=tests/matrix
. "$root/tests/matrix"

names=$(workload_names)
holds some_workloads test "$(wc -w <<<"$names")" -ge 4
# Machines that hold 24 MiB; moving as fast as can be: short windows, a decision at the end of each, large steps.
for workload in $names; do
    [ -n "$(small_keys "$workload")" ] || { not_ok "$workload.has_small_keys" 'no line in tests/workloads.small' && continue; }
    echo "$workload still policy=first-touch fast=8M slow=16M"
    echo "$workload lru policy=lru fast=2M slow=22M window_us=200 cycle=1 lru_streak=1 step_pages=512"
    echo "$workload oracle policy=oracle fast=1M slow=23M window_us=1000 cycle=1"
done >"$place/cells"
run_cells "$place" <"$place/cells" >"$place/answers"
judge_cells "$place/answers" "$names"
exit "$failed"
