#!/usr/bin/env bash
# balance=balloon: who has to give fast memory chooses the pages itself; what it costs it, and what happens when its answer is none.
# shellcheck source=tests/cli/common disable=SC2016
. "$(dirname "$(readlink -f "$0")")/common"
launcher=("$root/run-qemu.sh" -o "$place/results")
keys=(vms=2 fast=2M slow=24M warmup=5000 window_us=500 score_windows=2 decide_windows=2 footprint=4M hot=256K slice_us=100)

records() { sed -n 's/^records: //p' "$place/out"; }
summary() { jq -r "select(.kind == \"summary\") | .$1" "$(records)"; }
machine() { jq -r "select(.kind == \"machine\" and .machine == $1) | .$2" "$(records)"; } # number, field
# shellcheck disable=SC2317 # holds calls it
said() { jq -se "$1" "$(records)" >/dev/null; } # condition on all records

# Shares as of utility, but a machine that has to give names the pages, and they are the ones that it does not use. It runs so long that its
# own hot pages, slow at first, have come up.
shares=("${keys[@]}" ops=100000 policy=lru tracker=truth vm0=hot:1920K vm1=hot:64K+hot_share:100+ops:600000)
expect gives 0 '' run "${shares[@]}" balance=balloon
holds verified test "$(machine 0 verified) $(machine 1 verified)" = 'true true'
holds follows said 'map(select(.event == "shares" and .machine == 1)) | last | .shares[0] > 2 * .shares[1]'
holds given said 'map(select(.event == "shares")) | any(.[]; .held[0] > 300)'
holds machine_names test "$(machine 1 balloon_pages)" -gt 100
holds names_what_is_there test "$((20 * $(machine 1 balloon_refused)))" -lt "$(machine 1 balloon_pages)"
holds answers test "$(machine 1 balloon_silent)" -eq 0
# Its last frames are those that its image and its tables lie in, which it cannot give up.
holds hardly_instead test "$((10 * $(machine 1 balloon_instead)))" -lt "$(machine 1 balloon_pages)"
holds keeps_its_hot_pages test "$(jq -r 'select(.kind == "machine" and .machine == 1) | .steady_hit_ratio > 0.9' "$(records)")" = true
expect repeated 0 '' run "${shares[@]}" balance=balloon
# One that names nonsense, and one that never answers: the host chooses in its place, and says so.
counts=
for how in lies silent; do # who waits for an answer for ever is soon found out
    expect "$how" 0 'machine 1 does not say what it gives up; the host chooses in its place' \
        -t 100 run "${shares[@]}" balance=balloon break=balloon-$how -v
    cat "$place/out" "$place/err" >"$place/said"
    holds "$how.verified" test "$(machine 0 verified) $(machine 1 verified)" = 'true true'
    holds "$how.instead" test "$(machine 1 balloon_instead)" -gt 100
    holds "$how.follows" said 'map(select(.event == "shares" and .machine == 1)) | last | .shares[0] > 2 * .shares[1] and .held[1] < 250'
    holds "$how.told" test "$(grep -c 'machine 1 .*the host chooses in its place' "$place/said")" = 1
    counts+=" $(machine 1 'balloon_silent, .balloon_refused' | xargs) $(summary migrate_insns)"
done
read -r lies_silent lies_refused lies_insns silent_silent silent_refused silent_insns <<<"$counts"
holds lies.too_many test "$lies_silent" -eq 1
holds lies.refused test "$lies_refused" -gt 100
holds silent.counted test "$silent_silent $silent_refused" = '4 0'
# It pays for what it does all that time: four times 64 instructions a page, less what the host does for it.
holds silent.pays test "$silent_insns" -gt "$((lies_insns + 2 * 64 * 3072))"

refused rigid 4 'chooses itself what it gives' run "${keys[@]}" balance=balloon policy=memtis
refused bits 4 'a bit has one reader' run "${keys[@]}" balance=balloon policy=lru scan=guest
exit "$failed"
