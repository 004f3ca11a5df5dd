#!/usr/bin/env bash
# The same image and model on the next QEMU: the guest's tests, and every workload with the result that the machine's
# own QEMU gives. Fetches that QEMU once, with tools/get-qemu. The modelled time is the same, too: instructions and
# accesses do not depend on the emulator's version, nor does what the model makes of them.
# shellcheck source=tests/long/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"
# shellcheck source=tests/matrix
. "$root/tests/matrix"

dir=$root/build/qemu10
qemu=$dir/qemu-system-x86_64
if [ ! -x "$qemu" ] && ! "$root/tools/get-qemu" bookworm-backports "$dir" >"$place/get" 2>&1; then
    skip fetch "no QEMU 10: $(tail -n 1 "$place/get")"
    exit 0
fi
holds starts "$qemu" --version

guest_tests tests --qemu "$qemu"
guest_tests tests_without_model --qemu "$qemu" --no-model

# Every workload, small, while pages move.
names=$(workload_names)
holds some_workloads test "$(wc -w <<<"$names")" -gt 4
for workload in $names; do
    mapfile -t keys < <(small_keys "$workload" | tr ' ' '\n')
    keys=(run "workload=$workload" "${keys[@]}" fast=2M slow=22M window_us=500)
    verified "$workload.own" "${keys[@]}"
    verified "$workload.qemu10" "${keys[@]}" --qemu "$qemu"
    for name in checksum insns time_ns fast_requests slow_requests promoted_pages; do
        same_field "$workload.$name" $name "$workload.own" "$workload.qemu10"
    done
done

exit "$failed"
