#!/usr/bin/env bash
# Experiments: what is malformed is refused with its line, results of another image are left alone, an interrupted
# experiment ends in the same bytes as an undisturbed one, and each of the repository's runs in its reduced form.
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"
mkdir "$place/confs"
export TIERLAB_EXPERIMENTS=$place/confs
launcher=("$root/run-qemu.sh" -o "$place/results")

conf() { # lines: the file small.conf
    printf '%s\n' "$@" >"$place/confs/small.conf"
}
readonly SMALL=('title = small' 'set off: tracker=none' 'set abit: tracker=abit' 'base = off' 'policy = first-touch'
    'footprint = 4M' 'hot = 1M' 'fast = 2M' 'window_us = 500 1000' 'score_windows = 2' 'decide_windows = 2' 'ops = 20000' 'warmup = 2000'
    'seeds = 1 2' 'columns = precision slowdown_percent' 'figure = line' 'x = window_us' 'y = precision')

bad() { # name, pattern, lines
    local name=$1 pattern=$2
    shift 2
    conf "$@"
    refused "bad_$name" 4 "$pattern" experiment small
}
bad no_equals 'small\.conf:19: ' "${SMALL[@]}" 'nonsense'
bad unknown_key "small\.conf:19: unknown key 'hott'; the nearest known one is 'hot'" "${SMALL[@]}" 'hott = 1'
bad unknown_key_in_set "small\.conf:19: unknown key 'frob'" "${SMALL[@]}" 'set x: tracker=abit frob=1'
bad key_twice "small\.conf:19: 'ops' is given twice" "${SMALL[@]}" 'ops = 3'
bad set_twice 'small\.conf:19: set abit is there' "${SMALL[@]}" 'set abit: tracker=none'
bad word_in_set "small\.conf:19: 'abit' is not key=value" "${SMALL[@]}" 'set x: abit'
bad figure "small\.conf:19: 'figure'" "${SMALL[@]}" 'figure = pie'
bad seed_key 'small\.conf:19: key seed' "${SMALL[@]}" 'seed = 1'
bad seed_twice 'small\.conf:14: seed 02 is given twice' "${SMALL[@]/#seeds = */seeds = 1 2 02}"
bad seed_word "small\.conf:14: seed 'one' is not" "${SMALL[@]/#seeds = */seeds = one}"
bad seed_twice_reduced 'small\.conf:19: seed 3 is given twice' "${SMALL[@]}" 'reduced: seeds=3,3'
bad value_twice 'small\.conf:7: hot: value 1024K is given twice' "${SMALL[@]/#hot = */hot = 1M 1024K}"
bad names_on_x 'small\.conf:19: full is no number' "${SMALL[@]/#x = */x = flush}" 'flush = full page'
bad names_on_y "small\.conf:18: field 'tracker' holds names" "${SMALL[@]/#y = */y = tracker}"
bad title_for_gnuplot 'small\.conf:1: title: gnuplot' "${SMALL[@]/#title = */title = \`date\`}"
bad carriage_return 'small\.conf:1: a carriage return' "${SMALL[@]/%/$'\r'}"
bad one_carriage_return 'small\.conf:19: a carriage return' "${SMALL[@]}" $'policy = lru\r'
bad paper_missing 'small\.conf:19: paper' "${SMALL[@]}" 'paper = nosuch.paper'
bad nothing "small\.conf:1: 'title = ...' is missing" 'set abit: tracker=abit'
bad column "small\.conf:1: no run has a field 'frob'" 'columns = frob' 'title = t' 'set abit: tracker=abit' \
    'footprint = 4M' 'hot = 1M' 'ops = 2000' 'warmup = 200' 'figure = line' 'x = ops' 'y = precision'
HEAT=('figure = heat' 'title = t' 'set off: tracker=none' 'footprint = 4M' 'hot = 1M' 'ops = 2000' 'warmup = 200' 'columns = time_ms')
bad heat_axes "small\.conf:1: figure 'heat' has axes" "${HEAT[@]}" 'y = precision'
bad heat_without_heat "small\.conf:1: figure 'heat' draws runs with heat=1" "${HEAT[@]}" 'policy = first-touch'
conf "${SMALL[@]}"
refused bad_given_key 4 "unknown key 'latency'; the nearest known one is '[a-z_]*'" experiment small latency=1
refused no_reduced_form 4 'no reduced form' experiment small reduced=1

# Sizes along x, as a user writes them, and a seed that no double holds: the values reach the figure in bytes, the seed the records whole.
conf "${SMALL[@]:0:6}" 'hot = 512K 1M' 'fast = 2M' 'ops = 10000' 'warmup = 1000' 'window_us = 500' 'score_windows = 2' 'seeds = 18446744073709551615' \
    'columns = precision' 'figure = line' 'x = hot' 'y = precision' 'y = recall hot=1024K'
