#!/usr/bin/env bash
# Where results go, and that what is there stays.
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"
use_fake

expect first 0 '' run seed=7
run=$(ls "$place/results")
dir=$place/results/$run
holds files test -s "$dir/records.jsonl" -a -s "$dir/command.txt" -a -s "$dir/host.txt"
holds command_line grep -q 'run seed=7' "$dir/command.txt"
holds records_name_no_host sh -c "! grep -e '$(hostname)' -e '$TMPDIR' '$dir/records.jsonl'"
expect repeat 0 '' run seed=7
holds repeat_adds_nothing test "$(find "$dir" -type f | wc -l)" -eq 3
(cd / && launch run seed=7)
holds other_directory test "$(find "$place/results" -type f | wc -l)" -eq 3

cp "$dir/records.jsonl" "$place/before"
FAKE=changed expect other_bytes 1 'other bytes' run seed=7
holds both_kept cmp "$place/before" "$dir/records.jsonl"
holds second_copy test -s "$dir/records.2.jsonl"
FAKE=changed expect other_bytes_again 1 'other bytes' run seed=7
holds no_third_copy test ! -e "$dir/records.3.jsonl"

# Something foreign where a result wants to be.
rm -rf "$dir"
mkdir "$dir"
echo mine >"$dir/notes"
echo mine >"$dir/host.txt"
expect foreign_directory 0 '' run seed=7
holds foreign_kept test "$(cat "$dir/notes" "$dir/host.txt")" = "$(printf 'mine\nmine')"
holds foreign_joined cmp "$place/before" "$dir/records.jsonl"
rm -rf "$dir"
echo mine >"$dir"
expect foreign_file 7 "$run" run seed=7
holds foreign_file_kept grep -qx mine "$dir"
rm "$dir"

FAKE=fail expect failed_leaves_nothing 1 'verification failed' run seed=7
holds failed_has_no_result test ! -e "$dir"

exit "$failed"
