#!/usr/bin/env bash
# The contract of a part that is named: whole parts keep it, each broken one breaks it, and what is no part is refused.
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"
launcher=("$root/run-qemu.sh" -o "$place/results")

# kind, name, the part of the contract that it breaks
broken() {
    expect "$2" 1 '' test contract "$1=$2"
    holds "$2.says_why" grep -q "^not ok [0-9]* contract\.$3 # $2: .*want=" "$place/out"
    holds "$2.asked_once" test "$(grep -c "^not ok .* contract\.$1_" "$place/out")" -eq "$(grep -c '^not ok' "$place/out")"
}
broken tracker broken-silent tracker_sees
broken tracker broken-all tracker_sees
broken classifier broken-twice classifier_orders
broken migrator broken-wrong-frame migrator_stores
broken migrator broken-lost-store migrator_stores
broken migrator broken-never migrator_moves
# None was forgotten: parts that are for tests are these.
TIERLAB_IMAGE=$root/build/tierlab-tests.elf32 "${launcher[@]}" list >"$place/list" 2>"$place/err"
holds all_broken_parts test "$(sed -n '/^tracker/,/^workload/s/^  \(broken-[a-z-]*\).*/\1/p' "$place/list" | sort | tr '\n' ' ')" = \
    'broken-all broken-lost-store broken-never broken-silent broken-twice broken-wrong-frame '

# A part that does not suit the default policy's others is tested all the same, in its own contract alone.
expect hint 0 '' test contract tracker=hint hint_fast=0
holds hint.tracker_only test "$(grep -c '^ok .*contract\.tracker_[a-z]*$' "$place/out")" -eq 3
holds hint.others_skipped test "$(grep -c '# SKIP the part that is named is of another kind' "$place/out")" -eq 6
expect fault_latency 0 '' test contract classifier=fault-latency
expect transaction 0 '' test contract migrator=transaction transaction_shadows=0
refused unknown 4 'migrator=nosuch: unknown migrator; the known ones are: .*batch' test contract migrator=nosuch
refused none 4 'tracker=none: there is no part' test contract tracker=none
refused misfit_elsewhere 4 'every window' test track. tracker=hint
exit "$failed"
