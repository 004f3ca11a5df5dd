# What a row of `figure = heat` is labelled with, tab-separated: title, span in ms, footprint in MiB, accesses of
# the hottest cell, size of a cell, and the phases but the first and the verification as "ms name", with commas between. A
# phase that comes too soon after the last one with a name has "-" for its own.
def short: if . >= 100 then round elif . >= 10 then . * 10 | round / 10 else . * 100 | round / 100 end;

(.heat.cells | length) as $columns | (.heat.span_ns / 8) as $room |
[(if .case == "-" then .set else .case end), .heat.span_ns / 1e6, .footprint_bytes / 1048576,
 (.heat.cells | map(max) | max), "\(.bin_pages * 4) KiB by \(.heat.span_ns / 1e6 / $columns | short) ms",
 (reduce (.phases[1:][] | select(.name != "verify")) as $p ({last: -$room, out: []};
    if $p.start_ns - .last >= $room then {last: $p.start_ns, out: (.out + ["\($p.start_ns / 1e6) \($p.name)"])}
    else .out += ["\($p.start_ns / 1e6) -"] end) | .out | join(","))] | map(tostring) | join("\t")
