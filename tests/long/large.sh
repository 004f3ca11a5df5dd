#!/usr/bin/env bash
# Two tiers of 1 GiB, on both machines, and what does not fit.
# shellcheck source=tests/long/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"

keys=(fast=1G slow=1G footprint=1536M hot=256M ops=200000)
need=$((3 << 20)) # KiB: the machine, and the shared memory in a tmpfs
available=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)
if [ "$available" -lt $need ]; then
    skip memory "only $((available >> 10)) MiB available, $((need >> 10)) MiB wanted"
    exit 0
fi

verified pc run "${keys[@]}"
verified pc_again run "${keys[@]}"
if cmp -s "$place/pc/records" "$place/pc_again/records"; then
    ok pc_repeats
else
    not_ok pc_repeats "$(diff "$place/pc/records" "$place/pc_again/records" | sed -n 2p | cut -c 1-200)"
fi
verified q35 run machine=q35 "${keys[@]}"
same_field same_checksum checksum pc q35
# Its hot set fits the fast tier, but pages beyond the first GiB are in the slow one.
holds both_tiers test "$(field pc slow_requests)" -gt 0 -a "$(field pc fast_requests)" -gt 0

refused too_large_pc 5 'machine=pc takes at most' run fast=2G slow=2G
refused too_large_q35 5 'machine=q35 takes at most' run machine=q35 fast=1536M slow=1280M

exit "$failed"
