#!/usr/bin/env bash
# Every tracker, classifier and migrator that the image lists, in every combination, on a hot set that moves: it verifies, or it is
# refused with the reason. Each classifier that can move pages does so with some tracker under each migrator.
# shellcheck source=tests/long/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"
# shellcheck source=tests/parts
. "$root/tests/parts"

ops=100000
all_cells >"$place/cells"
holds some_cells test "$(wc -l <"$place/cells")" -ge 300
run_part_cells <"$place/cells" >"$place/answers"
judge_part_cells "$place/answers"
still=$(awk -F '\t' '{ split($5, said, " "); moved[$2 " + " $3] += said[2] } END { for (pair in moved) if (!moved[pair]) print pair }' "$place/answers")
if [ -z "$still" ]; then
    ok all_move
else
    not_ok all_move "moved no page with any tracker: $(tr '\n' ';' <<<"$still")"
fi
exit $failed
