# One panel's data as tab-separated rows: series, x, xmin, xmax, y, ymin, ymax, label.
# A key's text as a number, where it is one: sizes such as 64K in bytes.
def plain: if type != "string" then . elif test("^[0-9]+[KMG]$")
    then (.[:-1] | tonumber) * {K: 1024, M: 1048576, G: 1073741824}[.[-1:]] else (tonumber? // .) end;
def matches($words): . as $r | all($words / " " | .[] | select(. != "") | split("=");
    . as $w | ($r[$w[0]] // $r.keys[$w[0]] | plain) == ($w[1:] | join("=") | plain));
def value($field): if $field == "set" or $field == "case" then .[$field]
    elif .keys[$field] != null and (.[$field] | type) != "number" then .keys[$field] | plain else .[$field] end;
def range3: [add / length, min, max];

map(select(matches($filter))) |
if $kind == "ranked" then
    # Truth once, then a curve a run, first seed only; x in per cent of the pages.
    (map(select(.ranked)) | group_by(.set) | map(.[0])) as $runs |
    ($runs[] | .set as $set | .windows as $w | .ranked[] | (.[2] * 100 / $w) as $v | [$set, .[0], .[0], .[0], $v, $v, $v, ""]),
    ($runs[0] // empty | .windows as $w | .ranked[] | (.[1] * 100 / $w) as $v | ["truth", .[0], .[0], .[0], $v, $v, $v, ""])
elif $kind == "bar" then
    # Along x the sets (or the cases), in the order of the matrix; a series is a value of the other. Where no run has a
    # value, the place stays, and says so.
    (if $x == "set" then "case" else "set" end) as $by |
    map(select(.set != $base)) |
    (reduce .[] as $r ([]; ($r | value($x) | tostring) as $v | if index([$v]) then . else . + [$v] end)) as $places |
    (reduce .[] as $r ([]; $r[$by] as $v | if index([$v]) then . else . + [$v] end)) as $series |
    . as $all | select(any(value($y) != null)) | $series[] as $s | $places | to_entries[] | . as $p |
    [$all[] | select((value($x) | tostring) == $p.value) | value($y) | select(. != null)] as $any |
    [$all[] | select(.[$by] == $s and (value($x) | tostring) == $p.value) | value($y) | select(. != null)] |
    (if length > 0 then range3 else ["nan", "nan", "nan"] end) |
    [$s, $p.key, $p.key, $p.key, .[0], .[1], .[2], $p.value + (if $any == [] then ": none" else "" end)]
else
    map(select(value($x) != null and value($y) != null and .set != $base)) |
    (reduce .[] as $r ([]; if index([$r.set]) then . else . + [$r.set] end)) as $series | . as $all |
    $series[] as $s | [$all[] | select(.set == $s)] | group_by([.case, .keys]) | map(
        (map(value($x)) | range3) as $xs | (map(value($y)) | range3) as $ys | [$s] + $xs + $ys + [""]) |
    sort_by(.[1])[]
end | map(tostring) | join("\t")
