# The past of one page, in sentences: the orders that it had, and why; or, when it had none, how often it was seen.
# Input: the records of a run. $reasons: {"lru 0": sentence, ...}, $seen: what tools/why.awk makes of the replay, or null.

def ms: . / 1e6 * 1000 | round / 1000 | tostring + " ms";
# A sentence that names keys says their values, too. Such a key has an underscore: `hot` and `move` are keys, and words of sentences.
def with_values($keys): reduce ($keys | to_entries[] | select(.key | contains("_"))) as $key (.; gsub("\\b\($key.key)\\b"; "\($key.key)=\($key.value)"));
def times: if . == 1 then "once" else "\(.) times" end;

(map(select(.kind == "run"))[0]) as $run |
[.[] | select(.event == "orders") | .fields as $fields | .orders[] | [$fields, .] | transpose | map({(.[0]): .[1]}) | add | select(.page == $page)] as $orders |
(map(select(.event == "orders") | .left_out) | max // 0) as $left_out |
"page \($page) of run \($run.run): policy \($run.policy) (\($run.tracker), \($run.classifier), \($run.migrator))",
if ($orders | length) > 0 then
    "ordered \($orders | length | times):",
    ($orders[] |
        "  to the \(.to) tier at \(.taken_ns | ms): \($reasons["\($run.classifier) \(.reason)"] // "reason \(.reason)" | with_values($run.keys))",
        "      " + (to_entries[7:] | map(select(.value != null) | "\(.key) \(.value)") | join(", ")),
        "      given \(.given_ns | ms), taken \(.taken_ns | ms), \({moved: "moved", no_room: "no room", gave_up: "given up", gone: "gone"}[.outcome]) \(.done_ns | ms)")
else
    "never ordered" + (if $left_out > 0 then ", as far as the records go: \($left_out) orders are left out" else "" end),
    (if $seen == null then "  how often it was seen is in the records of a run with replay=1 as well"
     else "  accessed in \($seen.accessed) of \($seen.windows) windows, seen in \($seen.seen), in at most \($seen.running) running; at the end in the \($seen.tier) tier" end),
    (if $run.classifier == "none" then "  there is no classifier: nobody orders anything" else "  orders of this classifier say:" end),
    ($reasons | to_entries[] | select(.key | startswith($run.classifier + " ")) | "      " + (.value | with_values($run.keys)))
end
