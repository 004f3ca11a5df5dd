#!/usr/bin/env bash
# adversary: one checksum on the host, in the guest, under pages that move and whatever the clock says; the closed forms that a placement which
# never changes must show; bad input.
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"

# Looking through all processes after each of so many checks takes longer than the checks; the launcher's own tests do it.
leftovers() { ls -A "$TMPDIR"; }

native=$root/build/native/tierlab
keys=(workload=adversary adversary_fast=2M ops=100000 warmup=20000)
clocked=(adversary_us=500 adversary_lead_us=50)
small=adversary_bytes=16M

for pattern in moving pingpong spread writeburst justbefore critical; do
    bytes=$small
    [[ $pattern != @(pingpong|critical) ]] || bytes=seed=1
    "$native-sanitized" "${keys[@]}" "${clocked[@]}" adversary_pattern=$pattern $bytes >"$place/out" 2>"$place/err"
    status=$?
    check "$pattern" 0 ''
    cp "$place/out" "$place/$pattern.json"
done
want=$(jq -r .checksum "$place/pingpong.json")

launcher=("$root/run-qemu.sh" -o "$place/results")
field() { jq -r --arg f "$1" 'select(.kind == "summary") | .[$f]' "$(sed -n 's/^records: //p' "$place/out")"; }
guest() { # name, arguments
    local name=$1
    shift
    expect "$name" 0 '' run "${keys[@]}" "${clocked[@]}" fast=2M slow=64M window_us=500 "$@"
    holds "$name.checksum" test "$(field checksum)" = "$want"
}
# Of every 513 accesses in the circle one goes to the page that is not in the fast tier: loads of 100000 that fall there, give or take a round's end.
guest guest_pingpong adversary_pattern=pingpong policy=first-touch
loads=$(field slow_loads)
holds pingpong_still test "$loads" -ge 194 -a "$loads" -le 196
# A fast tier of an eighth of the footprint, whatever whole 2 MiB lie in it: an eighth. Standard deviation 105 of 12500; five are allowed.
guest guest_spread adversary_pattern=spread "$small" policy=first-touch
loads=$(field fast_loads)
holds spread_still test "$loads" -ge 11975 -a "$loads" -le 13025
guest guest_moving adversary_pattern=moving "$small" policy=lru
holds moving_moves test "$(field adversary_edges)" -gt 10

# Two groups at once: the half that reads, and the half that writes what was read before; some of those pages are being moved.
# It takes longer than the other runs, so that the groups change sides more than twice.
short=("${keys[@]}") short_want=$want
keys=("${keys[@]/ops=100000/ops=250000}")
"$native-sanitized" "${keys[@]}" "${clocked[@]}" adversary_pattern=writeburst "$small" >"$place/long.json" 2>"$place/err"
want=$(jq -r .checksum "$place/long.json")
guest guest_writeburst adversary_pattern=writeburst "$small" policy=lru lru_streak=1 score_windows=1 decide_windows=1
holds writeburst_moves test "$(field adversary_edges)" -gt 2 -a "$(field promoted_pages)" -gt 100
holds writeburst_meets_moving_pages test "$(field faults)" -gt 0
keys=("${short[@]}") want=$short_want
# An edge a window, or an edge every third one.
guest guest_justbefore adversary_pattern=justbefore "$small" policy=first-touch
each=$(field adversary_edges)
guest guest_justbefore_third adversary_pattern=justbefore "$small" adversary_every=3 policy=first-touch
third=$(field adversary_edges)
holds justbefore_every_third test "$each" -gt 9 -a "$third" -ge $((each / 3 - 1)) -a "$third" -le $((each / 3 + 1))

# Hot is not critical: with the chased half in the fast tier a quarter of the requests is fast, with the streamed one three quarters, and
# it takes twice as long. One number for the whole program would say the reverse.
want=$(jq -r .checksum "$place/critical.json")
critical() { # name, arguments: the time in $time, the hits in $hits
    expect "critical_$1" 0 '' run "${keys[@]}" adversary_pattern=critical policy=first-touch "${@:2}"
    holds "critical_$1.checksum" test "$(field checksum)" = "$want"
    time=$(field time_ns) hits=$(field fast_hit_ratio)
}
critical chased fast=2M slow=64M
chased=$time
holds critical_chased_hits awk -v hits="$hits" 'BEGIN { exit !(hits > 0.2 && hits < 0.3) }'
critical streamed fast=4M slow=2M place=slow-first
holds critical_streamed_hits awk -v hits="$hits" 'BEGIN { exit !(hits > 0.7 && hits < 0.8) }'
holds critical_times test "$time" -gt $((chased * 2))
critical one_number fast=2M slow=64M mlp=10000
chased=$time
critical one_number_streamed fast=4M slow=2M place=slow-first mlp=10000
holds critical_needs_two_numbers test $((time * 10)) -lt $((chased * 13))
# The self-check before a run goes by latencies, whatever mlp= says of the program.
expect self_check_with_mlp 0 '' run mlp=10000 ops=20000 warmup=1000

bad() { # name, pattern, arguments
    local name=$1 pattern=$2
    shift 2
    "$native" workload=adversary "$@" >"$place/out" 2>"$place/err"
    status=$?
    check "$name" 4 "^tierlab: $pattern"
}
bad unknown_pattern 'adversary_pattern=x: must be one of' adversary_pattern=x
bad too_small 'adversary_bytes=.*too few' adversary_bytes=1M
bad size_twice 'size= and adversary_bytes=' size=16M adversary_bytes=16M
bad pingpong_bytes 'adversary_bytes=.*pingpong' adversary_pattern=pingpong adversary_bytes=16M
bad pingpong_size_twice 'size= and adversary_fast=' adversary_pattern=pingpong size=16M adversary_fast=16M
bad spread_odd 'adversary_spread=3: must be a power of two' adversary_pattern=spread adversary_spread=3
bad spread_too_small 'adversary_bytes=.*one hot page' adversary_pattern=spread adversary_spread=1 adversary_bytes=1M
bad lead_too_long 'adversary_lead_us=' adversary_pattern=justbefore adversary_lead_us=4700

exit "$failed"
