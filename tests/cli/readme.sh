#!/usr/bin/env bash
# The README's own commands, run as they stand (results go to a place of their own).
set -u
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 1
. tools/environment.sh
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT

# The fenced block that starts with the marker.
awk '/^```sh$/ { keep = 1; next } /^```$/ { keep = 0 } keep' README.md |
    awk '/^# tierlab-readme$/ { on = 1 } on' >"$out/block"
if ! grep -q run-qemu.sh "$out/block"; then
    echo 'not ok readme.block # README.md has no block marked "# tierlab-readme"'
    exit 1
fi
# In a copy, so that results/ of this tree stays as it is.
mkdir "$out/tree" && tar -c --exclude=./results --exclude=./.git . | tar -x -C "$out/tree" || exit 1
if (cd "$out/tree" && sh -eu "$out/block") >"$out/log" 2>&1; then
    echo 'ok readme.commands_run'
else
    echo "not ok readme.commands_run # $(tail -n 1 "$out/log")"
    exit 1
fi
if grep -q '"policy":"lru","time_ns":[1-9]' "$out/log" && grep -q '^page_move_batch512 ' "$out/log"; then
    echo 'ok readme.shows_figures'
else
    echo 'not ok readme.shows_figures # no time of lru, or no row of page_move_batch512, in the output'
    exit 1
fi
