#!/usr/bin/env bash
# docs/first-hour.md, word for word: its commands, one after the other, show what the text says that they show.
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"
mkdir "$place/tree" && tar -C "$root" -c --exclude=./results --exclude=./.git --exclude=./build/first-hour --exclude=./build/mutants . | tar -x -C "$place/tree" || exit 1
awk '/^```sh$/ { keep = 1; print "echo STEP"; next } /^```$/ { keep = 0 } keep' "$root/docs/first-hour.md" >"$place/steps"
(cd "$place/tree" && bash -eu "$place/steps") >"$place/out" 2>"$place/err" </dev/null
status=$?
holds all_steps_end test $status -eq 0
step() { awk -v n="$1" '$0 == "STEP" { at++; next } at == n' "$place/out"; } # number
shows() { if step "$2" | grep -Eq -e "$3"; then ok "$1"; else not_ok "$1" "step $2 has no /$3/: $(step "$2" | tail -n 2 | tr '\n' ' ')"; fi; }

shows run.moves 1 '^  pages up +[1-9][0-9]*$'
shows run.scores 1 '^  precision +0\.[0-9]+$'
shows heat.maps 2 'truth'
entries=$(step 3 | grep '^  entry at')
holds bit.three_looks test "$(wc -l <<<"$entries")" -eq 3
holds bit.set_cleared_set test "$(grep -n ' accessed' <<<"$entries" | cut -d: -f1 | paste -sd,)" = 1,3
shows why.moved 4 '^  to the fast tier at [0-9.]+ ms: seen in lru_streak=4 windows running$'
shows why.never 4 '^never ordered$'
shows why.too_seldom 4 'seen in [1-9][0-9]*, in at most [0-3] running; at the end in the slow tier$'
holds turn.two_runs test "$(step 5 | grep -c '^  time ms')" -eq 2
up() { step "$1" | sed -n 's/^  pages up *//p' | head -n 1; }
holds turn.more_move test "$(up 5)" -gt "$(up 1)"
exit "$failed"
