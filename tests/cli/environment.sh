#!/usr/bin/env bash
# Nothing that a user's environment holds changes a number: tables, QEMU's command line and a real run's records are the same
# bytes under a locale with a decimal comma, with mawk (which reads and prints numbers by it) and with every other setting that
# tools obey. The locale is made here where the machine has none.
# shellcheck source=tests/cli/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"

mkdir "$place/locales" "$place/bin" "$place/home"
ln -s "$(command -v mawk)" "$place/bin/awk"
if ! localedef -i de_DE -f UTF-8 "$place/locales/de_DE.UTF-8" 2>"$place/err"; then
    not_ok locale "localedef: $(head -n 1 "$place/err")"
    exit 1
fi
# What the launcher would print everywhere else, if it did nothing about it.
holds locale_has_a_comma test "$(PATH=$place/bin:$PATH LOCPATH=$place/locales LC_ALL=de_DE.UTF-8 awk 'BEGIN { printf "%.1f", 1.5 }')" = 1,5

echo 'def tostring: "wrong"; def length: 0;' >"$place/home/.jq"
# shellcheck disable=SC2016 # a shell of the launcher's would run it
printf 'echo chatter; awk() { echo wrong; }; PATH=/nowhere\n' >"$place/rc"
hostile=(PATH="$place/bin:$PATH" LOCPATH="$place/locales" LC_ALL=de_DE.UTF-8 LC_NUMERIC=de_DE.UTF-8 LANG=de_DE.UTF-8 LANGUAGE=de
    TZ=Asia/Kathmandu TERM=nonsense COLUMNS=7 CDPATH="$place:/" GREP_OPTIONS=-v POSIXLY_CORRECT=1 BASH_ENV="$place/rc" ENV="$place/rc"
    GLOBIGNORE='*' SHELLOPTS=errexit BASHOPTS=nocasematch 'BASH_FUNC_jq%%=() { echo wrong; }' HOME="$place/home"
    CFLAGS=-O3 CPPFLAGS=-DWRONG LDFLAGS=--wrong MAKEFLAGS=k CPATH=/nowhere C_INCLUDE_PATH=/nowhere NASMENV=--wrong)
cd "$root" || exit 1

# One command in both environments: name, arguments.
same() {
    local name=$1 before=$failed
    shift
    launch "$@"
    sed "s|$TMPDIR/tierlab[^/]*|TMP|g" "$place/out" >"$place/clean"
    check "$name.clean" 0 ''
    (umask 0777 && env "${hostile[@]}" "${launcher[@]}" "$@" >"$place/out" 2>"$place/err" </dev/null)
    status=$?
    sed "s|$TMPDIR/tierlab[^/]*|TMP|g" "$place/out" >"$place/hostile"
    check "$name.hostile" 0 ''
    holds "$name.same_bytes" cmp "$place/clean" "$place/hostile"
    [ "$failed" -eq "$before" ] || diff "$place/clean" "$place/hostile" | head -n 4
}

use_fake
rm -f "$place/out" "$place/err"
same compare compare
same run run policy=lru
same bench bench
same calibrate calibrate
same list list
launcher=("$root/run-qemu.sh" -o "$place/results")
same dry_run run -n policy=lru preset=ddr4-clx+optane100-x6 # 37.6 GB/s: cut at the point it is another machine
all=("${hostile[@]}")
hostile=(-u LC_ALL PATH="$place/bin:$PATH" LOCPATH="$place/locales" LC_NUMERIC=de_DE.UTF-8) # which is enough for the comma
same dry_run_numeric run -n policy=lru preset=ddr4-clx+optane100-x6
use_fake
same compare_numeric compare policy=lru
hostile=("${all[@]}")
launcher=("$root/run-qemu.sh" -o "$place/results")

# The real guest and model, built where nobody says otherwise: one RUN, one set of bytes, an index of one result.
unset TIERLAB_IMAGE TIERLAB_MODEL
rm -rf "$place/results"
same real run policy=lru fast=4M slow=16M footprint=8M hot=1M ops=50000 warmup=5000 window_us=500 score_windows=2 decide_windows=2
holds real.one_result test "$(find "$place/results" -name '*.jsonl' | wc -l)" -eq 1
exit "$failed"
