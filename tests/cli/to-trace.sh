#!/usr/bin/env bash
# tools/to-trace: each format by a small sample in its real layout, whose trace was worked out by hand; options; faults with their line;
# mutations under sanitizers; a long recording in little memory. All but the first run use the sanitized program.
# shellcheck source=tests/cli/common disable=SC2016
. "$(dirname "$0")/common"

leftovers() { ls -A "$TMPDIR"; }

# What is still allocated at the end is no leak, and looking for leaks takes longer than the rest.
export ASAN_OPTIONS=detect_leaks=0

native=$root/build/native/tierlab
program=$root/build/native/to-trace-sanitized
make -s -C "$root" build/native/to-trace-sanitized >&2 || exit 1

convert() { # arguments
    "$program" "$@" >"$place/out" 2>"$place/err"
    status=$?
}
# The records of the last trace are those of standard input, and its last line counts them.
answer() { # name
    cat >"$place/want"
    echo "end $(wc -l <"$place/want")" >>"$place/want"
    grep -v -e '^#' -e '^tierlab-trace 1$' "$place/out" >"$place/got"
    check "$1.status" 0 ''
    holds "$1" cmp "$place/want" "$place/got"
}
# A fault in a sample: name, pattern, format, sample, sed script, options.
bad() {
    sed "$5" "$4" >"$place/bad"
    convert "$3" "${@:6}" "$place/bad"
    check "$1" 4 "^to-trace: $2"
    [ "$(wc -l <"$place/err")" -eq 1 ] || not_ok "$1.one_line" "$(wc -l <"$place/err") lines"
}

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

# --- single accesses -----------------------------------------------------------------------------------------------------------------------

cat >"$place/lackey" <<'END'
==25954== Lackey, an example Valgrind tool
==25954== Command: ./program
==25954== 
I  0401ab70,3
 S 1fff000ff8,8
I  0401ab73,5
 L 1fff000ffc,8
I  0401b770,1
 M 04a2b010,4
 L 04a2b014,4
 L 04a2c014,4
==25954== 
==25954== Exit code:       0
END
convert lackey "$place/lackey"
answer lackey <<'END'
0 18987 r 1
0 18987 w 1
0 18988 r 1
0 33550336 r 1
0 33550336 w 1
END
convert lackey -s 2 "$place/lackey"
answer lackey_scaled <<'END'
0 9493 r 1
0 9493 w 1
0 9494 r 1
0 16775168 r 1
0 16775168 w 1
END
bad lackey_output 'line 4: not a line of lackey.*--log-file' lackey "$place/lackey" '4s/.*/Hello, world/'
bad lackey_size 'line 5: not a line of lackey' lackey "$place/lackey" '5s/,8//'

cat >"$place/manual" <<'END'
0x7f2b1c0a1b40: R 0x7ffd3c5e10a8
0x7f2b1c0a1b44: W 0x7ffd3c5e10a0
0x7f2b1c0a1b48: R 0x55d0c0de1ff8
#eof
END
cat >"$place/simple" <<'END'
#
# Memory Access Trace Generated By Pin
#
0x7f2b1c0a1b40: R     0x7ffd3c5e10a8  8     0x7f2b1c2d5190
0x7f2b1c0a1b44: W     0x7ffd3c5e10a0  8                  0
0x7f2b1c0a1b48: R     0x55d0c0de1ff8 16 0x8b48 0xc031
#eof
END
for form in manual simple; do
    convert pinatrace "$place/$form"
    answer pinatrace_$form <<'END'
0 23035907553 r 1
0 34356839905 r 1
0 34356839905 w 1
END
done
bad pinatrace_kind 'line 2: not a line of pinatrace' pinatrace "$place/manual" '2s/W/X/'

# A sample of loads and stores: time, event, address; then with all that perf script prints by itself.
cat >"$place/script" <<'END'
 1063.614436: cpu/mem-loads,ldlat=30/P:     55c5213985c0
 1063.614521: cpu/mem-stores/P:     7f8e3cf4c110
 1063.614813: cpu/mem-loads,ldlat=30/P:                0
 1063.614857: page-faults:     7f8e3cf4be06
 1063.614882: page-faults:     7f8e3cf4aa80
END
convert perf-script -n 100 -w 50 "$place/script"
answer perf_script <<'END'
0 23023719320 r 100
0 34240450378 w 100
0 34240450379 r 100
0 34240450380 w 100
END
cat >"$place/script.full" <<'END'
              ls 25944 [001]  1063.614436:          1 cpu/mem-loads,ldlat=30/P:     55c5213985c0      10268100142 |OP LOAD|LVL L1 hit|SNP None|TLB L1 or L2 hit|LCK No|BLK  N/A             5     55c521391b0c main+0x1c (/usr/bin/ls)
  Web Content 25945 [000]  1063.614521:          1 	cpu_core/mem-stores/:     7f8e3cf4c110          5080144 |OP STORE|LVL L1 hit|SNP None|TLB Walker hit|LCK No|BLK  N/A     0     7f8e3cf337ad _dl_start+0x3d (/usr/lib/ld.so)
              ls 25944 [001]  1063.614600:          1 ibs_op//:                0       100200021 |OP N/A|LVL N/A|SNP N/A|TLB N/A|LCK N/A|BLK  N/A     0     7f8e3cf337ad _dl_start+0x3d (/usr/lib/ld.so)
