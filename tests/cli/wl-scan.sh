#!/usr/bin/env bash
# The moving window: sums that follow from the keys alone, natively and in the guest.
# shellcheck source=tests/cli/common
. "$(dirname "$(readlink -f "$0")")/common"
launcher=("$root/build/native/tierlab")

value() { jq -r ".$1" "$place/out"; }
keys=(workload=scan scan_bytes=8M scan_window=1M scan_step=512K warmup=1000 ops=300000)

expect default 0 '' workload=scan
expect mixed 0 '' "${keys[@]}"
sum=$(value checksum)
holds mixed.bytes test "$(value work)" -eq 2400000
for share in 0 100; do
    expect "share_$share" 0 '' "${keys[@]}" scan_write_share=$share scan_stride=8
done
# Only reads, one pass over one page: the words are 0, 2^32, ..., so their sum is 64 x 63 / 2 x 2^32, and none changes.
# The checksum goes on with the words: h <- 31 h + word.
want=$((2016 << 32))
for ((e = 0; e < 64; e++)); do want=$((want * 31 + (e << 32))); done
expect one_page 0 '' workload=scan scan_bytes=4K scan_window=4K scan_step=4K scan_write_share=0 warmup=0 ops=64
holds one_page.sum test "$(value checksum)" = "$(printf '0x%016x' "$want")"
launcher=("$root/build/native/tierlab-sanitized")
expect sanitized 0 '' workload=scan scan_bytes=8M scan_step=64K scan_window=192K scan_passes=3 ops=300000
expect sanitized_gaps 0 '' workload=scan size=6M scan_step=512K scan_window=64K ops=300000

refused stride 4 'power of two' workload=scan scan_stride=24
refused window 4 'cannot be larger' workload=scan scan_bytes=4M scan_window=8M
refused step 4 'must be multiples' workload=scan scan_bytes=4M scan_window=1M scan_step=3M
refused size_twice 4 'say the same' workload=scan size=16M scan_bytes=4M

launcher=("$root/run-qemu.sh" -o "$place/results")
summary() { jq -r "select(.kind == \"summary\") | .$1" "$place"/results/*/records.jsonl; }
expect guest 0 '' run "${keys[@]}" policy=first-touch
holds guest.same_checksum test "$(summary checksum)" = "$sum"
rm -rf "$place/results"
expect guest_moving 0 '' run "${keys[@]}" policy=lru fast=2M slow=64M window_us=500 decide_windows=1 lru_streak=1 # no page is touched in many windows
holds guest_moving.same_checksum test "$(summary checksum)" = "$sum"
holds guest_moving.moved test "$(summary promoted_pages)" -gt 0
exit "$failed"
