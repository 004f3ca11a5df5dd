# One panel of `figure = grid` or `course`, as tab-separated lines that begin with what they are:
#
#       row  number  name  mean  truth      best first, those that know the truth before the others; number counts from the top, -1 and down
#       column  number  name
#       cell  column  row  value  text  ink     value "nan" where no run has one; ink: white or black, as the colour behind it needs
#       scale  least  most
#       move  column                           course: where the hot set moves
#
# grid: a column a case, or a value of the axis x; the mean is the geometric one of a row's cells. course: columns are equal parts of
# the modelled time since the measured phase began; a cell is the mean over it, and the row's mean is its time against the base's.
def plain: if type != "string" then . elif test("^[0-9]+[KMG]$")
    then (.[:-1] | tonumber) * {K: 1024, M: 1048576, G: 1073741824}[.[-1:]] else (tonumber? // .) end;
def matches($words): . as $r | all($words / " " | .[] | select(. != "") | split("=");
    . as $w | ($r[$w[0]] // $r.keys[$w[0]] | plain) == ($w[1:] | join("=") | plain));
def mean: if length == 0 then null else add / length end;
def geometric: map(select(. != null and . > 0)) | if length == 0 then null else map(log) | mean | exp end;
def digits: if . == null then "" elif . >= 9.95 then round | tostring
    else (. * 100 | round | tostring) as $n | ("00" + $n)[-([3, ($n | length)] | max):] | .[:-2] + "." + .[-2:] end;
def column: if $x == "case" then .case else .keys[$x] // .[$x] end | tostring;

# $n equal parts of [0, $span]: the mean over each of what windows {start_ns, end_ns, value} say, null where there is none.
def parts($n; $span):
    . as $windows | [range($n) as $c | ($c * $span / $n) as $from | (($c + 1) * $span / $n) as $to |
        [$windows[] | select(.value != null and .end_ns > $from and .start_ns < $to) |
            (([.end_ns, $to] | min) - ([.start_ns, $from] | max)) as $long | {long: $long, sum: (.value * $long)}] |
        if length == 0 then null else (map(.sum) | add) / (map(.long) | add) end];

map(select(matches($filter) and .set != $base)) | select(length > 0) |
(reduce .[] as $r ([]; if index([$r.set]) then . else . + [$r.set] end)) as $sets | . as $all |
(if $kind == "course" then
    ([$all[].course[-1].end_ns] | max) as $span | ([$span / 1e6 / 80 | ceil, 1] | max) as $ms | ($span / 1e6 / $ms | ceil) as $n |
    {moves: [$all[0].moves_at[]? | select(. > 0 and . < $span) / 1e6 / $ms - 0.5], columns: [range($n) | . * $ms | tostring],
     rows: [$sets[] as $s | [$all[] | select(.set == $s)][0] |
        {name: $s, truth: .uses_truth, mean: .relative_time, cells: (.course | map({start_ns, end_ns, value: .[$y]}) | parts($n; $n * $ms * 1e6))}]}
else
    (reduce $all[] as $r ([]; ($r | column) as $c | if index([$c]) then . else . + [$c] end)) as $columns |
    {columns: $columns,
     rows: [$sets[] as $s | [$all[] | select(.set == $s)] |
        {name: $s, truth: .[0].uses_truth, cells: [$columns[] as $c | . as $mine | [$mine[] | select(column == $c) | .[$y] | select(. != null)] | mean]} |
        .mean = (.cells | geometric)]}
end) |
(if $order == "matrix" then . else .rows |= sort_by(if .truth then 0 else 1 end, .mean) end) |
([.rows[].cells[] | select(. != null)] | if length == 0 then [0, 1] else [min, max] end) as [$least, $most] |
(if $log == "" then {least: ([0, $least] | min), most: $most} else {least: ([$least, 1] | min), most: $most} end) as $scale |
def place: if $log == "" then (. - $scale.least) / ([$scale.most - $scale.least, 1e-9] | max)
    else (. / $scale.least | log) / ([($scale.most / $scale.least | log), 1e-9] | max) end;
["scale", $scale.least, $scale.most],
(.moves[]? | ["move", .]),
(.columns | to_entries[] | ["column", .key, .value]),
(.rows | to_entries[] | .key as $row | .value | ["row", -1 - $row, .name, (.mean | if . == null then "nan" else . end), .truth],
    (.cells | to_entries[] | ["cell", .key, -1 - $row, (.value // "nan"), (if $kind == "course" then "" else .value | digits end),
        (if .value == null or (.value | place) > 0.6 then "black" else "white" end)])) | map(tostring) | join("\t")
