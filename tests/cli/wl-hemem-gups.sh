#!/usr/bin/env bash
# HeMem's GUPS as a whole: the hot set's true share, the same answer on the host and in the guest, with and without shifts; bad input.
# shellcheck disable=SC2016 # what looks like the shell's variables are those of jq
# shellcheck source=tests/cli/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"

launcher=("$root/build/native/tierlab" workload=hemem-gups)

# 0.9 + 0.1 / 32 for a 32nd of the region; three standard deviations of 1.5 million updates are 0.0007.
for generator in exact clean; do
    launch size=16M ops=1000000 warmup=500000 hemem_generator=$generator
    check "$generator" 0 ''
    holds "$generator.true_hot_share" json_says '.verified and (.true_hot_share - 0.903125 | fabs) < 0.0007' "$place/out"
done
launch size=16M hemem_hot=16M ops=100000 warmup=0
holds uniform json_says '.verified and .true_hot_share == 1' "$place/out"

refused element 4 'power of two' hemem_element=24
refused hot_too_large 4 hemem_hot size=1M hemem_hot=2M
refused threads_without_pages 4 'no whole page' size=64K hemem_threads=17
refused moves_too_far 4 hemem_moves hemem_hot=128M hemem_move_ms=1
refused size_twice 4 'size= and hemem_region=' size=1M hemem_region=1M
refused bad_generator 4 hemem_generator hemem_generator=fair

# The host knows no modelled time, so its hot set stays where it is; the checksum must be the same all the same.
same() { # name, keys of the program; $keys are the guest's
    local name=$1 want
    shift
    want=$("$root/build/native/tierlab-sanitized" workload=hemem-gups "$@" | jq -r .checksum)
    launcher=("$root/run-qemu.sh" run -o "$place/$name.results" workload=hemem-gups)
    launch "$@" fast=2M slow=64M "${keys[@]}"
    check "$name" 0 ''
    holds "$name.checksum" jq -s -e --arg want "$want" 'map(select(.kind == "summary"))[0].checksum == $want' \
        "$place/$name.results"/*/records.jsonl
}
keys=(policy=lru window_us=500)
same guest_shifting size=16M ops=200000 warmup=20000 hemem_move_ms=5 hemem_moves=3
holds guest_shifts jq -s -e 'map(select(.kind == "summary"))[0] | .hot_set_shifts == 3 and .promoted_pages > 0' \
    "$place"/guest_shifting.results/*/records.jsonl
keys=(policy=first-touch)
same guest_large_elements size=16M ops=30000 warmup=10000 hemem_element=256 hemem_generator=clean
exit "$failed"
