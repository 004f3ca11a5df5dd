#!/usr/bin/env bash
# Minimum-cost flow: published and our own known answers, lower bounds, an infeasible file, bad keys; and the guest's answer is the host's.
# shellcheck source=tests/cli/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"
native=$root/build/native/tierlab-sanitized

# Runs a program of the host as the launcher is run.
host() {
    "$native" workload=mcf warmup=0 "$@" >"$place/out" 2>"$place/err"
    status=$?
}
answer() { # name, optimum, keys
    local name=$1 want=$2
    shift 2
    host "$@"
    # shellcheck disable=SC2016
    holds "$name" json_says --argjson want "$want" '.verified and .optimum == $want and .solves > 0' "$place/out"
}
bad() { # name, pattern, keys
    local name=$1 pattern=$2
    shift 2
    host "$@"
    check "$name" 4 "$pattern"
    holds "$name.one_line" test "$(wc -l <"$place/err")" -eq 1
}

cat >"$place/example" <<'END'
c The example of the DIMACS format
p min 4 5
n 1 4
n 4 -4
a 1 2 0 4 2
a 1 3 0 2 2
a 2 3 0 2 1
a 2 4 0 3 3
a 3 4 0 5 1
END
sed 's/^a 2 4 0/a 2 4 3/' "$place/example" >"$place/lower"
sed 's/^a 3 4 0 5/a 3 4 0 0/' "$place/example" >"$place/infeasible"
head -n 7 "$place/example" >"$place/truncated"

answer example 14 input="$place/example" ops=100
answer lower_bound 18 input="$place/lower" ops=100 # three units by 1-2-4 for 5, one by 1-3-4 for 3; GLPK agrees
answer family 46232 mcf_nodes=64 mcf_arcs=512 mcf_sources=1 ops=1000
for seed in 2 3 4; do
    host mcf_nodes=64 mcf_arcs=512 mcf_sources=3 seed=$seed ops=1500
    holds seed_$seed json_says '.verified and .solves > 0' "$place/out"
done

# NETGEN: the published optimum of netgen_8_08a (LEMON's benchmark), and that of netgen-2 (NetworkX's tests).
small=(mcf_graph=netgen netgen_nodes=256 netgen_sources=16 netgen_sinks=16 netgen_arcs=2048 netgen_supply=16000)
answer netgen_8_08a 142274536 "${small[@]}" ops=2000
answer netgen_2 6749969302 mcf_graph=netgen netgen_nodes=400 netgen_sources=8 netgen_sinks=60 netgen_arcs=1416 netgen_supply=400000 \
    netgen_transit_sources=5 netgen_transit_sinks=50 netgen_high_cost=30 netgen_capacitated=40 netgen_min_capacity=16000 \
    netgen_max_capacity=30000 ops=2000
bad netgen_sources 'netgen: at least one source' mcf_graph=netgen netgen_nodes=100
bad netgen_costs 'netgen: a least cost' mcf_graph=netgen netgen_max_cost=0
bad netgen_many_arcs 'netgen: netgen_arcs= is more' "${small[@]/arcs=2048/arcs=200000}"
bad netgen_large_costs 'netgen: costs, capacities' mcf_graph=netgen netgen_max_cost=2147483647 netgen_max_capacity=2147483647
bad netgen_size 'mcf_graph=netgen is sized by' mcf_graph=netgen size=16M
bad netgen_input 'input= and mcf_graph=netgen: give one' mcf_graph=netgen input="$place/example"

bad infeasible "input: line 3: infeasible: 1 units of node 1's supply find no way to a demand; 1 units in all" input="$place/infeasible" ops=100
# 1 sends 3 on to 2, which a lower bound forces; 2 has no way on.
printf 'p min 3 2\nn 1 3\nn 3 -3\na 1 2 3 3 1\na 1 3 0 9 1\n' >"$place/stuck"
bad infeasible_lower "input: line 4: infeasible: 3 units of node 2's supply" input="$place/stuck" ops=100

# Without limit: -1, or above 2^31 - 1. The example with no limit at all: four units by 1-3-4, 3 each.
sed -e 's/^\(a . . 0\) [0-9]*/\1 -1/' "$place/example" >"$place/unlimited"
sed -e 's/^\(a . . 0\) [0-9]*/\1 99999999999999999999/' "$place/example" >"$place/huge"
answer unlimited 12 input="$place/unlimited" ops=100
answer unlimited_huge 12 input="$place/huge" ops=100
# Costs of 2^31 - 1 do not overflow, since no more than the supply needs a way.
sed -e '/^a/s/[0-9]*$/2147483647/' -e 's/^n 1 4/n 1 6/' -e 's/^n 4 -4/n 4 -6/' "$place/unlimited" >"$place/costly"
answer unlimited_costly 25769803764 input="$place/costly" ops=100
# A cycle that pays: 2-3-2 at -1 a unit, which the arc back limits to 1000; and the supply on top of that, through the arc without limit.
printf 'p min 4 4\nn 1 4\nn 4 -4\na 1 2 0 -1 1\na 2 3 0 -1 1\na 3 2 0 1000 -2\na 3 4 0 -1 1\n' >"$place/cycle"
sed 's/1000/-1/' "$place/cycle" >"$place/unbounded"
host input="$place/cycle" ops=100
holds unlimited_cycle json_says '.verified and .optimum_below_zero == 988' "$place/out"
bad unbounded 'input: line [567]: unbounded: the arc from node [23] to [23] is on a cycle' input="$place/unbounded" ops=100
sed 's/^a 1 2 0 4/a 1 2 3 2/' "$place/example" >"$place/upper"
bad upper_below_lower "input: line 5: an arc's upper bound must be 3 or more, or -1 for no limit" input="$place/upper"
bad truncated 'input: line 7: the end, after 3 of 5 arcs' input="$place/truncated"
bad input_and_size 'input= says how large' input="$place/example" size=16M
bad size_and_nodes 'give one' size=16M mcf_nodes=64
bad few_arcs 'mcf_arcs=10: the chain' mcf_nodes=64 mcf_arcs=10
bad many_sources 'mcf_sources=40: more than half' mcf_nodes=64 mcf_arcs=512 mcf_sources=40

# The same work in slices of other lengths, by another build, and in the guest while pages move.
keys=(workload=mcf mcf_nodes=512 mcf_arcs=49152 ops=1500 warmup=500)
want=$("$root/build/native/tierlab" "${keys[@]}" | jq -r .checksum)
for policy in "lru fast=2M slow=64M window_us=500" first-touch; do
    # shellcheck disable=SC2086
    "$root/run-qemu.sh" run -o "$place/${policy%% *}" "${keys[@]}" policy=$policy >"$place/log" 2>&1
    got=$(jq -r 'select(.kind == "summary") | .checksum' "$place/${policy%% *}"/*/records.jsonl)
    holds "guest_${policy%% *}" test -n "$got" -a "$got" = "$want"
done
# A problem from a file, and NETGEN's, in the guest.
guest_optimum() { # name, optimum, keys
    local name=$1 want=$2
    shift 2
    "$root/run-qemu.sh" run --no-model -o "$place/$name" workload=mcf warmup=0 ops=2000 policy=first-touch "$@" >"$place/log" 2>&1
    holds "$name" jq -en "[inputs | select(.kind == \"summary\") | .verified and .solves > 0 and .optimum == $want] == [true]" "$place/$name"/*/records.jsonl
}
guest_optimum guest_lower_bound 18 input="$place/lower"
guest_optimum guest_netgen 142274536 "${small[@]}"
exit "$failed"
