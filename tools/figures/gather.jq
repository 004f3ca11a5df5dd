# Many runs' records, one run after the other: one object a run, with its summary, its cycles and what else a figure needs.

# Heat by window into at most 100 columns of equal length, the same accesses: what a window has is spread over the columns
# that it overlaps. Fewer windows than that give as many columns.
def columns:
    .[0].start_ns as $from | (.[-1].end_ns - $from) as $span | ([length, 100] | min) as $n | (.[0].accesses | length) as $bins |
    (reduce .[] as $w ([range($n) | [range($bins) | 0]];
        reduce range(($w.start_ns - $from) * $n / $span | floor; ([($w.end_ns - $from) * $n / $span | ceil, $n] | min)) as $c (.;
            (([$w.end_ns, $from + ($c + 1) * $span / $n] | min) - ([$w.start_ns, $from + $c * $span / $n] | max)) as $overlap |
            ($overlap / ($w.end_ns - $w.start_ns)) as $share |
            .[$c] |= [range($bins) as $b | .[$b] + $w.accesses[$b] * $share]))) |
    {start_ns: $from, span_ns: $span, cells: map(map(round))};

reduce inputs as $r ({};
    if $r.kind == "run" then
        .[$r.run] += ($r | {run, window_us, cycle_windows, ops, footprint_bytes, fast_bytes, cycles_list: [],
                            move_ms: $r.keys.move_ms})
    elif $r.kind == "window" and $r.cycle then
        .[$r.run].cycles_list += [$r | {cycle, start_ns, end_ns, weighted_recall}]
    elif $r.kind == "event" and $r.event == "ranked" then .[$r.run].ranked = $r.points
    elif $r.kind == "event" and $r.event == "phase" then .[$r.run].phases += [$r | {name, start_ns}]
    elif $r.kind == "event" and $r.event == "heat" then
        .[$r.run].bin_pages = $r.bin_pages |
        if $r.end_ns > $r.start_ns then .[$r.run].heat += [$r | {start_ns, end_ns, accesses}] else . end
    elif $r.kind == "event" and $r.event == "heat_pages" then
        .[$r.run] += ($r | (.loads + .stores) as $all | ([$all, 1] | max / 100) as $percent | {
            accesses: $all, touched_pages, touched_percent: (.touched_pages * 100 / .pages), read_percent: (.loads / $percent),
            top_1_percent: (.top_1_percent_accesses / $percent), top_10_percent: (.top_10_percent_accesses / $percent),
            heat_pages: (.pages as $pages | .points | map([.[0] * 100 / $pages, .[1] / $percent]))})
    elif $r.kind == "summary" then .[$r.run] = $r + .[$r.run]
    else . end) | .[] |
if .heat then .heat_windows = (.heat | length) | .heat |= columns else del(.phases) end
