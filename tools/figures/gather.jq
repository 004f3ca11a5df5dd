# Many runs' records, one run after the other: one object a run, with its summary, its cycles and what else a figure needs.
reduce inputs as $r ({};
    if $r.kind == "run" then
        .[$r.run] += ($r | {run, window_us, cycle_windows, ops, footprint_bytes, fast_bytes, cycles_list: [],
                            move_ms: $r.keys.move_ms})
    elif $r.kind == "window" and $r.cycle then
        .[$r.run].cycles_list += [$r | {cycle, start_ns, end_ns, weighted_recall}]
    elif $r.kind == "event" and $r.event == "ranked" then .[$r.run].ranked = $r.points
    elif $r.kind == "summary" then .[$r.run] = $r + .[$r.run]
    else . end) | .[]
