#!/usr/bin/env bash
# The B+tree: found counts, both node sizes, both ways to build, natively and in the guest.
# shellcheck source=tests/cli/common
. "$(dirname "$(readlink -f "$0")")/common"
launcher=("$root/build/native/tierlab")

value() { jq -r ".$1" "$place/out"; }
keys=(workload=btree size=8M warmup=0)

expect all_hit 0 '' "${keys[@]}" ops=100000
holds all_hit.found test "$(value btree_found)" -eq 100000
expect none_hit 0 '' "${keys[@]}" ops=100000 btree_miss_share=100
holds none_hit.found test "$(value btree_found)" -eq 0
expect scans 0 '' workload=btree btree_elements=1000 btree_scan_share=100 btree_scan_length=1000 ops=20000 warmup=0
# From rank j there are 1000 - j entries: 500.5 in the mean, within five deviations (289 / sqrt(20000) = 2.04).
holds scans.entries test "$(value btree_scanned_entries)" -gt 9806000 -a "$(value btree_scanned_entries)" -lt 10214000

mix=(workload=btree size=8M btree_miss_share=20 btree_scan_share=30 warmup=1000)
expect bulk 0 '' "${mix[@]}" ops=20000
bulk=$(value checksum)
expect insert_large 0 '' "${mix[@]}" btree_build=insert btree_node=4K ops=700000
holds insert_large.complete test "$(value btree_lookups)" -gt 0
expect part_built 0 '' "${mix[@]}" btree_build=insert ops=20000
part=$(value checksum)
launcher=("$root/build/native/tierlab-sanitized")
expect sanitized 0 '' "${mix[@]}" btree_build=insert ops=250000

refused node 4 'power of two' workload=btree btree_node=768
refused size_twice 4 'size= says how many' workload=btree size=16M btree_elements=100

launcher=("$root/run-qemu.sh" -o "$place/results")
summary() { jq -r "select(.kind == \"summary\") | .$1" "$place"/results/*/records.jsonl; }
expect guest 0 '' run "${mix[@]}" btree_build=insert ops=20000 policy=first-touch
holds guest.same_checksum test "$(summary checksum)" = "$part"
rm -rf "$place/results"
expect guest_moving 0 '' run "${mix[@]}" ops=20000 policy=lru fast=2M slow=64M window_us=500
holds guest_moving.same_checksum test "$(summary checksum)" = "$bulk"
holds guest_moving.moved test "$(summary promoted_pages)" -gt 0
exit "$failed"
