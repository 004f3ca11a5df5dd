#!/usr/bin/env bash
# tools/to-trace damon: each of DAMON's forms by a small sample in its real layout, whose trace was worked out by hand; faults with their line;
# mutations; and the two names that the tool had before.
# shellcheck source=tests/cli/trace-common disable=SC2016
. "$(dirname "$0")/trace-common"

# --- DAMON, raw: the older and the newer form of its lines -----------------------------------------------------------------------------

cat >"$place/raw" <<'END'
base_time_absolute: 8 m 59.809 s
data source: unknown

monitoring_start:                0 ns
monitoring_end:            104.599 ms
monitoring_duration:       104.599 ms
target_id: 18446623438842320000
nr_regions: 3
563ebaa00000-563ebaa03000(  12.000 KiB):	1
7f938d7e1000-7f938ddfc000(   6.105 MiB):	0
7fff66b0a000-7fff66b0c000(   8.000 KiB):	20

monitoring_start:          104.599 ms
monitoring_end:            208.590 ms
monitoring_duration:       103.991 ms
target_id: 18446623438842320000
nr_regions: 2
# start_addr     end_addr        length  nr_accesses   age
563ebaa00000-563ebaa02000 (   8.000 KiB)           5    -1
7f938d7e1000-7f938d7e3000 (        8192)           0    17

END
cat >"$place/raw.want" <<'END'
0 23151225344 r 2
0 23151225344 w 1
0 23151225345 r 2
0 23151225345 w 1
0 23151225346 r 2
0 23151225346 w 1
0 34359110410 r 45
0 34359110410 w 15
0 34359110411 r 45
0 34359110411 w 15
1 23151225344 r 11
1 23151225344 w 4
1 23151225345 r 11
1 23151225345 w 4
END
# By the tools' own names, which build the program; then sanitized.
"$root/tools/damon-to-trace" -n 3 -w 25 "$place/raw" >"$place/out" 2>"$place/err"
status=$?
answer damon <"$place/raw.want"
"$native-sanitized" workload=replay input="$place/out" >"$place/replayed" 2>"$place/err"
status=$?
check damon_replayed 0 ''
"$root/tools/to-trace" damon -n 3 -w 25 -b "$place/raw" >"$place/raw.bin" 2>"$place/err"
status=$?
check damon_binary 0 ''
holds damon_binary_size test "$(stat -c %s "$place/raw.bin")" -eq $((24 + 14 * 16))
"$root/tools/trace-to-binary" "$place/out" >"$place/text.bin" 2>"$place/err"
holds text_to_binary cmp "$place/raw.bin" "$place/text.bin"
"$native-sanitized" workload=replay input="$place/raw.bin" 2>"$place/err" | sed 's/"run":"[^"]*"//' >"$place/replayed.bin"
holds binary_replays_alike test "$(grep -o '"checksum":"[^"]*"' "$place/replayed.bin")" = "$(grep -o '"checksum":"[^"]*"' "$place/replayed")"

