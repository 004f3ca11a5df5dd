# A run with heat=1 in characters: three maps of 16 rows and a row for the share of requests served fast, in $width columns.
# $blocks: whether the terminal shows block characters; else ASCII.
include "maps";

def short: if . >= 1e9 then "\(. / 1e8 | round / 10)G" elif . >= 1e6 then "\(. / 1e5 | round / 10)M"
    elif . >= 1e4 then "\(. / 100 | round / 10)k" elif . >= 100 then "\(round)" else "\(. * 10 | round / 10)" end;
def size: if . >= 1024 then "\(. / 1024 | short) MiB" else "\(. | short) KiB" end; # of KiB
def left($n): if length < $n then " " * ($n - length) + . else . end;

(if $blocks then ["░", "▒", "▓", "█"] else [".", ":", "+", "*", "#", "@"] end) as $shades |
(if $blocks then ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] else [range(10) | tostring] end) as $steps |
(if $blocks then "│" else "|" end) as $bar |

# Lower ends of the shades: equal steps of a logarithm from the least cell that is not empty (a ten-thousandth of the most, if
# that is more), or of the value.
def ends($log): [.[] | select(.) | .[] | select(. > 0)] | if . == [] then [1] else
    max as $most | ([min, $most / 10000] | max) as $least | [range($shades | length) | . / ($shades | length) |
    if $log then $least * pow($most / $least; .) else $most * . end] end;
def shade($ends): if . == null then "?" elif . <= 0 then " " else . as $v |
    $shades[[([$ends[] | select(. <= $v)] | length) - 1, 0] | max] end;
def map_lines($title; $unit; $log; $mib):
    . as $columns | ends($log) as $ends | ($columns | map(select(.)) | .[0] | length) as $rows |
    ([$columns[] | select(.) | .[]] | max) as $most |
    "", $title,
    (range($rows - 1; -1; -1) as $r |
        ((if $r == $rows - 1 then "\($mib | short) MiB" elif $r == 0 then "0" else "" end) | left(9)) + $bar +
        ($columns | map(if . == null then "?" else .[$r] | shade($ends) end) | join("")) + $bar),
    (" " * 9 + "blank none" + ([$ends, $shades] | transpose | map(select(all) | "  \(.[1]) " + if .[0] == 0 then "above 0" else "from \(.[0] | short)" end) | join("")) +
        ", at most \($most | short) \($unit)" + (if any($columns[]; . == null) then "; ? not looked at" else "" end));

heat_run(inputs) | if .windows == [] then error("no heat") else . end | maps($width - 11; 16) |
.run as $run | (.pages / 256) as $mib | .columns as $n | .from_ns as $from | .span_ns as $span |
"\($run.workload) under \($run.policy): \($mib | short) MiB by \($span / 1e6 | short) ms (modelled), a cell is " +
    "\(.row_pages * 4 | size) by \($span / 1e6 / $n | short) ms",
(.truth | map_lines("truth: accesses"; "accesses a cell"; true; $mib)),
(if $run.tracker == "none" then "", "verdict: no tracker" else
    .seen | map_lines("verdict: what the tracker \($run.tracker) saw"; "of summed weight a cell"; true; $mib) end),
(.fast | map_lines("placement: pages in the fast tier"; "% of a cell"; false; $mib)),
"", "requests served by the fast tier",
(.hits as $hits | " " * 9 + $bar + ([range($n) as $c | ($from + ($c + 0.5) * $span / $n) as $at |
    [$hits[] | select(.start_ns <= $at and $at < .end_ns).percent][0] |
    if . == null then "?" else $steps[[. * ($steps | length) / 100 | floor, ($steps | length) - 1] | min] end] | join("")) + $bar),
(" " * 9 + "from \($steps[0]) below \(100 / ($steps | length) | short) % to \($steps[-1]) up to 100 % of the requests"),
"",
([.phases[1:][] | select(.name != "verify" and .start_ns < $from + $span) | "\(.name) at \(.start_ns / 1e6 | short)"] |
    if . == [] then "" else "phases (ms): " + join(", ") end)
