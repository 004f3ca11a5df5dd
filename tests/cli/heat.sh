#!/usr/bin/env bash
# The heat of a run (heat=1): truth against what a script's text implies, what a tracker saw and where pages lie against other
# records, their merging into columns, and how they are drawn.
# shellcheck disable=SC2016,SC2317 # the variables are those of jq; maps is called through holds
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"
launcher=("$root/run-qemu.sh" -o "$place/results")
keys=(policy=first-touch fast=2M slow=16M window_us=50)

ask() { # name, filter over the array of records: must be true
    if jq -s -e "$2" "$place/records" >/dev/null 2>"$place/err"; then
        ok "$1"
    else
        not_ok "$1" "$(head -n 1 "$place/err") $(jq -c 'select(.event == "heat_pages") | del(.points)' "$place/records")"
    fi
}
record() { # name, arguments
    launch run "${keys[@]}" "${@:2}"
    check "$1" 0 ''
    cat "$place/results"/*/records.jsonl >"$place/records"
    rm -rf "$place/last"
    mv "$place/results" "$place/last"
}

# 1 MiB is 256 pages, one a bin. Every line is written once, in order; then the 64 KiB in the middle get 10 reads a line.
record script heat=1 workload=script script='0+1M:64:seq:write:16384;512K+64K:64:random:read:10240' warmup=0
ask bins 'map(select(.event == "heat")) | all(.bin_pages == 1 and (.accesses | length) == 256)'
ask by_address '[.[] | select(.event == "heat").accesses] | transpose | map(add) ==
    [range(256) | 64 + (if . >= 128 and . < 144 then 640 else 0 end)]'
ask windows_join 'map(select(.event == "heat" and .end_ns > 0)) | length > 4 and
    ([.[:-1], .[1:]] | transpose | all(.[0].end_ns == .[1].start_ns)) and .[0].start_ns == 0'
# In order: what is written later is heated later.
ask by_time 'map(select(.event == "heat" and .end_ns > 0).accesses) |
    [range(0; 128; 16) as $bin | map(.[$bin]) | map(. > 0) | index(true)] | . == sort and .[0] < .[-1]'
ask pages 'map(select(.event == "heat_pages"))[0] | .pages == 256 and .touched_pages == 256 and .loads == 10240 and .stores == 16384 and
    .top_1_percent_accesses == 2 * 704 and .top_10_percent_accesses == 16 * 704 + 9 * 64 and .points[0] == [1, 704] and
    .points[-1] == [256, 26624] and (.points | map(.[0]) | . == unique)'
# 100 equal columns at most. Nothing is lost but by rounding: of n cells by chance about sqrt(n) / 3; four times sqrt(n) is allowed.
jq -nc --argjson course false -L "$root/tools/figures" -f "$root/tools/figures/gather.jq" "$place/records" >"$place/gathered"
jq -s '([.[] | select(.event == "heat").accesses | add] | add)' "$place/records" >"$place/sum"
holds columns json_says --slurpfile sum "$place/sum" '(.heat.cells | length) as $n | $n == ([.heat_windows, 100] | min) and
    ((.heat.cells | map(add) | add) - $sum[0] | . * . <= 16 * $n * 128) and .top_1_percent > 5.28 and .top_1_percent < 5.29' \
    "$place/gathered"

# The map has the warm-up, the distribution has not.
record warmup heat=1 workload=hotset size=1M ops=20000 warmup=30000
ask warmup_apart '(map(select(.event == "phase" and .name == "measured"))[0].start_ns) as $at | map(select(.kind == "summary"))[0] as $s |
    map(select(.event == "heat_pages"))[0] as $p |
    ([.[] | select(.event == "heat" and .end_ns <= $at).accesses | add] | add) as $before |
    ([.[] | select(.event == "heat" and .start_ns >= $at).accesses | add] | add) as $after |
    $before > 30000 and $after == $p.loads + $p.stores and $after == $p.points[-1][1] and
    $p.loads == $s.fast_loads + $s.slow_loads and $p.stores == $s.fast_stores + $s.slow_stores'
# A rehearsed run is recorded once.
keys[0]=policy=clairvoyant
record rehearsed heat=1 workload=hotset size=1M ops=20000 warmup=30000
ask once 'map(select(.event == "heat")) | [.[:-1], .[1:]] | transpose | all(.[0].end_ns == .[1].start_ns)'

# A tracker that knows the truth sees it, in every window that it has looked at; a bin is then two pages.
keys=(fast=2M slow=16M window_us=100 score_windows=2 decide_windows=2 step_pages=5)
record seen heat=1 workload=hotset policy=lru tracker=truth size=4M ops=100000 warmup=20000
ask seen_is_truth 'map(select(.event == "heat")) | (map(select(.seen == null)) | length <= 2) and length > 10 and
    all(.seen == null or .seen == .accesses) and all(.bin_pages == 2 and (.fast_pages | length) == 512)'
# Its 1024 pages are more than the 512 that the fast tier has: that is full but for moves that were under
# way, a few pages a step, and what changed moved.
ask fast_is_full 'map(select(.event == "heat").fast_pages) | (.[0] | add == 512) and all(add <= 512 and add >= 500 and max <= 2)'
ask fast_moves '(map(select(.kind == "window"))[-1] | .promoted_pages + .demoted_pages) as $moves |
    map(select(.event == "heat").fast_pages) | ([.[0], .[-1]] | transpose | map(.[0] - .[1] | fabs) | add) | . > 0 and . <= $moves'
ask requests '(map(select(.event == "phase" and .name == "measured"))[0].start_ns) as $at | map(select(.kind == "summary"))[0] as $s |
    map(select(.event == "heat")) | (map(select(.end_ns <= $at))[-1]) as $before |
    .[-1].fast_requests - $before.fast_requests == $s.fast_requests and .[-1].slow_requests - $before.slow_requests == $s.slow_requests'
# The maps have the same sums and means, whatever the columns.
maps() { jq -e -n -L "$root/tools/figures" "include \"maps\"; [inputs] as \$all | heat_run(\$all[]) | . as \$run | $1" "$place/records"; }
holds maps_sum maps 'maps(7; 16) | ([.truth[][]] | add) - ([$run.windows[].accesses[]] | add) | fabs < 0.001'
holds maps_seen maps 'maps(7; 16) | ([.seen[] | select(.) | .[]] | add) - ([$run.windows[].seen | select(.) | .[]] | add) | fabs < 0.001'
holds maps_mean maps 'maps(7; 16) | (.fast | length == 7 and all(.[]; length == 16 and (add / 16 - 50 | fabs < 1)))'
holds maps_unseen maps '.windows |= map(.seen = null) | maps(7; 16).seen | all(.[]; . == null)'
record abit heat=1 workload=hotset policy=lru size=1M ops=20000 warmup=0
ask seen_adds_up '(map(select(.kind == "window").observations) | add) == ([.[] | select(.event == "heat").seen | select(.) | add] | add)'

# The picture is drawn by the run itself; without gnuplot it is not, and says so.
launch run "${keys[@]}" heat=1 workload=hotset policy=lru size=1M ops=20000 warmup=0
check picture 0 ''
run=$(echo "$place"/results/*)
holds picture_named grep -qx "picture: $run/heat.png" "$place/out"
holds picture_png test "$(head -c 4 "$run/heat.png" | tail -c 3)" = PNG
# Of its four panels each map is an image of one or more cells that are neither darkest nor blank.
holds picture_svg test "$(grep -c '<image' "$run/heat.svg")" -eq 3
mkdir "$place/bin"
ln -s /usr/bin/* "$place/bin/"
rm "$place/bin/gnuplot"
PATH=$place/bin launch run "${keys[@]}" heat=1 workload=hotset policy=lru size=1M ops=20000 warmup=0
check no_gnuplot 0 ''
holds no_gnuplot_said grep -q '^no picture: gnuplot is missing' "$place/out"

# In the terminal: as wide as it is told, with block characters where the locale has them, a legend and units.
heat() { # name of the output, COLUMNS, locale, run
    COLUMNS=$2 LC_ALL=$3 "${launcher[@]}" heat "$4" >"$place/$1" 2>"$place/err"
}
heat ascii 60 C "$run"
holds terminal_ascii test "$(tr -d '\n -~' <"$place/ascii" | wc -c)" -eq 0
holds terminal_width test "$(grep '|$' "$place/ascii" | awk '{ print length }' | sort -u)" = 60
heat short 90 C.UTF-8 "${run##*/}"
holds terminal_blocks env LC_ALL=C.UTF-8 grep -q '^         │.*[░▒▓█]' "$place/short"
for words in '^hotset under lru: 1 MiB by .* ms (modelled), a cell is 64 KiB by ' '^truth: accesses' '^verdict: what the tracker abit saw' \
    '^placement: pages in the fast tier' '^requests served by the fast tier' 'at most .* accesses a cell' 'at most 100 % of a cell' \
    '^phases (ms): measured at '; do
    holds "terminal_says.$(tr -dc a-z_ <<<"${words// /_}" | cut -c 1-24)" grep -q "$words" "$place/short"
done
# All of 1 MiB lies in the fast tier: 16 rows of the fullest shade.
holds terminal_full test "$(sed -n '/^placement/,/^requests/p' "$place/short" | LC_ALL=C.UTF-8 grep -c '│█*│$')" -eq 16
heat piped '' C "${run##*/}"
holds terminal_80 test "$(grep '|$' "$place/piped" | awk '{ print length }' | sort -u)" = 80
refused heat_which 4 'heat: which run' heat
refused heat_unknown 7 "no records of a run 'nothing'" heat nothing
refused heat_keys 4 'takes no keys' heat "$run" ops=1
refused heat_two 4 'heat: which run' heat "$run" "$run"

# An experiment stacks such pictures.
launch experiment verdict reduced=1
check experiment 0 ''
holds experiment_blocks test "$(grep -c '<image' "$place/results/experiments/verdict-reduced/figure.svg")" -eq 6
# A figure names no file of the host's, and drawn again from the same records it is the same.
cp "$place/results/experiments/verdict-reduced/figure.svg" "$place/first.svg"
launch experiment verdict reduced=1
check drawn_again 0 ''
holds same_picture cmp "$place/first.svg" "$place/results/experiments/verdict-reduced/figure.svg"
holds no_path test "$(grep -c "$TMPDIR\|/dev/shm\|tierlab\.[0-9]" "$place/first.svg")" -eq 0
rm -rf "$place/results"
keys=(policy=first-touch fast=2M slow=16M window_us=100)

# Not asked for, not there.
record silent workload=hotset size=1M ops=2000 warmup=0
ask none 'length > 3 and all(.event != "heat" and .event != "heat_pages")'
refused heat_none 7 'has no heat: make the run with heat=1' heat "$(echo "$place"/last/*)"
exit "$failed"
