# A run's maps as files' lines for gnuplot, each after the file's name and a tab. Maps: a line a row of cells, lowest address
# first. What no tracker looked at is nan.
include "maps";

def short: if . >= 100 then round elif . >= 10 then . * 10 | round / 10 else . * 100 | round / 100 end;
def lines($name; $rows): range($rows) as $r | "\($name)\t" + (map(if . == null then "nan" else .[$r] | . * 1000 | round / 1000 end) |
    map(tostring) | join(" "));

heat_run(inputs) | if .windows == [] then error("no heat") else . end | maps([(.windows | length), 400] | min; 512) |
(.truth[0] | length) as $rows | (.truth | map(max) | max) as $most | (.seen | map(select(.) | max) | max) as $most_seen |
(.span_ns / 8) as $room |
(.truth | lines("truth"; $rows)), (.seen | lines("seen"; $rows)), (.fast | lines("fast"; $rows)),
(.hits[] | "hits\t\(.start_ns / 1e6) \(.percent)", "hits\t\(.end_ns / 1e6) \(.percent)"),
"label\t" + ([.run.workload, .run.policy, .run.tracker, .from_ns / 1e6, .span_ns / 1e6, .columns, .pages / 256, .row_pages / 256,
    $most, $most_seen // 0, "\(.row_pages * 4) KiB by \(.span_ns / 1e6 / .columns | short) ms",
    (reduce (.phases[1:][] | select(.name != "verify")) as $p ({last: -$room, out: []};
        if $p.start_ns - .last >= $room then {last: $p.start_ns, out: (.out + ["\($p.start_ns / 1e6) \($p.name)"])}
        else .out += ["\($p.start_ns / 1e6) -"] end) | .out | join(","))] | map(tostring) | join("\t"))
