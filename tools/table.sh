# Sourced by run-qemu.sh: records into tables of plain text. The guest has computed every measure; here numbers are
# only joined (jq), formatted and lined up (awk). A null is shown as `-`.
# shellcheck shell=bash

# Lines up tab-separated rows: the first column to the left, the others to the right. A row of one field is printed
# as it is, and the row "--" becomes a line across.
align() {
    awk -F '\t' '
        { row[NR] = $0; if (NF > 1) for (i = 1; i <= NF; i++) if (length($i) > width[i]) width[i] = length($i) }
        END {
            for (i = 1; i in width; i++) across += width[i] + (i > 1 ? 2 : 0)
            for (n = 1; n <= NR; n++) {
                fields = split(row[n], field, "\t")
                if (row[n] == "--") { line = sprintf("%" across "s", ""); gsub(/ /, "-", line) }
                else if (fields <= 1) line = row[n]
                else {
                    line = sprintf("%-" width[1] "s", field[1])
                    for (i = 2; i <= fields; i++) line = line sprintf("  %" width[i] "s", field[i])
                }
                sub(/ +$/, "", line)
                print line
            }
        }'
}

# Tab-separated raw values into text, by one printf format a column. Arguments: formats. Rows of one field pass.
format_columns() {
    awk -F '\t' -v formats="$*" '
        BEGIN { OFS = "\t"; split(formats, format, " ") }
        NF <= 1 { print; next }
        { for (i = 1; i <= NF; i++) $i = $i == "null" || $i == "" ? "-" : sprintf(format[i], $i); print }'
}

# Jq functions that the tables share: a missing part makes the whole null, so that it shows as `-`.
readonly JQ_COMMON='
    def ratio(a; b): if a == null or b == null or b == 0 then null else a / b end;
    def percent(a; b): ratio(a; b) | if . == null then . else . * 100 end;
    # For a count a second: the power of 1000 that leaves one to three digits, and its letter.
    def prefix: if . == null or . < 1e3 then [1, ""] elif . < 1e6 then [1e3, "k "] elif . < 1e9 then [1e6, "M "]
                else [1e9, "G "] end;
    def raw: map(if . == null then "null" else tostring end) | join("\t");
    def size: if . == null then "?" elif . % 1073741824 == 0 then "\(. / 1073741824) GiB"
              elif . % 1048576 == 0 then "\(. / 1048576) MiB" else "\(. / 1024) KiB" end;'

# jq 1.6 holds every number as a double, which is exact up to 2^53 only. Records pass through here before jq reads them:
# longer whole numbers, such as seeds, become text, which stays as it is.
exact_numbers() { # records
    sed -E 's/("[A-Za-z0-9_]+":)(-?9[0-9]{15}|-?[0-9]{17,})([,}])/\1"\2"\3/g' "$1"
}

