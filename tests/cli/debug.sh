#!/usr/bin/env bash
# The sessions of docs/debug.md, word for word, in gdb's batch mode.
# shellcheck disable=SC2016 # $1 is gdb's
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"

session() { # name, extra words for tools/debug: the document's command and its gdb commands
    local words
    read -ra words < <(sed -n "s/^\`tools\/debug \(.*\)\`\$/\1/p" "$root/docs/debug.md" | sed -n "$2p")
    sed -n "/^# $1\$/,/^\`\`\`\$/{/^\`\`\`/d;p}" "$root/docs/debug.md" >"$place/$1.gdb"
    "$root/tools/debug" "${words[@]}" -- -nx -batch -x "$place/$1.gdb" >"$place/$1" 2>"$place/err" </dev/null
    status=$?
    check "$1" 0 ''
}
shows() { # name, session, extended regular expression
    if grep -Eq -e "$3" "$place/$2"; then ok "$1"; else not_ok "$1" "no /$3/ in: $(tail -n 3 "$place/$2" | tr '\n' ' ')"; fi
}
nth_page() { # session, n: the entry that the n-th tl-page 0 shows
    grep -A 1 '^page 0, ' "$place/$1" | grep 'entry at' | sed -n "$2p"
}

session fault 1
shows stops_in_handler fault '^#0  hint_fault \(space=.*page='
shows through_stub fault '^#[0-9]+ .* boot/stubs\.asm:[0-9]+$'
shows into_workload fault '^#[0-9]+ .* hotset_run \(.*workloads/hotset\.c:[0-9]+$'
shows to_the_end fault '^#[0-9]+ .* kmain \('
shows page_entry fault '^  entry at 0xffff8.*: frame 0x[0-9a-f]+ write .*hint( |$)' # and not present
shows page_tier fault '^  tier: (fast|slow)$'
# The walk ends at the entry that tl-page shows, and all four levels are there.
holds walk_is_whole test "$(grep -cE '^  level [1-4] entry +[0-9]+: frame ' "$place/fault")" -eq 4
holds walk_ends_at_page test "$(sed -n 's/^  level 1 entry .*: //p' "$place/fault")" = "$(sed -n 's/^  entry at 0x[0-9a-f]*: //p' "$place/fault")"

session bit 2
holds accessed_before grep -q ' accessed' <(nth_page bit 1)
holds cleared_by_tracker test -z "$(nth_page bit 2 | grep ' accessed')"
shows observation bit '^\$1 = page 0 seen (read|written|read and written), weight 1$'
shows workload_stopped bit 'workloads/hotset\.c:[0-9]+'
holds set_by_walker grep -q ' accessed' <(nth_page bit 3)
# 256 pages are on lru's four lists, and page 0 on one of them.
holds lists_have_all test "$(sed -n 's/^lru lists\[[0-3]\]: \([0-9]*\) pages: .*/\1/p' "$place/bit" | awk '{ n += $1 } END { print n }')" -eq 256
shows place_in_list bit '^  lru lists\[[0-3]\]: place [0-9]+ of [0-9]+$'

"$root/tools/debug" policy=nothing -- -nx -batch >"$place/out" 2>"$place/err" </dev/null
holds refusal_is_told grep -q "policy 'nothing'\|policy=nothing" "$place/out" "$place/err"
holds nothing_left test -z "$(leftovers)"
exit "$failed"
