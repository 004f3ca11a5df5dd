#!/usr/bin/env bash
# XSBench's answers, natively and in the guest, by all three grids.
# shellcheck source=tests/cli/common
. "$(dirname "$(readlink -f "$0")")/common"
launcher=("$root/build/native/tierlab")
sanitized=$root/build/native/tierlab-sanitized

value() { jq -r ".$1" "$place/out"; }
keys=(workload=xsbench xs_nuclides=68 warmup=0 ops=1000)
small=("${keys[@]}" xs_mode=event)

for grid in nuclide hash unionized; do
    expect "$grid" 0 '' "${small[@]}" xs_grid=$grid
    holds "$grid.result" test "$(value xs_result)" -eq 3044
    sums+=" $(value checksum)"
done
read -r first second third <<<"$sums"
holds grids_agree test "$first" = "$second" -a "$first" = "$third"

expect history 0 '' "${keys[@]}" xs_mode=history xs_grid=hash
history=$(value checksum)
expect other_seed 0 '' "${small[@]}" seed=2
holds other_seed.differs test "$(value checksum)" != "$first"
launcher=("$sanitized")
expect sanitized 0 '' workload=xsbench xs_nuclides=68 xs_gridpoints=999 xs_grid=unionized ops=3000
expect sanitized_large 0 '' workload=xsbench size=16M xs_grid=hash ops=1000 warmup=0
holds fits test "$(value footprint_bytes)" -le 16777216

refused nuclides 4 'xs_nuclides=100' workload=xsbench xs_nuclides=100
refused size_twice 4 'size= says how many' workload=xsbench size=16M xs_gridpoints=100
refused too_small 4 'too small' workload=xsbench size=64K xs_grid=unionized

launcher=("$root/run-qemu.sh" -o "$place/results")
summary() { jq -r "select(.kind == \"summary\") | .$1" "$place"/results/*/records.jsonl; }
expect guest 0 '' run "${small[@]}" policy=first-touch
holds guest.same_checksum test "$(summary checksum)" = "$first"
holds guest.result test "$(summary xs_result)" -eq 3044
rm -rf "$place/results"
grids=(workload=xsbench xs_nuclides=68 xs_gridpoints=300 xs_hash_bins=500 warmup=0 ops=1000)
launcher=("$root/build/native/tierlab")
expect small_nuclide 0 '' "${grids[@]}" xs_grid=nuclide
small_sum=$(value checksum)
launcher=("$root/run-qemu.sh" -o "$place/results")
for grid in unionized hash; do
    expect "guest_$grid" 0 '' run --no-model "${grids[@]}" xs_grid=$grid policy=first-touch
    holds "guest_$grid.same_checksum" test "$(summary checksum)" = "$small_sum"
    rm -rf "$place/results"
done
expect guest_moving 0 '' run "${keys[@]}" xs_mode=history policy=lru fast=2M slow=64M window_us=500
holds guest_moving.same_checksum test "$(summary checksum)" = "$history"
holds guest_moving.moved test "$(summary promoted_pages)" -gt 0
exit "$failed"