# What the numbers below stand on: machine, preset, scale, workload, seed, clock. Reads a file of records.
table_head() { # records [, what else to say of the workload]
    exact_numbers "$1" | jq -rs --arg machine "$machine_named" --arg qemu "${qemu_version%% *}" --arg preset "$preset" \
        --argjson fast "$fast_bytes" --argjson slow "$slow_bytes" --argjson model "$model" --arg more "${2-}" "$JQ_COMMON"'
        (map(select(.kind == "run")) | first // {}) + (map(select(.kind == "summary")) | first // {}) |
        "machine \($machine), preset \(if $model then .preset // $preset else "none (no model)" end)" +
        ", fast \(.fast_bytes // $fast | size), slow \(.slow_bytes // $slow | size)",
        "workload \(.workload // "?"), seed \(.seed // "?")\($more), clock \(.clock // "?"), QEMU \($qemu)"'
}

# The comparison. Reads summaries, each with `row` (its policy) and `role`: main, or pair for the run without moves.
#
#   direct    what tracking, classifying, moving, faults and serialising instructions took, in % of the workload's time
#   induced   the pair's extra time over first-touch, without what it was charged directly, in % of first-touch: refills
#             after flushes, polluted caches, queues. Phases sum to the time, so what is left is the workload's phase.
compare_rows() { # summaries, divisor of the rate
    local sort=${OPTION[--sort]-} number=0
    [ -z "$sort" ] || number=$(column_number "$sort")
    jq -rs --arg order "${policies[*]}" --argjson divisor "$2" --argjson sort "$number" --argjson descending "$(has_word "$sort" "$MORE_IS_BETTER" && echo true || echo false)" "$JQ_COMMON"'
        (map(select(.role == "main")) | INDEX(.row)) as $main |
        (map(select(.role == "pair")) | INDEX(.row)) as $pair |
        $main["all-fast"] as $best | $main["first-touch"] as $still |
        def row: (if .tracker != "none" and .migrator == "none" then . else $pair[.row] end) as $p |
            [.policy + (if .bound_by == null then "" else "*" end), ratio(.time_ns; 1e6), ratio(.throughput; $divisor), ratio(.time_ns; $best.time_ns), ratio(.steady_ns; $best.steady_ns),
             percent(.fast_hit_ratio; 1),
             percent(.track_ns + .classify_ns + .migrate_ns + .fault_ns + .serial_ns; .workload_ns),
             (if $p == null or $still == null then null else
                percent($p.workload_ns + $p.other_ns - $still.workload_ns - $still.other_ns; $still.time_ns) end),
             .precision, .recall, .weighted_recall, .promoted_pages, .demoted_pages];
        [$order / " " | .[] | $main[.] | select(. != null)] | group_by(.uses_truth)[] |
        (if .[0].uses_truth then "--", "with knowledge of the truth:" else empty end),
        (map(row) | if $sort == 0 then . else
            sort_by([.[$sort] == null, (.[$sort] // 0) * (if $descending then -1 else 1 end)]) end | .[] | raw)' "$1"
}

# Names of the columns behind the first, as --columns and --sort take them; and which of them are better when they are larger.
readonly COMPARE_COLUMNS='time rate relative steady hits direct induced precision recall weighted up down'
readonly MORE_IS_BETTER='rate hits precision recall weighted'

column_number() { # name; counted from 1: the policy is column 0
    local name n=0
    for name in $COMPARE_COLUMNS; do
        ((++n))
        [ "$name" != "$1" ] || { echo $n && return; }
    done
    return 1
}

# Refuses what --columns= and --sort= cannot mean.
check_columns() {
    local name names=() seen=''
    [ -z "${OPTION[--sort]+given}" ] || has_word "${OPTION[--sort]}" "$COMPARE_COLUMNS" ||
        fail "$REFUSED" "--sort '${OPTION[--sort]}': one of $COMPARE_COLUMNS is right"
    [ -n "${OPTION[--columns]+given}" ] || return 0
    [[ ${OPTION[--columns]} =~ ^[a-z]+(,[a-z]+)*$ ]] ||
        fail "$REFUSED" "--columns '${OPTION[--columns]}': names with commas between them are right, such as time,hits"
    IFS=, read -ra names <<<"${OPTION[--columns]}"
    for name in "${names[@]}"; do
        has_word "$name" "$COMPARE_COLUMNS" || fail "$REFUSED" "--columns: '$name' is no column; these are: $COMPARE_COLUMNS"
        ! has_word "$name" "$seen" || fail "$REFUSED" "--columns: $name is there twice; once is right"
        seen+=" $name"
    done
}

# Of a table's tab-separated rows, the first column and those that --columns names, in its order.
choose_columns() {
    local name fields=1 names=()
    [ -n "${OPTION[--columns]+given}" ] || { cat && return; }
    IFS=, read -ra names <<<"${OPTION[--columns]}"
    for name in "${names[@]}"; do fields+=" $(($(column_number "$name") + 1))"; done
    awk -F '\t' -v fields="$fields" '
        BEGIN { OFS = "\t"; n = split(fields, field, " ") }
        NF <= 1 { print; next }
        { line = $1; for (i = 2; i <= n; i++) line = line OFS $field[i]; print line }'
}

# How the column of throughputs is shown: what to divide by and a format that gives the highest four digits, and the unit.
compare_rate() { # summaries
    jq -rs "$JQ_COMMON"'
        (map(.throughput | numbers) | max) as $most | ($most | prefix) as $prefix |
        (($most // 0) / $prefix[0] | if . >= 100 then 1 elif . >= 10 then 2 else 3 end) as $decimals |
        "\($prefix[0]) %.\($decimals)f \($prefix[1])\(first(.[].throughput_unit | strings) // "?")"' "$1"
}

compare_table() { # summaries, records of one of the runs
    local divisor format unit
    read -r divisor format unit < <(compare_rate "$1")
    table_head "$2" ", rate in $unit"
    echo
    {
        printf '%s\t' policy 'time ms' rate 'x all-fast' steady 'hit %' 'direct %' 'induced %' prec. recall w.rec. up
        echo down
        echo --
        compare_rows "$1" "$divisor" | format_columns %s %.3f "$format" %.3f %.3f %.1f %.2f %.2f %.3f %.3f %.3f %d %d
    } | choose_columns | align
    jq -rs 'map(select(.role == "main" and .bound_by != null) | "\(.policy) (\(.bound_by))") |
        if . == [] then empty else "\n* bound by a lane that is busy 95 % of the time or more: \(join(", "))" end' "$1"
    jq -rs 'map(select(.role == "main" and .acted == false) | .policy) |
        if . == [] then empty else "\n! moved no page since its start, though its tracker reported pages: \(join(", "))" end' "$1"
}

# One run, one line a measure: there is nothing to compare it with.
run_table() { # records
    table_head "$1"
    exact_numbers "$1" | jq -rs "$JQ_COMMON"'
        (map(select(.kind == "run")) | first // {}) as $pace | .[] | select(.kind == "summary") |
        ["policy", "\(.policy) (tracker \(.tracker), classifier \(.classifier), migrator \(.migrator))"],
        ["time ms", ratio(.time_ns; 1e6)], ["of it, second half ms", ratio(.steady_ns; 1e6)],
        ["cpu ms", ratio(.cpu_ns; 1e6)],
        ((.throughput | prefix) as $prefix | ["throughput", ratio(.throughput; $prefix[0]), $prefix[1] + (.throughput_unit // "")]),
        ["direct overhead %", percent(.track_ns + .classify_ns + .migrate_ns + .fault_ns + .serial_ns; .workload_ns)],
        ["fast-tier hits %", percent(.fast_hit_ratio; 1)], ["precision", .precision], ["recall", .recall],
        ["weighted recall", .weighted_recall],
        ["pages up", .promoted_pages], ["pages down", .demoted_pages],
        (if .acted == false then ["moves", "none since the start, though the tracker reported pages"] else empty end),
        (if .tracker == "none" or .windows == null then empty
         elif .cycles == 0 then ["scores", "none: no cycle of \($pace.score_windows) windows of \($pace.window_us) us ended; more ops=, or window_us="]
         else ["late windows", "\(.late_windows) of \(.windows)"] end),
        # Behind its throughput a summary has what the workload adds by itself, under names that say the unit.
        (to_entries | (map(.key) | index("throughput_unit")) as $last | .[$last + 1:][] | [.key, .value]) | raw' |
        awk -F '\t' '
            $2 == "null" { $2 = "-" }
            $2 ~ /^[0-9]*\.[0-9]/ { $2 = sprintf("%.3f", $2) }
            { printf "  %-22s %s%s\n", $1, $2, $3 == "" ? "" : " " $3 }'
}

# Of several virtual machines, a line each: what it ran, in its own time, and which share of the fast tier was its own. Reads a file of records.
machines_table() { # records
    {
        printf '%s\t' machine workload seed 'time ms' 'hit %' prec. 'share MiB' up
        echo down
        echo --
        exact_numbers "$1" | jq -rs "$JQ_COMMON"'map(select(.kind == "machine")) | sort_by(.machine)[] |
            [.machine, .workload, .seed, ratio(.time_ns; 1e6), percent(.fast_hit_ratio; 1), .precision, ratio(.mean_share_pages; 256),
             .promoted_pages, .demoted_pages] | raw' |
            format_columns %s %s %s %.3f %.1f %.3f %.2f %d %d
    } | align
}

# The same beside each other: a row a machine, and for each policy its time and its hits. Reads machines, each with `row` (its policy).
compare_machines() { # machines
    echo
    echo 'each machine, ms of its own time and hit %:'
    echo
    {
        jq -rs --arg order "${policies[*]}" '(map(.row) | unique) as $there | [$order / " " | .[] | select(. as $p | $there | index([$p]))] |
            ["machine", "workload"] + map(., "hit %") | join("\t"), "--"' "$1"
        jq -rs --arg order "${policies[*]}" "$JQ_COMMON"'(map(.row) | unique) as $there |
            [$order / " " | .[] | select(. as $p | $there | index([$p]))] as $rows |
            group_by(.machine)[] | INDEX(.row) as $of | [.[0].machine, .[0].workload] +
            [$rows[] | $of[.] | ratio(.time_ns; 1e6), percent(.fast_hit_ratio; 1)] | raw' "$1" |
            awk -F '\t' 'BEGIN { OFS = "\t" } { for (i = 3; i <= NF; i++) $i = $i == "null" ? "-" : sprintf(i % 2 ? "%.3f" : "%.1f", $i); print }'
    } | align
}

bench_table() { # records
    {
        printf '%s\t' operation ops 'insns per op'
        echo 'ns per op'
        echo --
        jq -r "$JQ_COMMON"'select(.kind == "bench") | [.name, .ops, .insns_per_op, .ns_per_op] | raw' "$1" |
            format_columns %s %d %.2f %.2f
    } | align
}

# What the presets and the keys promise of each row of `calibrate`: lines of name, value in the row's unit, limit in %; "-": no verdict.
# Stands on the keys as they took effect (the run record) and on presets.tsv. All of it is Little's law:
#
#     time of a line = the longer of  latency(utilisation) / lines in flight  and  what its lane takes for it
#
# where the utilisation is the second over the first: a fixed point, found by halving. Lines in flight are the least of mlp and fill
# buffers for loads at random places, what the prefetcher has under way for a stream, write-combining buffers for movnti.
calibration_figures() { # records
    local tier name_of
    {
        jq -r 'select(.kind == "run") | .model // {} | to_entries[] | select(.value | type != "object") | "key\t\(.key)\t\(.value)"' "$1"
        for tier in fast slow; do
            if [ $tier = fast ]; then name_of=$fast_preset; else name_of=$slow_preset; fi
            awk -F '\t' -v tier=$tier -v name="$name_of" '
                NR == 1 { for (i = 1; i <= NF; i++) column[i] = $i }
                $1 == name { for (i = 1; i <= NF; i++) print tier "\t" column[i] "\t" $i; exit }' "$PRESETS"
        done
    } | awk -F '\t' '
        function least(a, b) { return a < b ? a : b }
        function between(x, x0, y0, x1, y1) { return y0 + (y1 - y0) * (x - x0) / (x1 - x0) }
        function curve(tier, load,    i, n, y, at, was, value) {
            n = split(of[tier, "curve"], y, "/")
            if (n < 5 || !key["curve"]) return 1
            value = 1
            for (i = 1; i <= 5; i++) {
                if (load <= full[i]) return between(load, at, value, full[i], y[i])
                at = full[i]; value = y[i]
            }
            return value
        }
        # The share of the bandwidth for writes that so many writers get together: linear between the points.
        function writers(tier, cores,    i, n, p, at, point) {
            n = split(of[tier, "writers"], point, "/")
            for (i = 1; i <= n; i++) {
                split(point[i], p, ":")
                if (p[2] == "") return 1
                if (cores <= p[1]) return i == 1 ? p[2] : between(cores, at[1], at[2], p[1], p[2])
                at[1] = p[1]; at[2] = p[2]
            }
            return at[2]
        }
        function sharers(active) { return key["whole"] ? 1 : 1 + (active - 1) * key["others"] / 100 }
        # What a neighbour takes of the lane of a direction, when it moves `load` GB/s.
        function taken(tier, direction, load, active,    r, w) {
            r = of[tier, "read_GBps"] > 0 ? load / 2 / of[tier, "read_GBps"] : 0
            w = of[tier, "write_GBps"] > 0 ? load / 2 / of[tier, "write_GBps"] / writers(tier, sharers(active)) : 0
            return of[tier, "lanes"] == 1 ? r + w : direction == "read" ? r : w
        }
        # ns of a line of loads: idle latency, lines in flight, ns of the lane, the neighbour.
        function line_ns(tier, idle, flight, lane, neighbour,    low, high, middle, load) {
            low = lane; high = lane + idle * 100
            while (high - low > 1e-6) {
                middle = (low + high) / 2
                load = neighbour + (1 - neighbour) * least(1, lane / middle)
                if (idle * curve(tier, load) / flight > middle) low = middle; else high = middle
            }
            return high
        }
        function lane_ns(tier, bytes, active, neighbour) {
            return of[tier, "read_GBps"] > 0 ? bytes * sharers(active) / of[tier, "read_GBps"] / (1 - neighbour) : 0
        }
        # A key mlp= and a stream without prefetcher on media of several lines leave the laws below.
        function loose(limit) { return key["mlp"] > 0 ? "-" : limit }
        function say(name, tier, value, limit) { printf "%s_%s %.6g %s\n", name, tier, value, limit }
        function write_Bps(tier, active, load,    share) {
            share = of[tier, "write_GBps"] * writers(tier, sharers(active)) / sharers(active) * (1 - taken(tier, "write", load, active))
            return 1e9 * least(share, key["wc"] * 64 / of[tier, "write_ns"])
        }
        function rows(tier,    i, mlp, load, idle, near, unit, fed) {
            fed = of[tier, "read_GBps"] > 0 && of[tier, "write_GBps"] > 0
            idle = of[tier, "read_ns"]
            unit = of[tier, "unit"]
            near = of[tier, "seq_ns"] == "-" ? idle : of[tier, "seq_ns"]
            say("idle_latency", tier, idle * 1000, 2)
            say("seq_latency", tier, near * 1000, 2)
            for (i = 1; i <= 64 && fed; i *= 2) {
                mlp = least(key["mlp"] > 0 ? key["mlp"] / 1000 : i, key["fill"])
                say("read_mlp_" i, tier, 64e9 / line_ns(tier, idle, mlp, lane_ns(tier, unit, key["active"], 0), 0), 2)
            }
            if (!fed) return # without limit of bandwidth the instructions are one
            say("stream_read", tier, 64e9 / line_ns(tier, near, key["prefetch"] ? key["ahead"] : least(10, key["fill"]),
                lane_ns(tier, 64, key["active"], 0), 0), key["prefetch"] || unit == 64 ? loose(5) : "-")
            say("stream_ntwrite", tier, write_Bps(tier, key["active"], 0), loose(5))
            for (i = 1; i <= nr_writers && count[i] <= key["cores"]; i++)
                say("write_of_" count[i], tier, write_Bps(tier, count[i], 0), loose(5))
            for (i = 50; i <= 100; i += 50) {
                load = of[tier, "write_GBps"] * i / 100
                say("loaded_latency_" i, tier, 1000 * line_ns(tier, idle, key["mlp"] > 0 ? key["mlp"] / 1000 : 1,
                    lane_ns(tier, unit, 1, taken(tier, "read", load, 1)), taken(tier, "read", load, 1)), 2)
                say("loaded_write_" i, tier, write_Bps(tier, key["active"], load), loose(5))
            }
        }
        BEGIN {
            split("0.25 0.5 0.75 0.9 1", full, " ")
            nr_writers = split("1 2 4 8 12 16 20 24", count, " ")
        }
        $1 == "key" { key[$2] = $3; next }
        { of[$1, $2] = $3 }
        END {
            rows("fast")
            rows("slow")
            if (key["walk"] == "memory" && of["fast", "read_GBps"] > 0) {
                hit = key["tlb2_ps"] + key["psc_ps"]
                print "walk_hit", hit + key["walk_l1_ps"], 5
                near = of["fast", "seq_ns"] == "-" ? of["fast", "read_ns"] : of["fast", "seq_ns"] # the entries lie side by side
                print "walk_miss", hit + 1000 * near, 2
                print "walk_miss_mlp_10", (key["psc_ps"] + 1000 * near) / least(key["walkers"], least(10, key["fill"])),
                    of["fast", "unit"] == 64 ? loose(2) : "-"
            }
        }'
}

# Returns 1 when a row with a limit is outside it.
calibrate_table() { # records
    table_head "$1"
    calibration_figures "$1" >"$TMP/figures" || temp_full
    jq -r 'select(.kind == "calibrate") | [.name, .value, .unit] | @tsv' "$1" |
        awk -v figures="$TMP/figures" '
        function shown(value, unit) {
            if (unit == "ps") return sprintf("%.3f ns", value / 1000)
            return unit ~ /bytes/ ? sprintf("%.3f GB/s", value / 1e9) : value " " unit
        }
        BEGIN {
            FS = OFS = "\t"
            while ((getline line < figures) > 0) { split(line, f, " "); want[f[1]] = f[2]; limit[f[1]] = f[3] }
            print "row", "measured", "expected", "off by %", "limit %", "verdict"
            print "--"
        }
        !($1 in want) { print $1, shown($2, $3), "-", "-", "-", "-"; next }
        {
            off = ($2 / want[$1] - 1) * 100
            seen[$1] = 1
            if (limit[$1] == "-") verdict = "-"
            else verdict = off <= limit[$1] && off >= -limit[$1] ? "ok" : "OUTSIDE"
            if (verdict == "OUTSIDE") bad = 1
            print $1, shown($2, $3), shown(want[$1], $3), sprintf("%+.2f", off), limit[$1], verdict
        }
        END {
            # A row that is not there is not within its limit.
            for (name in want) if (!(name in seen) && limit[name] != "-") {
                print name, "missing", "-", "-", limit[name], "OUTSIDE"
                bad = 1
            }
            if (NR == 0) bad = 1
            exit bad
        }' >"$TMP/calibrate"
    local status=$?
    align <"$TMP/calibrate"
    return $status
}

# Everything that can be named: what the image registers, then what the data files hold.
list_table() { # records
    {
        exact_numbers "$1" | jq -r "$JQ_COMMON"'
            def run_of: "[\(if .ops == 0 then "\(.unit), as many as its keys say" else "\(.ops) \(.unit) after \(.warmup)" end); \(.work_unit)/s; mlp \(.mlp / 1000)" + (if .macro_bytes == 0
                then "" else "; macro: \(.macro_bytes | size)" + (if .macro_ops == 0 then "" else ", \(.macro_ops) after \(.macro_warmup)" end) end) + "]";
            def ms: . / 100 | round | . / 10 | tostring;
            def sights(verb; windows; touches; idle): [if windows then "every window" else empty end, if touches then "touches" else empty end, if idle then "idleness" else empty end] |
                if . == [] then "" else " [\(verb) \(join(" and "))]" end;
            def row_of: "[" + ([if .tracker == "none" and .classifier == "none" then empty else "\(.tracker) + \(.classifier) + \(.migrator)" end,
                "window \(.machine_window_us | ms) ms, here \(.window_us | ms)", (.keys | select(. != "")), (.source | select(. != "") | "after " + .)] | join("; ")) + "]";
            select(.kind == "list") | [.what, .name, (.default // "" | tostring),
                (.help // "") + (if .what == "workload" then " " + run_of elif .what == "policy" then " " + row_of
                    elif .what == "tracker" then sights("sees"; .sees_every_window; .sees_touches; .sees_idle)
                    elif .what == "classifier" then sights("wants"; .wants_every_window; .wants_touches; .wants_idle) else "" end)] | @tsv'
        awk -F '\t' '
            $1 == "name" { for (i = 1; i <= NF; i++) column[$i] = i; next }
            /^#/ || NF < 2 { next }
            { printf "preset\t%s\t\tread %s ns, %s GB/s; write %s ns, %s GB/s; %s\n", $1, $column["read_ns"],
                  $column["read_GBps"], $column["write_ns"], $column["write_GBps"], $column["source"] }' "$PRESETS"
        printf 'machine key\t%s\t%s\t%s\n' fast 32M 'size of the fast tier' slow 192M 'size of the slow tier' \
            machine pc 'pc or q35, as QEMU has them, or a set of keys below' input '' 'file for a workload that reads one' preset "$DEFAULT_PRESET" 'presets of the two tiers, FAST+SLOW'
        awk -F '\t' '!/^#/ && NF > 2 && $1 != "name" { printf "machine\t%s\t%s\t%s\n", $1, $2, $3 }' "$MACHINES"
        [ ! -r "$MODEL_KEYS" ] ||
            sed -n 's/^KEY(\([a-z0-9_]*\), *\([^,]*\), *[^,]*,[^,]*, *"\(.*\)").*/model key\t\1\t\2\t\3/p' "$MODEL_KEYS"
    } | awk -F '\t' '
        # A key of the model that takes words holds a number inside: its default is shown as the word to type.
        $1 == "model key" && match($4, /^[a-z]+(\|[a-z]+)+:/) { split(substr($4, 1, RLENGTH - 1), word, "|"); $3 = word[$3 + 1] }
        $1 != last { printf "%s%s\n", (NR > 1 ? "\n" : ""), $1; last = $1 }
        { printf "  %-22s %s%s\n", $2, $4, ($3 == "" ? "" : " [" $3 "]") }'
}