convert damon -i "$place/raw"
# 0x7f938ddfc - 0x7f938d7e1 = 1563 idle pages, once.
holds damon_idle test "$(grep -c ' r 0$' "$place/out")" -eq 1563
convert damon -s 4 - <"$place/raw"
answer damon_scaled <<'END'
0 5787806336 r 1
0 8589777602 r 20
1 5787806336 r 5
END
convert damon --range 0x563ebaa01000-7fff66b0b000 "$place/raw"
answer damon_range <<'END'
0 23151225345 r 1
0 23151225346 r 1
0 34359110410 r 20
1 23151225345 r 5
END
bad damon_word 'line 9: not a line' damon "$place/raw" '9s/:.*/: many/'
bad damon_address 'line 9: address 563ebaa03001' damon "$place/raw" '9s/03000/03001/'
bad damon_order 'line 11: the region begins' damon "$place/raw" '11s/.*/7f938d7e1000-7f938ddfc000(   6.105 MiB):	0/'
bad damon_backwards 'line 9: the region ends' damon "$place/raw" '9s/^563/663/'
bad damon_missing 'line 12: the snapshot before has 2' damon "$place/raw" '10d'
bad damon_more 'line 11: more regions' damon "$place/raw" '8s/3/2/'
bad damon_target 'line 16: target 7 after target 1844' damon "$place/raw" '16s/[0-9]*$/7/'
bad damon_truncated 'line 16: the snapshot before' damon "$place/raw" '17,$ d'
bad damon_cut_line 'line 11: the file ends in this line' damon <(head -n 11 "$place/raw" | head -c -1) ''
bad damon_no_snapshot 'line 4: expected a snapshot' damon "$place/raw" '4s/.*/1000-2000 (4096) 1 1/'
bad damon_nothing 'line 2: no snapshot' damon "$place/raw" '3,$d'
bad damon_other_target 'line 21: no snapshot in it of that target' damon "$place/raw" '' --target 7
bad damon_all_idle 'there is no access in it to the target and range' damon "$place/raw" '' --range 7f938d7e1000-7f938ddfc000
bad damon_overflow 'line 11: nr_accesses times -n' damon "$place/raw" '11s/20$/4295/' -n 1000000
bad damon_carriage 'line 1: ends with a carriage return' damon "$place/raw" 's/$/\r/'
bad damon_large 'line 11: more than 2 GiB of pages in one interval, .* -s ' damon "$place/raw" '11s/7fff66b0c000/7fffe6b0c000/'

# --- DAMON, several targets: raw, JSON and perf's text of one recording ------------------------------------------------------------------

cat >"$place/two" <<'END'
base_time_absolute: 1 m 0.000 s
data source: damon.data

monitoring_start:                0 ns
monitoring_end:            100.000 ms
monitoring_duration:       100.000 ms
target_id: 0
nr_regions: 2
# start_addr     end_addr        length  nr_accesses   age
000100000000-000100002000 (   8.000 KiB)          20    34
000100002000-000100003000 (   4.000 KiB)           0     0

monitoring_start:          100.000 ms
monitoring_end:            200.000 ms
monitoring_duration:       100.000 ms
target_id: 0
nr_regions: 1
# start_addr     end_addr        length  nr_accesses   age
000100001000-000100003000 (   8.000 KiB)           3     1

base_time_absolute: 1 m 0.000 s
data source: damon.data

monitoring_start:                0 ns
monitoring_end:            100.000 ms
monitoring_duration:       100.000 ms
target_id: 1
nr_regions: 1
# start_addr     end_addr        length  nr_accesses   age
000000400000-000000401000 (   4.000 KiB)           9     2

END
region() { # start, end, samples, comma behind it
    cat <<END
                    {
                        "start": "$1",
                        "end": "$2",
                        "nr_accesses": {
                            "samples": $3,
                            "percent": null
                        },
                        "age": {
                            "usec": null,
                            "aggr_intervals": "34"
                        },
                        "sz_filter_passed": "0 B"
                    }$4
END
}
snapshot() { # text of regions, comma behind it
    cat <<END
            {
                "start_time": "1 m 0 s",
                "end_time": "1 m 100 ms",
                "regions": [
$1
                ],
                "total_bytes": "12.000 KiB"
            }$2
END
}
record() { # target, text of snapshots, comma behind it
    cat <<END
    {
        "kdamond_idx": 0,
        "context_idx": 0,
        "intervals": {
            "sample_us": "5 ms",
            "aggr_us": "100 ms",
            "ops_update_us": "1 s",
            "intervals_goal": {
                "access_bp": "0 %"
            }
        },
        "scheme_idx": null,
        "target_id": $1,
        "scheme_filters": [],
        "snapshots": [
$2
        ]
    }$3
END
}
{
    echo '['
    record 0 "$(snapshot "$(region 4,294,967,296 4,294,975,488 20 , && region 4,294,975,488 4,294,979,584 0 '')" ,
        snapshot "$(region 4294971392 4294979584 3 '')" '')" ,
    record 1 "$(snapshot "$(region 4,194,304 4,198,400 9 '')" '')" ''
    echo ']'
} >"$place/two.json"
cat >"$place/two.perf" <<'END'
kdamond.0  4452 [000] 82877.315633: damon:damon_aggregated: target_id=0 nr_regions=2 4294967296-4294975488: 20 34
kdamond.0  4452 [000] 82877.315639: damon:damon_aggregated: target_id=0 nr_regions=2 4294975488-4294979584: 0 0
kdamond.0  4452 [000] 82877.315641: damon:damon_aggregated: target_id=1 nr_regions=1 4194304-4198400: 9 2
kdamond.0  4452 [001] 82877.415801: damon:damon_aggregated: target_id=0 nr_regions=1 4294971392-4294979584: 3 1
END
# As damo writes it: targets one after another, an empty snapshot behind a single one.
cat >"$place/two.damo" <<'END'
kdamond.x xxxx xxxx 82877.315633: damon:damon_aggregated: target_id=0 nr_regions=2 4294967296-4294975488: 20 34
kdamond.x xxxx xxxx 82877.315633: damon:damon_aggregated: target_id=0 nr_regions=2 4294975488-4294979584: 0 0
kdamond.x xxxx xxxx 82877.415801: damon:damon_aggregated: target_id=0 nr_regions=1 4294971392-4294979584: 3 1
kdamond.x xxxx xxxx 82877.315633: damon:damon_aggregated: target_id=1 nr_regions=1 4194304-4198400: 9 2
kdamond.x xxxx xxxx 82877.415633: damon:damon_aggregated: target_id=1 nr_regions=1 0-0: -1 -1
END
# The tracepoint of schemes.
sed -e 's/damon_aggregated: target_id/damos_before_apply: ctx_idx=0 scheme_idx=0 target_idx/' "$place/two.perf" >"$place/two.scheme"
for form in '' .json .perf .damo .scheme; do
    convert damon --target 0 "$place/two$form"
    answer "target_0$form" <<'END'
