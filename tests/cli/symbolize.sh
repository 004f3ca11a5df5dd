#!/usr/bin/env bash
# Names for the addresses of a STACK line.
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"

cat >"$place/a.c" <<'END'
int inner(int x)
{
    return x + 1;
}
int main(void) { return inner(0); }
END
gcc -g -O0 -fno-pie -no-pie -o "$place/a" "$place/a.c"
address() { nm "$place/a" | awk -v name="$1" '$3 == name { print "0x" $1 }'; }
printf 'PANIC: one\nSTACK: %s %s\nlast\n' "$(address inner)" "$(address main)" >"$place/log"

"$root/tools/symbolize" "$place/a" <"$place/log" >"$place/out"
holds keeps_the_log test "$(grep -cx -e 'PANIC: one' -e last "$place/out")" -eq 2
holds names_innermost_first grep -A1 'inner at a.c:2' "$place/out"
holds names_caller sh -c "sed -n 4p '$place/out' | grep 'main at a.c:5'"
"$root/tools/symbolize" "$place/nosuch" <"$place/log" >"$place/out"
holds without_image grep 'no .*nosuch' "$place/out"

exit "$failed"
