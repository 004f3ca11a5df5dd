#!/usr/bin/env bash
# The same image and model on later QEMUs: the guest's tests, and every workload, small, while pages move, with the result
# that the machine's own QEMU gives. Fetches them once, with tools/get-qemu. The modelled time is the same, too:
# instructions and requests do not depend on the emulator's version, nor does what the model makes of them.
# shellcheck source=tests/long/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"
# shellcheck source=tests/matrix
. "$root/tests/matrix"

small_run() { # name, workload, options
    local keys
    mapfile -t keys < <(small_keys "$2" | tr ' ' '\n')
    verified "$1" run "workload=$2" "${keys[@]}" fast=2M slow=22M window_us=500 "${@:3}"
}

names=$(workload_names)
holds some_workloads test "$(wc -w <<<"$names")" -gt 4
for workload in $names; do small_run "$workload.own" "$workload"; done

for suite in bookworm-backports trixie-backports; do
    version=qemu10
    [ $suite = bookworm-backports ] || version=qemu11
    dir=$root/build/$version
    qemu=$dir/qemu-system-x86_64
    if [ ! -x "$qemu" ] && ! "$root/tools/get-qemu" $suite "$dir" >"$place/get" 2>&1; then
        skip $version.fetch "no other QEMU: $(tail -n 1 "$place/get")"
        continue
    fi
    holds $version.starts "$qemu" --version
    guest_tests $version.tests --qemu "$qemu"
    guest_tests $version.tests_without_model --qemu "$qemu" --no-model
    for workload in $names; do
        small_run "$workload.$version" "$workload" --qemu "$qemu"
        for name in checksum insns time_ns fast_requests slow_requests promoted_pages; do
            same_field "$workload.$version.$name" $name "$workload.own" "$workload.$version"
        done
    done
done

exit "$failed"
