# Many runs' records, one run after the other: one object a run, with its summary, its cycles and what else a figure needs. With
# $course its windows' throughput, too.

include "maps";

reduce inputs as $r ({};
    if $r.kind == "run" then
        .[$r.run] += ($r | {run, window_us, score_windows, ops, footprint_bytes, fast_bytes, cycles_list: [],
                            move_ms: $r.keys.move_ms, active: $r.model.active, tier_Bps: ($r.model | [.fast, .slow | .read_Bps, .write_Bps])})
    elif $r.kind == "window" then
        (if $r.cycle then .[$r.run].cycles_list += [$r | {cycle, start_ns, end_ns, weighted_recall}] else . end) |
        if $course then .[$r.run].windows_list += [$r | {start_ns, end_ns, fast_requests, slow_requests}] else . end
    elif $r.kind == "event" and $r.event == "orders" then
        .[$r.run].moves_list += [$r.orders[] | select(.[6] == "moved") | {page: .[0], to: .[1], at: .[5]}]
    elif $r.kind == "event" and $r.event == "ranked" then .[$r.run].ranked = $r.points
    elif $r.kind == "event" and $r.event == "phase" then .[$r.run].phases += [$r | {name, start_ns, fast_requests, slow_requests}]
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
else . end |
# Windows of the measured phase, counted from its begin, and what they had done. A phase that ends cuts a window short, of which there is no
# record: what was done in it is known from the counts at both ends.
([.phases[]? | select(.name == "measured").start_ns][0] // 0) as $begin |
if .windows_list then
    (.windows_list + [.phases[]? | select((.name == "measured" or .name == "verify") and .fast_requests != null) | .end_ns = .start_ns] |
        map(select(.end_ns >= $begin)) | sort_by(.end_ns)) as $ends |
    .course = [[$ends[:-1], $ends[1:]] | transpose[] | .[0] as $was | .[1] | select(.end_ns > $was.end_ns) | (.fast_requests - $was.fast_requests) as $fast |
        ($fast + .slow_requests - $was.slow_requests) as $all | {start_ns: ($was.end_ns - $begin), end_ns: (.end_ns - $begin),
        Mrequests: ($all * 1e3 / (.end_ns - $was.end_ns)), fast_percent: (if $all > 0 then $fast * 100 / $all else null end)}] |
    .moves_at = (if (.move_ms // 0) == 0 then [] else (.move_ms * 1e6) as $every | [range(1; (.windows_list[-1].end_ns / $every | floor) + 1) | . * $every - $begin] end) |
    del(.windows_list)
else . end |
# Moves of the measured phase that take back one of it: the page returns to where it lay.
if .moves_list then
    (reduce (.moves_list[] | select(.at >= $begin)) as $m ({n: 0, back: 0, moved: {}};
        .n += 1 | ($m.page | tostring) as $page | if .moved[$page] then .back += 1 else .moved[$page] = true end)) as $seen |
    .undone_percent = (if $seen.n == 0 then null else $seen.back * 100 / $seen.n end) | del(.moves_list)
else . end |
if .heat then . else del(.phases) end
