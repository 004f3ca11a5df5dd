#!/usr/bin/env bash
# The shell: a script's transcript is the same 20 times of 20, also on a busy machine, and under every policy and in a machine the run that
# was stepped through is the undisturbed one.
# shellcheck source=tests/cli/common
. "$(dirname "$0")/../cli/common"
launcher=("$root/run-qemu.sh" -o "$place/results")
small=(fast=4M slow=16M footprint=8M hot=1M layout=low warmup=50000 ops=100000 window_us=500)

cat >"$place/script" <<'END'
watch 3
step
page 3
walk 3
heat truth
step tick 20
lists
step touch 5
tlb
ledger
step ms 3
scores
why 3
step window 4
tiers
events
run
page 3
END
busy() { while :; do :; done; }
busy &
other=$!
trap 'kill "$other" 2>/dev/null; rm -rf "$place"' EXIT
for ((n = 1; n <= 20; n++)); do
    launch shell "$place/script" "${small[@]}" policy=lru
    [ "$n" -gt 1 ] || cp "$place/out" "$place/first"
    holds "transcript.$n" cmp "$place/first" "$place/out"
done
kill "$other"
holds transcript.one_record test "$(find "$place/results" -name 'records*' | wc -l)" -eq 1

policies=$("${launcher[@]}" list 2>/dev/null | awk '/^[a-z]/ { on = $1 == "policy" } on && /^  / { print $1 }')
holds policies test "$(wc -w <<<"$policies")" -gt 10
for policy in $policies; do
    rm -rf "$place/results"
    launch shell "$place/script" "${small[@]}" policy="$policy"
    [[ $status == [04] ]] || not_ok "stepped.$policy" "status $status" # 4: it has no classifier to ask
    launch run "${small[@]}" events=1 policy="$policy"
    check "undisturbed.$policy" 0 ''
    holds "same_bytes.$policy" test "$(find "$place/results" -name 'records*' | wc -l)" -eq 1
done
kv=(workload=kv size=8M fast=4M slow=16M ops=20000 warmup=5000 window_us=500)
also() { # name, keys
    local name=$1
    shift
    rm -rf "$place/results"
    launch shell "$place/script" policy=lru "$@"
    [[ $status == [04] ]] || not_ok "stepped.$name" "status $status: $(tail -n 1 "$place/err")" # 4: it was over before all steps were
    launch run policy=lru events=1 "$@"
    check "undisturbed.$name" 0 ''
    holds "same_bytes.$name" test "$(find "$place/results" -name 'records*' | wc -l)" -eq 1
}
also machine "${small[@]}" vms=1
also kv "${kv[@]}"
also one_core "${small[@]}" daemons=0
also without_flush "${small[@]}" flush=none
exit "$failed"
