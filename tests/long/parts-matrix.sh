#!/usr/bin/env bash
# Every tracker, classifier and migrator that the image lists, in every combination, on a hot set that moves: it verifies, or it is
# refused with the reason. Each classifier moves pages in some cell.
# shellcheck source=tests/long/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"
# shellcheck source=tests/parts
. "$root/tests/parts"

ops=100000
all_cells >"$place/cells"
holds some_cells test "$(wc -l <"$place/cells")" -ge 300
run_part_cells <"$place/cells" >"$place/answers"
judge_part_cells "$place/answers"
# Whoever demotes nothing has no room to promote into here.
still=$(awk -F '\t' 'FNR == NR { if (/demotes nothing/) { split($0, word, " "); idle[word[1]] } next }
    { split($5, said, " "); moved[$2] += said[2] } END { for (name in moved) if (!moved[name] && !(name in idle)) print name }' \
    "$place/list" "$place/answers")
if [ -z "$still" ]; then
    ok all_move
else
    not_ok all_move "moved no page in any cell: $(tr '\n' ';' <<<"$still")"
fi
exit $failed
