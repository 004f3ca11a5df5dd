#!/usr/bin/env bash
# A machine whose memory is mapped by nested leaves of 2 MiB: the same answers, one bit for 512 pages in the nested tables and one for each in the
# machine's own, leaves that are moved whole or split, and every way to be refused.
# shellcheck source=tests/cli/common disable=SC2016
. "$(dirname "$(readlink -f "$0")")/common"
launcher=("$root/run-qemu.sh" -o "$place/results")
keys=(vms=1 fast=4M slow=12M footprint=8M hot=1M warmup=50000 ops=100000 window_us=500 daemons=0)

records() { sed -n 's/^records: //p' "$place/out"; }
summary() { jq -r "select(.kind == \"summary\") | .$1" "$(records)"; }
# shellcheck disable=SC2317 # holds calls it
said() { [ "$(jq -s "$1" "$(records)")" = true ]; } # condition on all records

expect pages 0 '' run "${keys[@]}" policy=first-touch tracker=abit
sum=$(summary checksum) visits=$(summary pte_visits) walk_ns=$(summary walk_ns) observations=$(summary observations)

# One visit and at most one observation for each 2 MiB of the machine's 16, said of all 512 pages: none is missed, most are not true.
expect nested 0 '' run "${keys[@]}" policy=first-touch tracker=abit nested_leaf=2M
holds nested.checksum test "$(summary checksum)" = "$sum"
holds nested.visits test "$(summary pte_visits)" -eq $((8 * $(summary windows)))
holds nested.observations test "$(summary observations)" -le $((8 * $(summary windows)))
holds nested.none_missed test "$(summary missed_windows)" -eq 0
holds nested.too_many test "$(summary stale_windows)" -gt "$(summary right_windows)"
holds nested.precision said 'map(select(.kind == "summary"))[0] | .accessed_precision < 0.9 and .accessed_recall == 1'
holds nested.shorter_walks test "$(summary walk_ns)" -lt "$walk_ns"
holds nested.few_faults test "$(summary faults)" -lt 16
# The launcher itself compares a repeat with the bytes that are there.
expect nested.repeated 0 '' run "${keys[@]}" policy=first-touch tracker=abit nested_leaf=2M

# The machine's own tables are exact all the same, by whoever scans them.
for scan in guest in-guest; do
    expect "$scan" 0 '' run "${keys[@]}" policy=first-touch tracker=abit nested_leaf=2M scan=$scan
    holds "$scan.checksum" test "$(summary checksum)" = "$sum"
    holds "$scan.some_right" test "$(summary right_windows)" -gt $((observations / 2))
    holds "$scan.none_missed" test "$(summary missed_windows)" -eq 0
    holds "$scan.none_too_many" test "$(summary stale_windows)" -eq 0
    holds "$scan.visits" test "$(summary pte_visits)" -ge "$visits"
done

# Leaves of which every page is hot are moved whole; by the machine's own tables pages are, and their leaf is split for it.
moving=(vms=1 place=slow-first layout=low fast=4M slow=20M footprint=16M hot=2M hot_share=99 window_us=1000 lru_streak=2 warmup=0 ops=600000)
expect moved 0 '' run "${moving[@]}" policy=first-touch
sum=$(summary checksum)
for migrator in sync batch; do
    expect "whole.$migrator" 0 '' run "${moving[@]}" policy=lru migrator=$migrator nested_leaf=2M
    holds "whole.$migrator.checksum" test "$(summary checksum)" = "$sum"
    holds "whole.$migrator.moved" test "$(summary promoted_pages)" -ge 512
    holds "whole.$migrator.of_512" test $(($(summary promoted_pages) % 512 + $(summary demoted_pages) % 512)) -eq 0
    holds "whole.$migrator.none_split" test "$(summary split_leaves)" -eq 0
    holds "whole.$migrator.hits" said 'map(select(.kind == "summary"))[0].fast_hit_ratio > 0.1'
done
expect split 0 '' run "${moving[@]}" policy=lru nested_leaf=2M scan=guest
holds split.checksum test "$(summary checksum)" = "$sum"
holds split.moved test "$(summary promoted_pages)" -gt 0
holds split.not_whole test $(($(summary promoted_pages) % 512)) -ne 0
holds split.leaves test "$(summary split_leaves)" -gt 0
holds split.few_leaves test "$(summary split_leaves)" -le 10
# A leaf counts for 512 of the moves that a period allows, and an order is recorded by its first page.
expect events 0 '' run "${moving[@]}" policy=lru nested_leaf=2M moves=512 events=1
holds events.of_512 said '[.[] | select(.event == "orders") | .orders[] | .[0]] | length >= 2 and all(. % 512 == 0)'
# Decisions are eight windows of 1 ms apart; without the limit one decision would give both orders.
holds events.one_a_period said '[.[] | select(.event == "orders") | .orders[] | .[3]] | .[1] - .[0] >= 8000000'

refused no_machine 4 'one machine, vms=1' run nested_leaf=2M
refused several 4 'one machine, vms=1' run vms=2 nested_leaf=2M
refused logged 4 'one D bit for all' run "${keys[@]}" nested_leaf=2M policy=first-touch tracker=abit scan=guest-log
refused sizes 4 'multiples of 2M' run "${keys[@]/fast=4M/fast=5M}" nested_leaf=2M
refused tracker 4 'tracker=wlog goes by pages' run "${keys[@]}" nested_leaf=2M policy=first-touch tracker=wlog
refused classifier 4 'classifier=bucket counts' run "${keys[@]}" nested_leaf=2M policy=vtmm scan=guest
refused migrator 4 'migrator=protect moves pages' run "${keys[@]}" nested_leaf=2M policy=lru migrator=protect
refused bound 4 'places or judges pages' run "${keys[@]}" nested_leaf=2M policy=all-fast
refused truth 4 'places or judges pages' run "${keys[@]}" nested_leaf=2M policy=first-touch tracker=truth
refused no_flush 4 'one bit for 512' run "${keys[@]}" nested_leaf=2M policy=lru flush=none
exit "$failed"
