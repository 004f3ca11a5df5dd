#!/usr/bin/env bash
# events=1: every order once, with times in their order and the counts of the summary; off, a run is what it is without events.
# shellcheck disable=SC2016 # jq's variables
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"
launcher=("$root/run-qemu.sh")
small=(fast=4M slow=16M footprint=8M hot=1M warmup=50000 ops=250000 window_us=500)

# One run, whose records are $place/NAME, and what the questions are about $place/NAME.json: orders as objects.
record() { # name, arguments
    local name=$1
    shift
    expect "$name" 0 '' -o "$place/$name.results" run "${small[@]}" "$@"
    cat "$place/$name.results"/*/records.jsonl >"$place/$name"
    jq -s '{orders: [.[] | select(.event == "orders") | .fields as $f | .orders[] | [$f, .] | transpose | map({(.[0]): .[1]}) | add],
        left_out: [.[] | select(.event == "orders") | .left_out], begins: map(select(.event == "phase") | {(.name): .start_ns}) | add,
        sum: map(select(.kind == "summary"))[0]}' "$place/$name" >"$place/$name.json"
}
says() { holds "$1" json_says "$3" "$place/$2.json"; } # name, run, filter

# What is the same with events and without.
rest_of() { jq -c 'select(.event != "orders") | del(.run, .keys.events)' "$place/$1"; }

record off policy=lru
record zero policy=lru events=0
holds off.same_as_not_given cmp "$place/off" "$place/zero"
holds off.no_orders test "$(grep -c '"orders"' "$place/off")" -eq 0
record lru policy=lru events=1
says lru.counts lru '.sum.promoted_pages > 20 and .begins as $begins |
    ([.orders[] | select(.outcome == "moved" and .done_ns >= $begins.measured and .done_ns < $begins.verify)] |
        [map(select(.to == "fast")), map(select(.to == "slow"))] | map(length)) == [.sum.promoted_pages, .sum.demoted_pages]'
says lru.times lru '.orders | all(.given_ns > 0 and .given_ns <= .taken_ns and .taken_ns <= .done_ns) and any(.given_ns < .taken_ns) and any(.taken_ns < .done_ns)'
says lru.taken_once lru '[.orders | group_by(.page)[] | sort_by(.taken_ns) | range(1; length) as $i | .[$i].taken_ns >= .[$i - 1].done_ns] | all'
says lru.reasons lru '.orders | all(if .to == "fast" then .reason == 0 and .active == 1 else .reason == 1 and .active == 0 end)'
says lru.nothing_left_out lru '.left_out | max == 0'
says lru.little_else lru "(.sum.time_ns - $(jq 'select(.kind == "summary").time_ns' "$place/off")) | fabs < 0.03 * $(jq 'select(.kind == "summary").time_ns' "$place/off")"

# What costs nothing to the workload is not disturbed at all.
record bound policy=clairvoyant
record bound_events policy=clairvoyant events=1
says bound.orders bound_events '(.orders | length) > 100 and (.orders | all(.done_ns == .taken_ns and (.to == "slow" or .coming_requests > 0)))'
rest_of bound >"$place/bound.rest"
rest_of bound_events >"$place/bound_events.rest"
holds bound.same_otherwise cmp "$place/bound.rest" "$place/bound_events.rest"

record touches policy=numa-balancing events=1
says touches.soon touches '[.orders[] | select(.to == "fast" and .reason == 1)] |
    length > 100 and all(.waited_ns and .waited_ns < .threshold_ns and .given_ns <= .taken_ns)'
# The wait ends where the fault begins, and the order is given by its handler, which a full queue of a tier may hold up now and then.
says touches.in_the_fault touches '[.orders[] | select(.to == "fast" and .reason == 1) | .given_ns - .protected_ns - .waited_ns | fabs] | sort |
    .[length * 99 / 100 | floor] < 3000 and .[-1] < 200000'
says touches.demoted touches '[.orders[] | select(.to == "slow")] | length > 0 and all(.waited_ns == null and .given_ns == .taken_ns and .reason == 2)'

record oracle policy=oracle events=1
says oracle.knows oracle '[.orders[] | select(.to == "fast")] | length > 0 and all(.last_requests > 0)'
record idle policy=first-touch events=1
says idle.no_orders idle '.orders == []'
refused value 4 'events=2: must be from 0 to 1' run events=2

"${launcher[@]}" list >"$place/list" 2>"$place/err"
holds list.reason grep -q '^  lru 1 .*longest inactive' "$place/list"
# A record has one classifier's facts and one tracker's beside each other; trackers that share a mechanism may share names.
awk '/^[a-z]/ { section = $1 } section == "tracker" { tracker[$1] }
    section == "fact" && NF > 2 { facts++; if ($1 in tracker) { seen[$1, $2]++; name[$1, $2] = $2 } else classifiers[$2] }
    END { if (!facts) print "none"; for (one in seen) if (seen[one] > 1 || name[one] in classifiers) print name[one] }' "$place/list" >"$place/twice"
holds list.facts_differ test ! -s "$place/twice"
holds list.fact grep -q '^  fault-latency threshold_ns ' "$place/list"
exit "$failed"
