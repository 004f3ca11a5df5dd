#!/usr/bin/env bash
# Which figure stands in which column: the stand-in for QEMU gives each of them a value of its own.
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"
use_fake

expect compare 0 '' compare policy=lru
# By hand: 100000 ops in 1.3 ms; 1.3 / 0.8 and 0.75 / 0.5 of all-fast's; 8000 ns of 900000; the pair's workload took 0.1 ms more
# than first-touch's, of 2.0.
holds columns grep -Eq '^policy +time ms +rate +x all-fast +steady +hit % +direct % +induced % +prec\. +recall +w\.rec\. +up +down$' "$place/out"
holds lru_row grep -Eq '^lru +1.300 +76.9 +1.625 +1.500 +91.2 +0.89 +5.00 +0.910 +0.820 +0.730 +100 +90$' "$place/out"

# Chosen columns, in the order asked for; the best first by one of them.
expect chosen 0 '' compare policy=lru --columns hits,time
holds chosen_head grep -Eq '^policy +hit % +time ms$' "$place/out"
holds chosen_row grep -Eq '^lru +91.2 +1.300$' "$place/out"
order() { awk '/^--/ { on++ } on == 1 && $2 ~ /^[0-9]/ { printf "%s ", $1 }' "$place/out"; }
for column in time rate; do # the shortest time first, and the highest rate
    expect sorted_$column 0 '' compare policy=all-slow,fifo,lru --sort=$column
    holds sorted_${column}_order test "$(order)" = 'all-fast fifo lru all-slow first-touch '
done
expect sorted_precision 0 '' compare policy=all-slow,fifo,lru --sort precision # what has none comes last
holds sorted_precision_order test "$(order)" = 'fifo lru all-fast all-slow first-touch '
refused columns_unknown 4 "'hit' is no column; these are: time rate" compare --columns time,hit
refused columns_twice 4 'time is there twice' compare --columns time,up,time
refused columns_form 4 "--columns 'time;hits': names with commas" compare --columns 'time;hits'
refused sort_unknown 4 "--sort 'speed': one of time rate" compare --sort speed
refused sort_of_run 4 '\-\-sort belongs to the command compare' run --sort time

expect run 0 '' run policy=lru
run_line() { # label, what stands behind it
    holds "run_line_${1//[^a-z]/_}" grep -Eq "^  ${1} +${2}\$" "$place/out"
}
run_line 'time ms' 1.300
run_line 'of it, second half ms' 0.750
run_line 'cpu ms' 1.350
run_line 'direct overhead %' 0.889
run_line 'fast-tier hits %' 91.234
run_line precision 0.910
run_line recall 0.820
run_line 'weighted recall' 0.730
run_line 'pages up' 100
run_line 'pages down' 90
exit "$failed"
