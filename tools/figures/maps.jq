# What a run with heat=1 recorded, as maps of equal columns and rows. For `include "maps";` with `jq -L tools/figures`.

# A run's records (a stream) into one object: its configuration, its phases, and its windows in order of time. Requests
# are those of the window; the records count them from the run's start.
def heat_run(records):
    reduce records as $r ({windows: [], phases: [], before: [0, 0]};
        if $r.kind == "run" then .run = $r
        elif $r.kind == "summary" then .summary = $r
        elif $r.kind == "event" and $r.event == "phase" then .phases += [$r | {name, start_ns}]
        elif $r.kind == "event" and $r.event == "heat" then
            .bin_pages = $r.bin_pages |
            if $r.end_ns <= $r.start_ns then . else
                .windows += [$r + {fast_requests: ($r.fast_requests - .before[0]), slow_requests: ($r.slow_requests - .before[1])}]
            end | .before = [$r.fast_requests, $r.slow_requests]
        else . end) | del(.before);

# Neighbouring bins added up, so that there are at most $rows; and how many are then one.
def rows_joined($rows): (length + $rows - 1) / $rows | floor | [., 1] | max;
def rows($rows): if . == null then . else rows_joined($rows) as $each | [range(0; length; $each) as $b | .[$b:$b + $each] | add] end;

# How many pages each row has, of $pages in all; the last may be short.
def row_pages($pages; $each): [range(0; $pages; $each) | [$each, $pages - .] | min];

# Windows {start_ns, end_ns, cells} into $n columns of equal length. $what is "sum": a window's cells are spread over the
# columns that it overlaps, by time, so that nothing is lost; or "mean": a column is the mean over its time. Windows whose
# cells are null are left out; a column of nothing else is null.
def columns($n; $what):
    .[0].start_ns as $from | (.[-1].end_ns - $from) as $span |
    reduce (.[] | select(.cells)) as $w ([range($n) | null];
        reduce range(($w.start_ns - $from) * $n / $span | floor; ([($w.end_ns - $from) * $n / $span | ceil, $n] | min)) as $c (.;
            (([$w.end_ns, $from + ($c + 1) * $span / $n] | min) - ([$w.start_ns, $from + $c * $span / $n] | max)) as $overlap |
            (if $what == "sum" then $overlap / ($w.end_ns - $w.start_ns) else $overlap * $n / $span end) as $share |
            .[$c] |= (. as $old | [range($w.cells | length) as $b | ($old[$b]? // 0) + $w.cells[$b] * $share])));

# The three maps of a heat_run(), each an array of $n columns of at most $rows rows, and the axes.
def maps($n; $rows):
    . as $run | .windows as $w | ($run.run.footprint_bytes / 4096) as $pages |
    ($run.bin_pages * ($w[0].accesses | rows_joined($rows))) as $row_pages |
    {
        run: $run.run, phases: $run.phases, windows: ($w | length),
        from_ns: $w[0].start_ns, span_ns: ($w[-1].end_ns - $w[0].start_ns), columns: $n, row_pages: $row_pages, pages: $pages,
        truth: ($w | map({start_ns, end_ns, cells: (.accesses | rows($rows))}) | columns($n; "sum")),
        seen: ($w | map({start_ns, end_ns, cells: (.seen | rows($rows))}) | columns($n; "sum")),
        fast: (row_pages($pages; $row_pages) as $of |
            $w | map({start_ns, end_ns, cells: (.fast_pages | rows($rows) | [., $of] | transpose | map(.[0] * 100 / .[1]))}) |
            columns($n; "mean")),
        hits: ($w | map(select(.fast_requests + .slow_requests > 0) |
            {start_ns, end_ns, percent: (.fast_requests * 100 / (.fast_requests + .slow_requests))}))
    };
