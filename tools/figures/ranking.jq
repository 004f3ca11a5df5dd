# Sets ranked over all cases, axes and seeds, as tab-separated rows: the rank by the geometric mean of the field $y; that mean; the mean of
# the ranks in each column of the matrix; regret against the set $against in %, mean and worst; where each is best and worst. Below a
# line those that know the truth, which have no rank. With several seeds the rank is the best and the worst that any one seed gives: an
# order of two sets is certain where these do not meet.
def mean: if length == 0 then null else add / length end;
def geometric: map(select(. > 0)) | if length == 0 then null else map(log) | mean | exp end;
def zeros: if . <= 0 then "" else "0" * . end;
def fixed($n): if . == null then "-" else (if . < 0 then "-" else "" end) as $sign |
    (. * pow(10; $n) | if . < 0 then -. else . end | round | tostring) | (($n + 1 - length) | zeros) + . | $sign + .[:-$n] + "." + .[-$n:] end;

. as $all |
(.[0].keys | keys_unsorted | map(. as $k | select([$all[].keys[$k]] | unique | length > 1))) as $axes |
def where: . as $r | [(.case | select(. != "-"))] + ($axes | map("\(.)=\($r.keys[.])")) | join(" ");

map(select(.set != $base)) |
# The ranks that the single seeds give each set.
(group_by(.seed) | map(map(select((.uses_truth | not) and .[$y] != null)) | group_by(.set) | map({set: .[0].set, mean: (map(.[$y]) | geometric)}) |
    sort_by(.mean) | to_entries) | add // [] | group_by(.value.set) | map({(.[0].value.set): (map(.key + 1) | unique)}) | add) as $places |
def place: $places[.set] | if .[0] == .[-1] then "\(.[0])" else "\(.[0])-\(.[-1])" end;
# Of every cell the mean over the seeds.
(group_by([.set, .case, .keys]) | map({set: .[0].set, truth: .[0].uses_truth, where: (.[0] | where), value: (map(.[$y] | select(. != null)) | mean)}) |
    map(select(.value != null))) as $cells |
(reduce ($cells[] | select(.set == $against)) as $c ({}; .[$c.where] = $c.value)) as $bound |
(reduce ($cells[] | select(.truth | not)) as $c ({}; .[$c.where] += [$c.value])) as $rivals |
($cells | group_by(.set) | map((map($bound[.where] as $b | select($b) | .value / $b)) as $over | sort_by(.value) as $sorted | {
    set: .[0].set, truth: .[0].truth, mean: (map(.value) | geometric),
    ranks: (if .[0].truth then null else map(.value as $v | $rivals[.where] | map(select(. < $v)) | length + 1) | mean end),
    regret: ($over | geometric | if . == null then null else (. - 1) * 100 end),
    most: ($over | if length == 0 then null else (max - 1) * 100 end), best: $sorted[0], worst: $sorted[-1]}) | sort_by(.mean)) as $sets |
def row: [.set, (if .truth then "-" else place end), (.mean | fixed(3)), (.ranks | fixed(1))] +
    (if $bound == {} then [] else [(.regret | fixed(1)), (.most | fixed(1))] end) +
    [(.best.value | fixed(2)), .best.where, (.worst.value | fixed(2)), .worst.where] | join("\t");
(["set", "rank", "mean", "mean rank"] + (if $bound == {} then [] else ["regret %", "worst %"] end) + ["least", "in", "most", "in"] | join("\t")), "--",
($sets[] | select(.truth | not) | row),
if any($sets[]; .truth) then "--", ($sets[] | select(.truth) | row) else empty end