0 1048576 r 20
0 1048577 r 20
1 1048577 r 3
1 1048578 r 3
END
    convert damon --target 1 "$place/two$form"
    answer "target_1$form" <<'END'
0 1024 r 9
END
    bad "no_target$form" 'line [0-9]*: target 1 after target 0; --target' damon "$place/two$form" ''
done

bad raw_again 'line 27: a second record of target 0; one is right: cut the file before' damon "$place/two" '/^target_id: 1/s/1/0/'
bad json_cut 'line 29: the file ends where JSON should have' damon "$place/two.json" '30,$d' --target 0
bad json_comma "line 34: '\\{' where JSON should have , or \\]" damon "$place/two.json" '/^ \{20\}},/s/,//' --target 0
bad json_unit 'line 2[0-9]: start is 4 GiB; a whole number' damon "$place/two.json" 's/"4,294,967,296"/"4 GiB"/' --target 0
bad json_null 'line [0-9]*: nr_accesses is null' damon "$place/two.json" 's/"samples": 20/"samples": null/' --target 0
bad json_lacks 'line [0-9]*: the region that ends here lacks' damon "$place/two.json" '/"end"/d' --target 0
bad json_twice 'line [0-9]*: a second record of target 0' damon "$place/two.json" 's/"target_id": 1/"target_id": 0/'
bad json_deep 'line 1: brackets nested deeper' damon <(printf '[{"x": %0100d' 0 | tr 0 '[' && echo) ''
bad json_more 'line 109: something follows' damon "$place/two.json" '$s/$/ x/' --target 0
bad zlib 'line 1: compressed by damo' damon <(printf 'x\234\355\n') ''
bad perf_lost 'line 2: the snapshot before has 1 of 2 regions; were events lost' damon "$place/two.perf" '2d' --target 0
bad perf_end 'line 1: the file ends after 1 of 2' damon "$place/two.perf" '2,$d'
bad perf_field 'line 2: expected target_id=N' damon "$place/two.perf" '2s/: 0 0/: x 0/' --target 0
bad perf_event 'line 2: no event of DAMON' damon "$place/two.perf" '2s/damon:/sched:/'
bad perf_schemes 'line 4: .*scheme_idx=1 after' damon "$place/two.scheme" '4s/scheme_idx=0/scheme_idx=1/' --target 0

for form in two two.json two.perf two.damo; do mutate damon "$place/$form" --target 0 -i; done
mutate damon "$place/raw"
mutations_done

exit "$failed"
