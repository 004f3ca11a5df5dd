#!/usr/bin/env bash
# An experiment whose runs are made elsewhere: emitted as commands, run in two places, collected into the same bytes; what
# another image made, and what differs, is refused.
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"
mkdir "$place/confs"
export TIERLAB_EXPERIMENTS=$place/confs
launcher=("$root/run-qemu.sh" -o "$place/results")
printf '%s\n' 'title = small' 'set off: tracker=none' 'set abit: tracker=abit' 'base = off' 'policy = first-touch' 'footprint = 4M' \
    'hot = 1M' 'fast = 2M' 'window_us = 500' 'score_windows = 2' 'ops = 20000' 'warmup = 2000' 'seeds = 1 2' 'columns = precision' \
    'figure = bar' 'x = set' 'y = precision' >"$place/confs/small.conf"

launcher=("$root/run-qemu.sh" -o "$place/alone")
expect alone 0 '' experiment small
launcher=("$root/run-qemu.sh" -o "$place/results")

expect emit 0 '' experiment small --emit
out=$place/results/experiments/small
holds emitted test "$(grep -c '^\./run-qemu\.sh run .*seed=' "$out/commands")" -eq 4
holds says_how grep -q 'runs: 4 in the matrix, 4 missing' "$place/out"
holds array grep -q '^#SBATCH --array=1-4$' "$out/array.sbatch"
holds array_is_a_script sh -n "$out/array.sbatch"
holds nothing_run test "$(find "$place/results" -name records.jsonl | wc -l)" -eq 0

# Half of them by Slurm's script (its number given by hand), half as lines of a shell, each in a place of its own.
for n in 1 2; do
    holds "first_place_$n" bash -c "cd '$root' && SLURM_ARRAY_TASK_ID=$n sh '$out/array.sbatch' -o '$place/there' >/dev/null"
done
while read -r line; do holds third_place bash -c "cd '$root' && $line -o '$place/yonder' >/dev/null"; done < <(tail -n 2 "$out/commands")

expect some 0 'tierlab: experiment: 2 results taken in, 0 are none of its runs' experiment small --emit --collect "$place/there"
holds some_missing test "$(wc -l <"$out/commands")" -eq 2
"$root/run-qemu.sh" run policy=first-touch footprint=4M hot=1M fast=2M ops=1000 -o "$place/yonder" >/dev/null 2>&1 # none of its runs
expect all 0 'tierlab: experiment: 4 results taken in, 1 are none of its runs' experiment small --collect "$place/there" --collect "$place/yonder"
holds none_run_here grep -q '4 in the matrix, 0 run now' "$place/out"
for file in records.jsonl table.txt figure.svg; do
    holds "same_$file" cmp "$place/alone/experiments/small/$file" "$out/$file"
done

run=$(basename "$(dirname "$(find "$place/there" -name records.jsonl | head -n 1)")")
cp -r "$place/there" "$place/foreign"
sed -i 's/^ids=.*/ids=0123456789abcdef/' "$place/foreign/$run/command.txt"
refused foreign 7 "foreign/$run is of another image, model or QEMU \(0123456789abcdef" experiment small --collect "$place/foreign"
cp -r "$place/there" "$place/changed"
sed -i 's/"time_ns":[0-9]*/"time_ns":1/' "$place/changed/$run/records.jsonl"
refused changed 1 'the same run gave other bytes there' experiment small --collect "$place/changed"
cp -r "$place/there" "$place/renamed"
mv "$place/renamed/$run" "$place/renamed/0000000000000000"
refused renamed 7 "a directory of results is named after its run" experiment small --collect "$place/renamed"
holds results_are_whole cmp "$place/alone/experiments/small/records.jsonl" "$out/records.jsonl"
refused no_directory 7 'is no directory of results' experiment small --collect "$place/nowhere"
refused other_command 4 'belong to the command experiment' run --emit
exit "$failed"
