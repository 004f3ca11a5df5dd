#!/usr/bin/env bash
# RUN is a hash of effective values: a run with every key given at its default is the run without, to the byte; a value that means
# something else is another RUN. (That each key is in the hash at all: run_id.every_key in the guest.)
# shellcheck source=tests/cli/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"
launcher=("$root/run-qemu.sh" -o "$place/results")
base=(ops=20000 footprint=8M hot=1M fast=4M slow=16M)

# Keys and their defaults as `list` tells them, without those of other workloads, of the base above, and without a default.
# Not warmup, fast_node and slow_node: they have none of their own, and 0 means no warm-up, and a node.
expect list 0 '' list
awk '
    /^[a-z]/ { section = $0; next }
    section == "workload" && NF { workload[$1] = 1; next }
    section !~ /key$/ || !match($0, /\[[^][]*\]$/) { next }
    {
        default = substr($0, RSTART + 1, RLENGTH - 2)
        owner = $2
        foreign = 0
        if (sub(/:$/, "", owner)) {
            sub(/\*$/, "", owner)
            for (name in workload) if (index(name, owner) == 1 && name != "hotset") foreign = 1
        }
        if (!foreign && $1 !~ /^(do|pattern|ids|input_id|warmup|fast_node|slow_node|ops|footprint|hot|fast|slow)$/) print $1 "=" default
    }' "$place/out" >"$place/defaults"
holds many_keys test "$(wc -l <"$place/defaults")" -gt 60
mapfile -t defaults <"$place/defaults"

run_of() { # arguments: prints the RUN
    launch run "${base[@]}" "$@"
    [ "$status" -eq 0 ] || { echo "status $status: $(head -n 1 "$place/err")" && return; }
    sed -n 's|^records: .*/\([0-9a-f]*\)/records.jsonl$|\1|p' "$place/out"
}
same_run() { # name, wanted RUN, arguments: a repeat with other bytes would be status 1
    local got
    got=$(run_of "${@:3}")
    if [ "$got" = "$2" ]; then ok "$1"; else not_ok "$1" "RUN $got, not $2"; fi
}
plain=$(run_of)
holds plain test -s "$place/results/$plain/records.jsonl"
same_run all_defaults_given "$plain" "${defaults[@]}"
warmup=$(jq -r 'select(.kind == "run") | .warmup' "$place/results/$plain/records.jsonl")
holds has_a_warmup test "$warmup" -gt 0
same_run effective_values "$plain" "warmup=$warmup" policy=lru tracker=abit classifier=lru migrator=batch window_us=0
holds one_result_so_far test "$(find "$place/results" -name 'records*.jsonl' | wc -l)" -eq 1

seen=" $plain "
for key in fast_node=0 warmup=0 seed=2 window_us=4701 migrator=sync policy=first-touch latency_percent=101 machine=q35; do
    run=$(run_of "$key")
    if [[ $run =~ ^[0-9a-f]{16}$ ]] && [[ $seen != *" $run "* ]]; then ok "differs_$key"; else not_ok "differs_$key" "RUN $run"; fi
    seen+="$run "
done
exit "$failed"
