#!/usr/bin/env bash
# Tests of the tests: everything that can go wrong is made to go wrong on purpose, and must be seen. Where a check is a bound on a
# measure, a right part passes the same check, so that it is not passed by nobody.
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"
launcher=("$root/run-qemu.sh" -o "$place/results")

# Damage to the guest: each kind has its status.
expect panic 2 'PANIC: on purpose' run break=panic
expect page_fault 2 'page fault' run break=fault
expect fetch_fault 2 'page fault\), error code 10,' run -t 20 break=fetch
expect stack_overflow 2 'double fault' run break=overflow
expect hang 124 'not done after 3 s' run -t 3 break=hang
expect triple_fault 3 'guest lost' run break=triple
expect damaged_acpi 5 'checksum|damaged' run break=acpi
expect no_tick 5 'no tick came' run break=tick

# An access that nobody wrote down fails the comparison with the truth, and nothing else does.
expect truth_is_right 0 '' test model.truth
expect miscount 1 '' test model.truth break=miscount
holds miscount_counted grep -q '^# Totals: pass:0 fail:1 ' "$place/out"
holds miscount_named grep -q '^not ok .* model.truth # .*want=' "$place/out"

# What follows needs the parts that are wrong on purpose; the image with the tests has them.
flock -F "$root" make -s -C "$root" build/tierlab-tests.elf32 >/dev/null || not_ok builds 'no image with the tests'
export TIERLAB_IMAGE=$root/build/tierlab-tests.elf32

# A small run without much warm-up, so that the moves lie in its measured phase: 512 of 4096 pages are hot and begin in the slow tier.
small=(fast=4M slow=32M footprint=16M hot=2M ops=1000000 warmup=1000 window_us=500 score_windows=4 decide_windows=4)

summary() { # field of the summary of the last run
    jq -r "select(.kind == \"summary\") | .$1" "$place"/results/*/records.jsonl
}
measured() { # name, arguments: a run that must succeed, whose summary can then be asked
    local name=$1
    shift
    rm -rf "$place/results"
    expect "$name" 0 '' run "$@"
}
at_least() { # name, field, bound
    local value
    value=$(summary "$2")
    if jq -en --arg v "$value" --arg b "$3" '($v | tonumber) >= ($b | tonumber)' >/dev/null 2>&1; then
        ok "$1"
    else
        not_ok "$1" "$2 is $value, wanted at least $3"
    fi
}
below() { # name, field, bound
    local value
    value=$(summary "$2")
    if jq -en --arg v "$value" --arg b "$3" '($v | tonumber) < ($b | tonumber)' >/dev/null 2>&1; then
        ok "$1"
    else
        not_ok "$1" "$2 is $value, wanted below $3"
    fi
}

# Migrators that lose data do not verify.
for migrator in sync batch; do
    measured "$migrator" "${small[@]}" migrator=$migrator
    at_least "$migrator.moves" promoted_pages 400
done
expect wrong_frame 1 'did not verify' run "${small[@]}" migrator=broken-wrong-frame
expect lost_store 1 'did not verify' run "${small[@]}" migrator=broken-lost-store

# A policy that never moves: the bounds that lru passes find it.
measured lru "${small[@]}" policy=lru
at_least lru.moves promoted_pages 400
at_least lru.hits steady_hit_ratio 0.5
measured never "${small[@]}" policy=broken-never
below never.moves promoted_pages 1
holds never.says_so test "$(summary acted)" = false
holds never.is_told grep -Eq '^  moves +none since the start' "$place/out"
below never.hits steady_hit_ratio 0.5

# Trackers: abit is right about what it was asked, silence has no recall, and reporting everything no precision.
measured abit "${small[@]}" migrator=none
at_least abit.declared_precision declared_precision 0.9
at_least abit.declared_recall declared_recall 0.9
at_least abit.precision precision 0.6
at_least abit.recall recall 0.6
# What cannot fit is refused before the run, with the reason; a pair that can move says that it has.
for tracker in hint sample region; do
    expect "misfit_$tracker" 4 'every window' run policy=lru tracker=$tracker
done
expect misfit_touches 4 'tracker=hint' run policy=numa-balancing tracker=abit
measured acts "${small[@]}" policy=lru
holds acts.says_so test "$(summary acted)" = true
holds acts.is_not_told test -z "$(grep '^  moves ' "$place/out")"

measured silent "${small[@]}" migrator=none tracker=broken-silent
below silent.declared_recall declared_recall 0.9
below silent.recall recall 0.6
measured all "${small[@]}" migrator=none tracker=broken-all
below all.declared_precision declared_precision 0.9
below all.precision precision 0.6

# A checksum that does not depend on what was done: seeds and lengths tell.
checksum() { # arguments
    "${launcher[@]}" run fast=4M slow=32M "$@" >/dev/null 2>&1 </dev/null
    summary checksum
}
checksums() { # name suffix, wanted relation, arguments
    local first other name=$1 want=$2 relation=same
    shift 2
    rm -rf "$place/results"
    first=$(checksum "$@" seed=1 ops=50000)
    for other in seed=2\ ops=50000 seed=1\ ops=60000; do
        rm -rf "$place/results"
        # shellcheck disable=SC2086 # two words
        [ "$(checksum "$@" $other)" = "$first" ] || relation=different
    done
    if [ -n "$first" ] && [ "$relation" = "$want" ]; then ok "$name"; else not_ok "$name" "'$first': $relation"; fi
}
checksums hotset_checksum different workload=hotset footprint=8M hot=1M warmup=10000
checksums constant_checksum same workload=broken-constant warmup=1000

exit "$failed"
