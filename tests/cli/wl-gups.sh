#!/usr/bin/env bash
# RandomAccess as a whole: known tables by the host's build and the guest's, whatever the streams, policy and slices; bad input.
# shellcheck disable=SC2016 # what looks like the shell's variables are those of jq
# shellcheck source=tests/cli/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"

launcher=("$root/build/native/tierlab" workload=gups)

# Fingerprints of the tables after one full run, and words changed (docs/workloads.md): name, checksum, changed words, keys.
table() {
    local name=$1
    launch warmup=0 "${@:4}"
    check "$name" 0 ''
    holds "$name.table" json_says --arg hash "$2" --argjson changed "$3" '.verified and .checksum == $hash and .changed_words == $changed' "$place/out"
}
table shift_10 0x1b7a7b73f06fbdf6 363 gups_log2=10 ops=4096
table shift_16 0xc2f074ea2726675e 59602 gups_log2=16 ops=262144 gups_streams=1
table lcg_10 0xf38222fa42d14b67 1004 gups_log2=10 ops=4096 gups_sequence=lcg gups_streams=5
table lcg_16 0x804f1ca5e795ba8f 64346 gups_log2=16 ops=262144 gups_sequence=lcg

launch gups_log2=16 ops=50000
holds rate json_says '(.micro_gups - .throughput / 1000) | fabs <= 1 + .01' "$place/out"

refused bad_sequence 4 gups_sequence gups_sequence=fib
refused bad_streams 4 gups_streams gups_streams=129
refused bad_log2 4 gups_log2 gups_log2=8
refused size_twice 4 'size= and gups_log2=' size=1M gups_log2=10

# The guest: the largest of the tables, with pages on the move, and the default's first updates; each as on the host.
same() { # name, keys
    local name=$1 want
    shift
    want=$("$root/build/native/tierlab-sanitized" workload=gups "$@" | jq -r .checksum)
    launcher=("$root/run-qemu.sh" run -o "$place/$name.results" workload=gups)
    launch "$@" fast=2M slow=64M "${keys[@]}"
    check "$name" 0 ''
    holds "$name.checksum" jq -s -e --arg want "$want" 'map(select(.kind == "summary"))[0].checksum == $want' \
        "$place/$name.results"/*/records.jsonl
}
keys=(policy=lru window_us=500)
same guest_moving gups_log2=20 ops=100000 warmup=20000
keys=(policy=first-touch)
same guest_lcg gups_log2=16 ops=262144 warmup=0 gups_sequence=lcg
holds guest_table grep -q '"checksum":"0x804f1ca5e795ba8f"' "$place"/guest_lcg.results/*/records.jsonl
exit "$failed"
