#!/usr/bin/env bash
# kv: every mix verifies on the host, plain and under sanitizers, with the shares of its mix; the guest gives the same answer under
# policies that move pages and that do not; popular records side by side lie in fewer pages; what is impossible is refused.
# shellcheck source=tests/cli/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"

native=$root/build/native/tierlab
launcher=("$root/run-qemu.sh" -o "$place/results")

on_host() { # program, arguments: $place/out, $place/err, status
    "$@" >"$place/out" 2>"$place/err" </dev/null
    status=$?
}

# A condition on the last summary: name, jq expression.
says() {
    if json_says "$2" "$place/out" >/dev/null 2>&1; then ok "$1"; else not_ok "$1" "not so: $2 in $(cut -c 1-300 "$place/out")"; fi
}

# Shares of the operations within 1 % of all; the buckets that so many records give; nothing but what the mix has.
mix() { # name, condition on the counts, as shares of 20000 operations
    on_host "$native" workload=kv kv_mix="$1" size=24M ops=20000 warmup=1000 kv_inserts="$3"
    says "mix_$1" ".verified and ($2)"
    jq -c .checksum "$place/out" >"$place/plain"
    on_host "$native-sanitized" workload=kv kv_mix="$1" size=24M ops=20000 warmup=1000 kv_inserts="$3"
    jq -c .checksum "$place/out" >"$place/sanitized"
    holds "mix_$1.sanitized" cmp "$place/plain" "$place/sanitized"
}
near='def near(a; b): (a - b | fabs) < 200; '
mix a "$near near(.kv_reads; 10000) and near(.kv_updates; 10000) and .kv_buckets == 32768 and .kv_dist_used == \"scrambled\"" 0
mix b "$near near(.kv_reads; 19000) and near(.kv_updates; 1000) and .kv_inserted == 0" 0
mix c "$near .kv_reads == 20000 and .write_p50_ns == null and .read_p50_ns > 0" 0
mix d "$near near(.kv_reads; 19000) and near(.kv_inserted; 1000) and .kv_dist_used == \"latest\"" 1300
mix f "$near near(.kv_reads; 10000) and near(.kv_rmws; 10000) and .kv_updates == 0" 0
mix vtmm "$near near(.kv_reads; 10000) and near(.kv_updates; 10000) and .kv_dist_used == \"hotspot\"" 0
on_host "$native" workload=kv kv_mix=e size=24M ops=2000 warmup=100
# The mean of 1 to 100, less a little where a scan meets the end.
says mix_e '.verified and (.kv_scans - 1900 | fabs) < 40 and (.kv_scanned_records / .kv_scans - 50.5 | fabs) < 2.5'

# The table doubles when the 8193rd record comes.
on_host "$native" workload=kv kv_records=8192 kv_value_bytes=64 ops=100
says buckets_8192 '.kv_buckets == 8192'
on_host "$native" workload=kv kv_records=8193 kv_value_bytes=64 ops=100
says buckets_8193 '.kv_buckets == 16384'

# The guest: the same answer, wherever pages lie.
guest() { # name, arguments
    local name=$1
    shift
    expect "$name" 0 '' run workload=kv size=8M fast=2M slow=64M ops=4000 warmup=500 "$@"
    jq -c 'select(.kind == "summary")' "$place"/results/*/records.jsonl >"$place/$name"
    rm -rf "$place/results"
}
guest lru policy=lru window_us=100 decide_windows=2 lru_streak=1
guest clustered policy=first-touch kv_mix=c kv_dist=zipf-exact kv_order=clustered
guest scattered policy=first-touch kv_mix=c kv_dist=zipf-exact
answer() { jq -r .checksum "$place/$1"; }
on_host "$native" workload=kv size=8M ops=4000 warmup=500
says guest_answers_as_host ".checksum == \"$(answer lru)\""
on_host "$native" workload=kv size=8M ops=4000 warmup=500 kv_mix=c kv_dist=zipf-exact
says guest_answers_as_host_zipf ".checksum == \"$(answer scattered)\""
cp "$place/lru" "$place/out"
says pages_moved '.promoted_pages > 0 and .verified'
says percentiles_ascend '.read_p50_ns > 0 and .read_p50_ns <= .read_p95_ns and .read_p95_ns <= .read_p99_ns and .read_p99_ns <= .read_p999_ns
    and .write_p50_ns > 0 and .write_p999_ns >= .write_p50_ns'
# The fast tier holds the quarter of all records that was loaded first: the most popular ones, or any.
cat "$place/clustered" "$place/scattered" | jq -s . >"$place/out"
says order_matters '(.[0] | .fast_requests > .slow_requests) and (.[1] | .fast_requests * 2 < .slow_requests) and
    .[0].checksum == .[1].checksum'

# The other mixes: scans, inserts, a table that grows.
for mix in b d e f vtmm; do
    keys=("kv_mix=$mix")
    [[ $mix != [de] ]] || keys+=(kv_inserts=1000)
    guest "mix_$mix" --no-model policy=lru window_us=500 "${keys[@]}"
    on_host "$native" workload=kv size=8M ops=4000 warmup=500 "${keys[@]}"
    says "guest_answers_as_host_$mix" ".checksum == \"$(answer "mix_$mix")\" and .verified"
done

refused_on_host() { # name, pattern, arguments
    local name=$1 pattern=$2
    shift 2
    on_host "$native" workload=kv "$@"
    check "refuses_$name" 4 "$pattern"
    [ "$(wc -l <"$place/err")" -eq 1 ] || not_ok "refuses_$name.one_line" "$(wc -l <"$place/err") lines"
}
refused_on_host odd_value 'multiple of 8' kv_value_bytes=1001
refused_on_host unknown_mix 'kv_mix' kv_mix=g
refused_on_host unknown_distribution 'kv_dist' kv_dist=normal
refused_on_host size_said_twice 'say the same' kv_records=1000 size=16M
refused_on_host too_many_inserts 'insert more records than kv_inserts=125' kv_mix=d kv_records=1000 ops=5000
refused_on_host inserts_without_inserts 'inserts nothing' kv_mix=a kv_inserts=5
refused_on_host nothing_fits 'no record' kv_value_bytes=65000 size=64K
refused_on_host too_large '2048 MiB' kv_records=9000000
exit "$failed"
