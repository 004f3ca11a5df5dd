#!/usr/bin/env bash
# The same image and model on the next QEMU: the guest's tests, and every workload with the result that the machine's
# own QEMU gives. Fetches that QEMU once, with tools/get-qemu. The modelled time is the same, too: instructions and
# accesses do not depend on the emulator's version, nor does what the model makes of them.
# shellcheck source=tests/long/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"

dir=$root/build/qemu10
qemu=$dir/qemu-system-x86_64
if [ ! -x "$qemu" ] && ! "$root/tools/get-qemu" bookworm-backports "$dir" >"$place/get" 2>&1; then
    skip fetch "no QEMU 10: $(tail -n 1 "$place/get")"
    exit 0
fi
holds starts "$qemu" --version

guest_tests tests --qemu "$qemu"
guest_tests tests_without_model --qemu "$qemu" --no-model

# The guest's own list, less what is broken on purpose. chase and stream have no random part that ops would shorten.
"${launcher[@]}" list >"$place/list" 2>/dev/null </dev/null
mapfile -t workloads < <(awk '/^[^ ]/ { kind = $1 } kind == "workload" && /^ / && $1 !~ /^broken/ { print $1 }' "$place/list")
holds some_workloads test ${#workloads[@]} -gt 0

for workload in "${workloads[@]}"; do
    keys=(run "workload=$workload" ops=200000)
    [ "$workload" != script ] || keys=(run "workload=$workload") # its length is its text
    verified "$workload.own" "${keys[@]}"
    verified "$workload.qemu10" "${keys[@]}" --qemu "$qemu"
    for name in checksum insns time_ns fast_requests slow_requests promoted_pages; do
        same_field "$workload.$name" $name "$workload.own" "$workload.qemu10"
    done
done

exit "$failed"
