#!/usr/bin/env bash
# graph500-bfs and graph500-sssp as whole programs: natively, under sanitizers, in the guest with and without pages that move, all with one
# checksum; and what they refuse.
# shellcheck source=tests/cli/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"

native() { # file, then keys
    local file=$1
    shift
    "$root/build/native/tierlab" "$@" >"$place/$file" 2>"$place/err"
}
same_answer() { # name, file, file
    local want got
    want=$(jq -r 'select(.checksum) | "\(.verified) \(.checksum)"' "$place/$2")
    got=$(jq -r 'select(.checksum) | "\(.verified) \(.checksum)"' "$place/$3")
    if [ -n "$want" ] && [ "$want" = "$got" ]; then ok "$1"; else not_ok "$1" "'$want' in $2, '$got' in $3"; fi
}

for workload in graph500-bfs graph500-sssp; do
    keys=(workload="$workload" g500_scale=12 ops=4)
    native native "${keys[@]}"
    holds "$workload.native" json_says '.verified and .searches == 4 and .work > 4 * 60000 and .work <= 4 * 65536' "$place/native"
    holds "$workload.rates" json_says '.teps_min > 0 and .teps_min <= .teps_first_quartile and .teps_first_quartile <= .teps_median and
        .teps_median <= .teps_third_quartile and .teps_third_quartile <= .teps_max and .teps_min <= .teps_harmonic_mean and
        .teps_harmonic_mean <= .teps_max and .construction_ns > 0' "$place/native"
    "$root/build/native/tierlab-sanitized" "${keys[@]}" >"$place/sanitized" 2>"$place/err"
    same_answer "$workload.sanitized" native sanitized
    native again "${keys[@]:0:2}" warmup=0 ops=5
    same_answer "$workload.slices" native again # the build in the measured phase, other slices
    native one "${keys[@]:0:2}" ops=1
    holds "$workload.one_search" json_says '.verified and .teps_harmonic_stddev == null' "$place/one"
    native smallest workload="$workload" size=64K ops=64
    holds "$workload.smallest" json_says '.verified and .footprint_bytes <= 65536' "$place/smallest"

    launcher=("$root/run-qemu.sh")
    policies=(lru)
    [ "$workload" = graph500-sssp ] || policies+=(first-touch)
    for policy in "${policies[@]}"; do
        launch run -o "$place/results" "${keys[@]}" policy="$policy" fast=1M slow=64M window_us=100
        check "$workload.guest.$policy" 0 ''
        cat "$place"/results/*/records.jsonl | jq -c 'select(.kind == "summary")' >"$place/guest" 2>/dev/null
        phases=$(cat "$place"/results/*/records.jsonl | jq -r 'select(.event == "phase") | .name' | uniq -c | awk '{ print $2 $1 }')
        holds "$workload.guest.$policy.phases" test "${phases//$'\n'/ }" = "warmup1 build1 measured1 ${workload#*-}4 verify1"
        rm -rf "$place/results"
        same_answer "$workload.guest.$policy.checksum" native guest
        [ "$policy" = first-touch ] ||
            holds "$workload.guest.$policy.moves" json_says '.promoted_pages > 0 and .teps_harmonic_mean > 0' "$place/guest"
    done
done

native top_down workload=graph500-bfs g500_scale=13
native hybrid workload=graph500-bfs g500_scale=13 g500_direction=hybrid
same_answer hybrid top_down hybrid
holds hybrid.looks_at_less jq -e -s '.[1].scanned_entries * 2 < .[0].scanned_entries' "$place/top_down" "$place/hybrid"
native fine workload=graph500-sssp g500_scale=13
native coarse workload=graph500-sssp g500_scale=13 g500_delta_bits=2
same_answer buckets fine coarse

launcher=("$root/build/native/tierlab")
refused both_sizes 4 'give one' workload=graph500-bfs size=16M g500_scale=10
refused scale_too_small 4 'g500_scale=4: must be 0 or 5 to 21' workload=graph500-bfs g500_scale=4
refused scale_too_large 4 'g500_scale=22: must be from 0 to 21' workload=graph500-bfs g500_scale=22
refused no_roots 4 'g500_roots' workload=graph500-sssp g500_roots=0
refused direction 4 'g500_direction' workload=graph500-bfs g500_direction=sideways
refused no_direction 4 'g500_direction=: a key of workload=graph500-bfs' workload=graph500-sssp g500_direction=hybrid
refused no_buckets 4 'g500_delta_bits=: a key of workload=graph500-sssp' workload=graph500-bfs g500_delta_bits=3
refused too_many 4 'at most 4097' workload=graph500-bfs g500_scale=8 ops=5000
exit $failed
