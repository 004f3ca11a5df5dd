#!/usr/bin/env bash
# kv against Redis itself: as many keys give the same tables, and chains of like lengths. And the largest footprint in the guest.
# shellcheck source=tests/long/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"

verified large run workload=kv size=1G fast=256M slow=1G policy=first-touch ops=5000 warmup=500

if ! command -v redis-server >/dev/null || ! command -v redis-cli >/dev/null; then
    skip redis 'needs redis-server and redis-tools'
    exit "$failed"
fi
socket=$place/redis.sock
redis-server --port 0 --unixsocket "$socket" --save '' --appendonly no --enable-debug-command yes --dir "$place" >"$place/redis.log" 2>&1 &
server=$!
trap 'kill "$server"; wait "$server"; rm -rf "$place"' EXIT
redis() { redis-cli -s "$socket" "$@"; }
for _ in $(seq 100); do
    [ "$(redis ping 2>/dev/null)" = PONG ] && break
    sleep 0.1
done

# SET of the keys from $1 to below $2, as kv names them.
load() {
    awk -v from="$1" -v to="$2" 'BEGIN { for (i = from; i < to; i++) printf "SET user%019d v\r\n", i }' | redis --pipe >/dev/null
}
# The tables of the keys, once nothing moves any more: first is the main one.
stats() {
    for _ in $(seq 100); do
        redis debug htstats 0 >"$place/stats"
        grep -q 'rehashing target' "$place/stats" || break
        redis ping >/dev/null
        sleep 0.1
    done
    sed '/\[Expires HT\]/,$d' "$place/stats"
}
number() { sed -n "s/^ *$1: *\([0-9]*\).*/\1/p" "$place/main" | head -n 1; }

loaded=0
for keys in 4 5 1000 1024 1025 8192 8193 50000; do
    load "$loaded" "$keys"
    loaded=$keys
    stats >"$place/main"
    ours=$("$root/build/native/tierlab" workload=kv kv_records="$keys" kv_value_bytes=64 kv_mix=c warmup=0 ops=200000 | jq .kv_buckets)
    holds "redis.table_of_$keys" test "$(number 'table size')" -eq "$ours" -a "$(number 'number of elements')" -eq "$keys"
done
# Redis tells how many buckets hold how many: of 65536, e^-0.763 are empty, as kv's verifier demands of its own.
empty=$(sed -n 's/^ *0: \([0-9]*\) .*/\1/p' "$place/main")
holds redis.chains_are_poisson test "${empty:-0}" -gt 29958 -a "${empty:-0}" -lt 31158
exit "$failed"