END
convert perf-script "$place/script.full"
answer perf_script_full <<'END'
0 23023719320 r 1
0 34240450380 w 1
END
bad perf_script_ip "line 2: more than an address, which may be the instruction's" perf-script "$place/script" '2s/$/ main+0x1c/'
bad perf_script_no_event 'line 1: expected an event and an address' perf-script "$place/script" '1s/cpu.*: //'
bad perf_script_no_address 'line 1: more than an address' perf-script "$place/script.full" '1s/ 55c5213985c0 //'

# perf writes the first address of a dump as 0x016 and its digits.
cat >"$place/mem" <<'END'
# PID, TID, IP, ADDR, LOCAL WEIGHT, DSRC, SYMBOL
25944 25944 0xffffffff81775b9a 0x01655c5213985c0     5 0x10268100142 [kernel.kallsyms]:elf_load
25944 25945 0x7f8e3cf32b70 0x7f8e3cf4c110 0 0x5080144 /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2:_start
25944 25945 0x7f8e3cf32b70 0x0 0 0x5080021 /usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2:_start
END
sed -e 's/, LOCAL/, PHYS ADDR, DATA PAGE SIZE, LOCAL/' -e '2,$ { s/^\(\([^ ]* *\)\{4\}\)/\10x000000044e96a308 4K /; s/ \+/,/g }' "$place/mem" >"$place/mem.phys"
for form in mem mem.phys; do
    convert perf-mem "$place/$form"
    answer "perf_$form" <<'END'
0 23023719320 r 1
0 34240450380 w 1
END
done
bad perf_mem_head 'line 1: expected the line of perf mem -D report' perf-mem "$place/mem" 1d
bad perf_mem_source 'line 3: not a line of perf mem' perf-mem "$place/mem" '3s/0x5080144/-/'
bad perf_mem_pids 'line 3: target 25999 after target 25944; --target' perf-mem "$place/mem" '3s/25944/25999/'

# An interval ends with as many accesses as -a says.
awk 'BEGIN { for (i = 0; i < 2500; i++) printf " L %x,8\n", 4096 * (i % 2) }' >"$place/short"
convert lackey -a 1000 "$place/short"
answer intervals <<'END'
0 0 r 500
0 1 r 500
1 0 r 500
1 1 r 500
2 0 r 250
2 1 r 250
END

# --- Tierlab's own text ---------------------------------------------------------------------------------------------------------------------

cat >"$place/text" <<'END'
tierlab-trace 1
# whatever
0 10 r 5
0 11 r 3
0 11 w 2
0 12 r 0
4 11 w 7
end 5
END
convert tierlab "$place/text"
sed '1,2d;$d' "$place/text" | answer text
convert tierlab -s 2 --range 0xb000-0xd000 "$place/text"
answer text_joined <<'END'
0 5 r 3
0 5 w 2
0 6 r 0
4 5 w 7
END
bad text_count 'line 7: not as many records as were read, 4' tierlab "$place/text" 3d
bad text_end "line 7: the file ends without" tierlab "$place/text" '$d'
bad text_order 'line 7: an earlier interval' tierlab "$place/text" '6s/0/5/'
bad text_more 'line 9: something follows' tierlab "$place/text" '$s/$/\n/'
bad text_head 'line 1: expected tierlab-trace 1' tierlab "$place/text" 1d

# --- masim -----------------------------------------------------------------------------------------------------------------------------------

cat >"$place/masim" <<'END'
#regions
# name, length, initial data file
a, 10000000, none
b, 64

# phase 1
first phase
# time in ms
1000
a, 0, 4096, 80, ro
b, 1, 64, 20, rw

