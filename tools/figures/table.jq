# Cells of the matrix as tab-separated rows: the mean over the seeds, and half of their range where four digits show it.
def digits: if . == null then "-"
    else (if . < 0 then -. else . end) as $size |
        (if $size >= 10000 then 1 elif $size >= 100 then 10 elif $size >= 10 then 100 else 1000 end) as $scale |
        ((. * $scale) | round / $scale) | tostring end;
def spread: if length == 0 then "-" else (add / length) as $mean | ((max - min) / 2 | digits) as $half |
    ($mean | digits) + (if length > 1 and $half != "0" then " ±" + $half else "" end) end;

($columns / " " | map(select(. != ""))) as $columns | . as $all |
(.[0].keys | keys_unsorted | map(. as $k | select([$all[].keys[$k]] | unique | length > 1))) as $axes |
([.[].case] | unique | length > 1) as $cases |
(["set"] + (if $cases then ["case"] else [] end) + $axes + $columns | join("\t")), "--",
(reduce .[] as $r ([]; if length > 0 and .[-1][0].set == $r.set and .[-1][0].case == $r.case and .[-1][0].keys == $r.keys
    then .[-1] += [$r] else . + [[$r]] end) | .[] | . as $seeds | .[0] as $r |
    [$r.set] + (if $cases then [$r.case] else [] end) + ($axes | map($r.keys[.])) +
    ($columns | map(. as $c | [$seeds[] | .[$c] | select(. != null)] |
        if length > 0 and all(type == "string") then unique | join(",") else map(select(type == "number")) | spread end)) | join("\t"))
