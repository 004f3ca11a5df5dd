#!/usr/bin/env bash
# One seed, one answer, the whole matrix: every workload, small, under every policy and migrator at full speed, with three ratios of
# fast to slow memory, on the machine's own QEMU and on QEMU 10. Then the defaults and size=macro: they verify.
# shellcheck source=tests/long/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"
# shellcheck source=tests/matrix
. "$root/tests/matrix"

flock -F "$root" make -s -C "$root" native >/dev/null 2>"$place/err" || not_ok native "$(head -n 1 "$place/err")"
dir=$root/build/qemu10
qemus=("$(command -v qemu-system-x86_64)")
if [ -x "$dir/qemu-system-x86_64" ] || "$root/tools/get-qemu" bookworm-backports "$dir" >"$place/get" 2>&1; then
    qemus+=("$dir/qemu-system-x86_64")
else
    skip qemu10 "no QEMU 10: $(tail -n 1 "$place/get")"
fi
names=$(workload_names)
mapfile -t policies < <("$root/run-qemu.sh" list 2>/dev/null </dev/null |
    awk '/^[^ ]/ { kind = $1 } kind == "policy" && /^ / && $1 !~ /^broken/ && !/for tests/ { print $1 }')
holds some_policies test ${#policies[@]} -ge 6
fast='window_us=200 score_windows=1 decide_windows=1 step_pages=512' # moving as fast as can be

for qemu in "${qemus[@]}"; do
    for workload in $names; do
        for sizes in 'fast=8M slow=16M' 'fast=3M slow=24M' 'fast=1M slow=23M'; do
            for policy in "${policies[@]}"; do
                echo "$workload $policy:${sizes%% *}:${qemu##*/} policy=$policy $sizes $fast --qemu $qemu"
            done
            for migrator in sync ideal; do
                echo "$workload $migrator:${sizes%% *}:${qemu##*/} policy=lru lru_streak=1 migrator=$migrator $sizes $fast --qemu $qemu"
            done
        done
    done
done >"$place/cells"
holds whole_matrix test "$(wc -l <"$place/cells")" -ge $((${#qemus[@]} * 3 * 8 * $(wc -w <<<"$names")))
run_cells "$place" <"$place/cells" >"$place/answers"
judge_cells "$place/answers" "$names"

for workload in $names; do
    # What reads a file has no default.
    keys=$(small_keys "$workload")
    [[ $keys != *input=* ]] || continue
    verified "$workload.default" run "workload=$workload" policy=first-touch
    [ "$workload" = script ] || verified "$workload.macro" run "workload=$workload" policy=lru size=macro
done
exit "$failed"