second phase
500
b, 0, 64, 1
END
convert masim "$place/masim"
check masim 0 ''
# 10000000 bytes are 2442 strides of 4096, so b begins at 10002432; 1000 ms have 100000 visits.
holds masim_answer test "$(cat "$place/out")" = 'script=0+10002432:4096:seq:read:80000;10002432+64:8:random:rmw:20000;10002432+64:64:seq:write:50000'
"$native-sanitized" workload=script "$(cat "$place/out")" >"$place/ran" 2>"$place/err"
status=$?
check masim_runs 0 ''
convert masim -n 1 -t 3 -s 4 "$place/masim"
holds masim_turns test "$(cat "$place/out")" = "script=0+2502656:4096:seq:read:266;2502656+16:8:random:rmw:66;\
0+2502656:4096:seq:read:267;2502656+16:8:random:rmw:67;0+2502656:4096:seq:read:267;2502656+16:8:random:rmw:67;\
2502656+64:64:seq:write:166;2502656+64:64:seq:write:167;2502656+64:64:seq:write:167"
bad masim_region 'line 10: no region has the name c' masim "$place/masim" '10s/a/c/'
bad masim_stride 'line 10: stride 100' masim "$place/masim" '10s/4096/100/'
bad masim_size "line 3: a region's size must be" masim "$place/masim" '3s/1/x/'
bad masim_large 'line 3: the regions have more than 2 GiB; -s' masim "$place/masim" '3s/100/100000/'
bad masim_time 'line 9: the line after a phase.s name' masim "$place/masim" 9s/1000/soon/
bad masim_phases 'line 12: the script would have more than 64' masim "$place/masim" '' -t 33
bad masim_kind 'line 11: the last field is rx' masim "$place/masim" 11s/rw/rx/

# --- options, and what all share -------------------------------------------------------------------------------------------------------------

refuses() { # name, status, pattern, arguments
    convert "${@:4}"
    check "$1" "$2" "^to-trace: $3"
}
refuses no_format 4 'expected a format'
refuses other_format 4 'no format has the name vcd'  vcd
refuses other_option 4 'unknown option -q' damon -q
refuses not_for_it 4 'option --target is not for masim' masim --target 0
refuses no_value 4 '-n needs a value' damon -n
refuses number 4 "-n '0'" damon -n 0 "$place/raw"
refuses range 4 "--range '1000-1000'" damon --range 1000-1000 "$place/raw"
refuses range_page 4 "--range '1000-1800'" damon --range 1000-1800 "$place/raw"
refuses two_files 4 'one file, not 2' damon "$place/raw" "$place/raw"
refuses no_file 7 "$place/nosuch" damon "$place/nosuch"
refuses a_directory 7 "$place is not a file" damon "$place"
"$program" damon "$place/raw" >/dev/full 2>"$place/err"
status=$?
check full 7 'standard output cannot be written'
"$program" damon -b "$place/raw" >/dev/full 2>"$place/err"
status=$?
check full_binary 7 'standard output cannot be written'
convert damon -h
holds help grep -q '^usage: tools/to-trace FORMAT' "$place/out"
holds help_names_all sh -c "for f in damon lackey pinatrace perf-script perf-mem tierlab masim; do grep -q \"^  \$f \" '$place/out' || exit; done"

# 3 million accesses to 100,000 pages, 40 MB of text, in 64 MiB of address space.
awk 'BEGIN { for (i = 0; i < 3000000; i++) printf " %s %x,8\n", i % 3 ? "L" : "S", 4096 * (i * 7919 % 100000) }' |
    (ulimit -v 65536 && "$root/build/to-trace" lackey -b >"$place/large.bin" 2>"$place/err")
status=$?
check bounded_memory 0 ''
# Each interval of 500,000 has 100,000 pages five times, read and written: 100,000 is no multiple of 3.
holds bounded_memory_size test "$(stat -c %s "$place/large.bin")" -eq $((24 + 6 * 200000 * 16))

# Mutations of every sample: a trace or a refusal, never a crash.
RANDOM=1
accepted=0
others=0
mutate() { # format, sample, options
    local size round
    size=$(stat -c %s "$2")
    for round in {1..20}; do
        cp "$2" "$place/mutant"
        # shellcheck disable=SC2059 # the format is the byte
        printf "\\$(printf %03o $((RANDOM % 4 ? 32 + RANDOM % 95 : RANDOM % 256)))" |
            dd of="$place/mutant" bs=1 seek=$((RANDOM % size)) conv=notrunc status=none
        [ $((round % 5)) -ne 0 ] || truncate -s $((RANDOM % size)) "$place/mutant"
        convert "$1" "${@:3}" "$place/mutant"
        case $status in
        0) accepted=$((accepted + 1)) ;;
        4) ;;
        *) others=$((others + 1)) && head -n 3 "$place/err" | sed 's/^/# /' ;;
        esac
    done
}
for form in two two.json two.perf two.damo; do mutate damon "$place/$form" --target 0 -i; done
mutate damon "$place/raw"
mutate lackey "$place/lackey"
mutate pinatrace "$place/simple"
mutate perf-script "$place/script.full"
mutate perf-mem "$place/mem"
mutate tierlab "$place/text" -s 3
mutate masim "$place/masim" -t 2
echo "# $accepted of 220 mutations are recordings"
holds mutations test "$others" -eq 0 -a "$accepted" -gt 0 -a "$accepted" -lt 220
holds shellcheck shellcheck "$root/tools/to-trace" "$root/tools/damon-to-trace" "$root/tools/trace-to-binary"

exit "$failed"