expect sizes_on_x 0 '' experiment small
holds sizes_in_table grep -Eq '^abit +512K +0\.[0-9]+$' "$place/out"
holds seed_is_whole test "$(grep -c '"seed":18446744073709551615,' "$place/results/experiments/small/records.jsonl")" -eq 4
holds sizes_are_marks test "$(grep -c '>512K<\|>1M<' "$place/results/experiments/small/figure.svg")" -ge 2

# Undisturbed; then again elsewhere, killed after two runs, and resumed.
rm -rf "$place/results"
conf "${SMALL[@]}"
expect undisturbed 0 '' experiment small
holds skips_what_is_there bash -c '"$@" | grep -q "8 in the matrix, 0 run now"' - "${launcher[@]}" experiment small
launcher=("$root/run-qemu.sh" -o "$place/again")
"${launcher[@]}" experiment small -j 1 >"$place/out" 2>"$place/err" </dev/null &
pid=$!
for ((n = 0; n < 300; n++)); do
    [ "$(grep -c . "$place/again/experiments/index" 2>/dev/null || true)0" -lt 20 ] || break
    sleep 0.05
done
kill -TERM $pid
wait $pid
status=$?
check interrupted 130 ''
holds interrupted_midway test ! -e "$place/again/experiments/small/records.jsonl"
expect resumed 0 '' experiment small
# shellcheck disable=SC2016 # for the inner shell
holds resumed_some bash -c '! grep -q " 8 run now" "$1"' - "$place/out"
for file in records.jsonl table.txt figure.svg figure.png; do
    holds "same_bytes_${file%.*}_${file##*.}" cmp "$place/results/experiments/small/$file" "$place/again/experiments/small/$file"
done

# Another image's results.
before=$(find "$place/again" -type f ! -name identity -exec sha256sum {} +)
echo another >"$place/again/experiments/small/identity"
refused other_image 7 'another image' experiment small
holds other_image_untouched test "$before" = "$(find "$place/again" -type f ! -name identity -exec sha256sum {} +)"

# A set for each policy, but the tests' own; one with a line of its own keeps it. In the ranking stand all but the base.
conf 'title = t' 'set lru: policy=lru lru_streak=2' 'set *: window_us=500' 'base = all-fast' 'footprint = 4M' 'hot = 1M' 'fast = 2M' 'ops = 3000' 'warmup = 300' \
    'columns = time_ms' 'figure = grid' 'x = case' 'y = relative_time' 'reduced: sets=lru,all-fast,clairvoyant ops=1000'
expect every_policy 0 '' experiment small reduced=1
holds every_policy_ranked test "$(awk '/^lru / && $2 == 1 { n++ } /^clairvoyant / && $2 == "-" { n++ } END { print n }' "$place/out")" = 2
launcher=("$root/run-qemu.sh" -o "$place/policies")
expect every_policy_emitted 0 '' experiment small --emit
"$root/run-qemu.sh" list 2>/dev/null | awk '/^[^ ]/ { kind = $1 } kind == "policy" && /^ / && !/for tests/ { print $1 }' | sort >"$place/policies.txt"
sed -n 's/.* policy=\([^ ]*\).*/\1/p' "$place/policies/experiments/small/commands" | sort >"$place/emitted.txt"
holds every_policy_there cmp "$place/policies.txt" "$place/emitted.txt"
bad order "small\.conf:1: order 'worst'" 'order = worst'

# The repository's own.
unset TIERLAB_EXPERIMENTS
launcher=("$root/run-qemu.sh" -o "$place/own")
launch experiment list
for name in tracking-accuracy tracking-overhead mlq flush sampling frontier delay patterns slow-tier loaded-latency read-write-mix \
    macro hotset vm-traps vm-migration-slowdown vm-ablation vm-mlq; do
    holds "listed_$name" grep -q "^$name " "$place/out"
    "${launcher[@]}" experiment $name reduced=1 >"$place/$name.txt" 2>"$place/err" </dev/null
    status=$?
    check "reduced_$name" 0 ''
    for file in records.jsonl table.txt figure.svg figure.png; do
        [ -s "$place/own/experiments/$name-reduced/$file" ] || not_ok "reduced_$name.$file" 'missing or empty'
    done
done
# DDR4's lane with half as many writes as reads: 64 bytes at 113 GB/s and 32 at 77 make 98 GB/s.
holds mix_of_the_lane jq -e '.tier_GBps > 92 and .tier_GBps < 104' "$place/own/experiments/read-write-mix-reduced/records.jsonl"
exit "$failed"
