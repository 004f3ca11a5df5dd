#!/usr/bin/env bash
# A program executes in the guest what it executes on the host: at most 1.3 times the instructions, for the same keys and work.
# The host's are counted by a plugin in user-mode QEMU while native_running is set (insns_plugin.c); the guest's are those that
# its summary books. Both leave out setup, verification and what lies between workload_pause and workload_resume. warmup=0,
# since the host's count would have the warm-up in it.
# shellcheck source=tests/long/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"

readonly LIMIT=1.3
user=${TIERLAB_QEMU_USER:-qemu-x86_64}
if ! command -v "$user" >/dev/null; then
    skip qemu-user "no $user: Debian's package qemu-user has it"
    exit 0
fi
if ! flock -F "$root" make -s -C "$root" build/native/tierlab >/dev/null 2>"$place/err" ||
    ! gcc -std=gnu11 -O2 -Wall -Wextra -fPIC -shared -fvisibility=hidden -I"$root" -o "$place/insns.so" \
        "$root/tests/long/insns_plugin.c" 2>"$place/err"; then
    not_ok build "$(head -n 1 "$place/err")"
    exit 1
fi
native=$place/tierlab
cp "$root/build/native/tierlab" "$native"
watched=0x$(nm "$native" | awk '$3 == "native_running" { print $1 }')

# Sets host to the instructions of a run with these keys; its output is in $place/host.
count_host() { # keys
    local stores
    rm -f "$place/count"
    "$user" -plugin "$place/insns.so,watch=$watched,out=$place/count" "$native" "$@" >"$place/host" 2>"$place/err"
    status=$?
    host=0 stores=1
    [ ! -s "$place/count" ] || read -r host stores <"$place/count"
    [ $status -ne 0 ] || [ $((stores % 2)) -eq 0 ]
}

compare() { # workload, keys
    local name=$1 guest faults ratio
    count_host "workload=$name" warmup=0 "${@:2}" || {
        not_ok "$name" 'native_running was left set, or the plugin counted nothing'
        return
    }
    if [ $status -eq 4 ]; then
        skip "$name" "$(sed 's/^tierlab: //' "$place/err" | head -n 1)"
        return
    fi
    check "$name.host" 0 ''
    verified "$name.guest" run "workload=$name" warmup=0 policy=first-touch tracker=none "${@:2}"
    [ "$status" -eq 0 ] || return
    if [ "$(jq -r .checksum "$place/host")" != "$(field "$name.guest" checksum)" ]; then
        not_ok "$name.same_work" 'the checksums differ'
        return
    fi
    # Nothing tracks, decides or moves, and all pages are there: beside the program's own there are the faults' only.
    guest=$(field "$name.guest" insns)
    faults=$(field "$name.guest" fault_insns)
    ratio=$(awk -v guest="$guest" -v faults="$faults" -v host="$host" 'BEGIN { printf "%.4f", host ? (guest - faults) / host : 999 }')
    printf '# %-16s guest %12d  host %12d  ratio %s\n' "$name" $((guest - faults)) "$host" "$ratio"
    awk -v ratio="$ratio" -v limit=$LIMIT 'BEGIN { exit !(ratio > 0 && ratio <= limit) }'
    verdict=$?
    if [ $verdict -eq 0 ]; then ok "$name"; else not_ok "$name" "$ratio times the host's instructions; $LIMIT are allowed"; fi
}

# The counting itself: twice the work of a loop of fixed length is twice the instructions, and nothing else is in it.
count_host workload=chase chase_bytes=1M warmup=0 ops=100000
once=$host
count_host workload=chase chase_bytes=1M warmup=0 ops=200000
holds counts_work test $((host - once)) -gt 200000 -a $((host - once)) -lt 1000000
holds counts_nothing_else test $((2 * once - host)) -lt 20000

# All that the native program knows, at 16 MiB and a tenth of the macro length where it takes a size.
mapfile -t workloads < <("$native" workload=: 2>&1 | sed -n 's/.*the known ones are: *//p' | tr ' ' '\n')
holds some_workloads test ${#workloads[@]} -gt 1
launch list
cp "$place/out" "$place/list.out"
for workload in "${workloads[@]}"; do
    ops=$(sed -n "s/^  $workload .*; macro: [^,]*, \([0-9]*\) after .*/\1/p" "$place/list.out")
    keys=()
    ! grep -q "^  $workload .*; macro: " "$place/list.out" || keys=(size=16M)
    [ "$workload" != replay ] || keys=(input="$root/experiments/example.trace")
    [ -z "$ops" ] || keys+=("ops=$((ops / 10 + 1))") # without, its own keys say how long it is
    compare "$workload" ${keys[@]+"${keys[@]}"}
done
exit "$failed"
