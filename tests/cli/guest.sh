#!/usr/bin/env bash
# The launcher with the real guest: what the guest refuses, what a real QEMU leaves behind, and that a run repeats.
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"
launcher=("$root/run-qemu.sh" -o "$place/results")
set -m

# The guest's keys, the model's and the script's: the nearest of all.
refused unknown_key 4 "^tierlab: unknown key 'foot_print'; the nearest known one is 'footprint'," run foot_print=1M
refused unknown_key_of_the_model 4 "'latency_percnt'; the nearest known one is 'latency_percent'," run latency_percnt=50
refused unknown_key_of_the_script 4 "'mashine'; the nearest known one is 'machine'," run mashine=pc
refused unknown_policy 4 "^tierlab: .*nosuch.* lru" run policy=nosuch
refused unknown_workload 4 "^tierlab: .*nosuch.* hotset" run workload=nosuch
refused unknown_in_compare 4 "^tierlab: .*nosuch" compare policy=nosuch
refused bad_number 4 "^tierlab: .*seed=abc" run seed=abc
refused size_out_of_range 4 'footprint=1K: must be from 64K to 2G' run footprint=1K
refused sizes_disagree 4 'hot=32M: the hot part cannot be larger than footprint=1536K' run hot=32M footprint=1536K
refused model_size_out_of_range 4 'l1=2M: must be from 4K to 1M' run l1=2M
expect test_form 0 '' test 'clock.b*fre?'
holds test_form_took_one grep -qx '1..1' "$place/out"
expect test_form_whole_name 4 'no test has this' test 'lock.*'
refused bad_model_number 4 "^tierlab model: insn_ps=abc" run insn_ps=abc
refused model_number_out_of_range 4 "^tierlab model: insn_ps=0" run insn_ps=0
# Both ends of a range work: at 1 % a load would wait for the lane, not for the memory, were the self-check not without bandwidth.
expect latency_least 0 "" run latency_percent=1 policy=first-touch ops=20000 fast=4M slow=16M footprint=8M hot=1M
expect latency_most 0 "" run latency_percent=10000 policy=first-touch ops=20000 fast=4M slow=16M footprint=8M hot=1M
rm -rf "$place/results"
sed 's/\t113\t/\tmany\t/' "$root/model/presets.tsv" >"$place/damaged.tsv"
TIERLAB_PRESETS=$place/damaged.tsv refused preset_damaged 7 'presets file .*damaged.tsv' run
# A column that only the model reads, in a row that is not asked for.
sed 's/^unit\t1\t-\t1\t0\t0\t1\t/unit\t1\t-\t1\t0\t0\t1e300\t/' "$root/model/presets.tsv" >"$place/damaged.tsv"
TIERLAB_PRESETS=$place/damaged.tsv refused preset_damaged_elsewhere 7 'damaged.tsv, line 26, column lanes' run

# What QEMU itself refuses of the user's own arguments.
refused qemu_option 4 'QEMU refuses what follows --: .*-frobnicate' run -- -frobnicate
refused qemu_device 4 'QEMU refuses what follows --: .*nosuch' run -- -device nosuch
# A machine with one node: QEMU without what makes the second one.
cat >"$place/one-node" <<'END'
#!/usr/bin/env bash
args=()
while [ $# -gt 0 ]; do
    case $1 in
    -numa) shift ;;
    -object) [[ $2 == memory-backend-ram* ]] || args+=("$1" "$2"); shift ;;
    -M) args+=(-M "${2%,hmat=on}"); shift ;;
    *) args+=("$1") ;;
    esac
    shift
done
exec qemu-system-x86_64 "${args[@]}"
END
chmod +x "$place/one-node"
refused one_node 5 '^tierlab: .*node' run --qemu "$place/one-node"
refused one_node_without_model 5 '^tierlab: .*node' run --no-model --qemu "$place/one-node"

# Long enough to be caught in the middle.
long=(ops=200000000)
expect hang 124 'not done after 1 s' run -t 1 "${long[@]}"

# Name, signal, arguments: to the process group, as a terminal does it, once the guest is under way.
interrupted() {
    local name=$1 signal=$2 pid n
    shift 2
    "${launcher[@]}" "$@" >"$place/out" 2>"$place/err" </dev/null &
    pid=$!
    for ((n = 0; n < 100; n++)); do
        sleep 0.1
        [ ! -s "$(echo "$TMPDIR"/*/0/console)" ] || break
    done
    sleep 0.5
    kill -s "$signal" -- "-$pid"
    wait $pid
    status=$?
    check "$name" 130 ''
}
interrupted ctrl_c INT run "${long[@]}"
interrupted term TERM run "${long[@]}"
interrupted compare_ctrl_c INT compare -j 2 "${long[@]}"

"${launcher[@]}" run "${long[@]}" >"$place/out" 2>"$place/err" </dev/null &
for ((n = 0; n < 600; n++)); do
    sleep 0.1
    [[ $(cat "/proc/$(qemu_of $!)/comm" 2>/dev/null) != qemu* ]] || break
done
kill_qemu $!
wait $!
status=$?
check qemu_killed 3 'QEMU died'
holds no_results test -z "$(ls -A "$place/results" 2>/dev/null)"

# The same run, from elsewhere and with another one beside it.
expect run 0 '' run policy=lru
cd / || exit 1
"${launcher[@]}" run policy=first-touch >/dev/null 2>&1 &
launch run policy=lru
wait
check run_again 0 ''
holds one_result_each test "$(find "$place/results" -name 'records*.jsonl' | wc -l)" -eq 2

# Progress, by any workload, because the laboratory tells it between slices of work: percent in ascending order.
expect progress 0 'progress' run -v --no-model workload=gap-cc gap_scale=10 ops=64 warmup=0
told=$(sed -n 's/.*| progress \([0-9]*\) .*/\1/p' "$place/err")
holds progress.ascends test "$(wc -l <<<"$told")" -ge 10 -a "$told" = "$(sort -nu <<<"$told")"
exit "$failed"
