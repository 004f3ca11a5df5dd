#!/usr/bin/env bash
# The documents that say how to add a part are followed word for word, in a copy of the tree: every ```sh block is run, the
# commands must succeed, and the new part must be listed and run.
# shellcheck source=tests/long/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"
unset TIERLAB_IMAGE TIERLAB_MODEL # the copies build images of their own

follow() { # document, name of the part
    local doc=$root/docs/$1 name=$2 copy
    copy=$(sed -n 's|^cd \(/tmp/tierlab-[a-z]*\)$|\1|p' "$doc" | head -n 1)
    # The tree without results, whose records would be mistaken for the copy's.
    mkdir "$place/$1.tree"
    (cd "$root" && git ls-files -z | xargs -0 cp --parents -t "$place/$1.tree")
    awk '/^```sh$/ { on = 1; next } /^```$/ { on = 0 } on' "$doc" | sed "s|$copy|$place/$1.copy|g" >"$place/script"
    holds "$name.document_has_commands" grep -q "cd $place/$1.copy" "$place/script"
    (cd "$place/$1.tree" && bash -e "$place/script") >"$place/out" 2>"$place/err" </dev/null
    status=$?
    if [ "$status" -eq 0 ]; then
        ok "$name.commands_succeed"
    else
        not_ok "$name.commands_succeed" "status $status: $(tail -n 1 "$place/err")"
    fi
    holds "$name.is_listed" grep -q "^  $name " "$place/out"
    holds "$name.ran" grep -rq "\"kind\":\"summary\".*\"$name\".*\"verified\":true" --include=records.jsonl "$place/$1.copy/results"
}

follow add-a-policy.md lru-short
follow add-a-tracker.md abit-half
follow add-a-migrator.md readable
follow add-a-workload.md stride
exit "$failed"
