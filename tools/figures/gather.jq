# Many runs' records, one run after the other: one object a run, with its summary, its cycles and what else a figure needs.

include "maps";

reduce inputs as $r ({};
    if $r.kind == "run" then
        .[$r.run] += ($r | {run, window_us, score_windows, ops, footprint_bytes, fast_bytes, cycles_list: [],
                            move_ms: $r.keys.move_ms, tier_Bps: ($r.model | [.fast, .slow | .read_Bps, .write_Bps])})
    elif $r.kind == "window" and $r.cycle then
        .[$r.run].cycles_list += [$r | {cycle, start_ns, end_ns, weighted_recall}]
    elif $r.kind == "event" and $r.event == "ranked" then .[$r.run].ranked = $r.points
    elif $r.kind == "event" and $r.event == "phase" then .[$r.run].phases += [$r | {name, start_ns}]
    elif $r.kind == "event" and $r.event == "heat" then
        .[$r.run].bin_pages = $r.bin_pages * ($r.accesses | rows_joined(128)) |
        if $r.end_ns > $r.start_ns then .[$r.run].heat += [$r | {start_ns, end_ns, cells: (.accesses | rows(128))}] else . end
    elif $r.kind == "event" and $r.event == "heat_pages" then
        .[$r.run] += ($r | (.loads + .stores) as $all | ([$all, 1] | max / 100) as $percent | {
            accesses: $all, touched_pages, touched_percent: (.touched_pages * 100 / .pages), read_percent: (.loads / $percent),
            top_1_percent: (.top_1_percent_accesses / $percent), top_10_percent: (.top_10_percent_accesses / $percent),
            heat_pages: (.pages as $pages | .points | map([.[0] * 100 / $pages, .[1] / $percent]))})
    elif $r.kind == "summary" then .[$r.run] = $r + .[$r.run]
    else . end) | .[] |
if .heat then
    .heat_windows = (.heat | length) |
    .heat |= {start_ns: .[0].start_ns, span_ns: (.[-1].end_ns - .[0].start_ns),
              cells: (([length, 100] | min) as $n | columns($n; "sum") | map(map(round)))}
else del(.phases) end
