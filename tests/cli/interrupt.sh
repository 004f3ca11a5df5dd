#!/usr/bin/env bash
# Ctrl-C and TERM in mid-run: status 130, no QEMU, no temporary file, results as they were.
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"
use_fake
set -m # a process group for each run, which is what a terminal sends its Ctrl-C to

# Name, signal, who gets it (run or group), number of boots to wait for, then arguments.
interrupted() {
    local name=$1 signal=$2 whom=$3 boots=$4 n pid
    shift 4
    "${launcher[@]}" "$@" >"$place/out" 2>"$place/err" </dev/null &
    pid=$!
    for ((n = 0; n < 100; n++)); do
        sleep 0.1
        [ "$(grep -ls 'still here\|progress' "$TMPDIR"/*/*/console | wc -l)" -lt "$boots" ] || break
    done
    if [ "$whom" = group ]; then kill -s "$signal" -- "-$pid"; else kill -s "$signal" "$pid"; fi
    wait $pid
    status=$?
    [ "$n" -lt 100 ] || not_ok "$name" 'never started'
    check "$name" 130 ''
}

export FAKE=hang
interrupted ctrl_c INT group 1 run
interrupted term TERM run 1 run
interrupted hangup HUP run 1 run
interrupted test_ctrl_c INT group 1 test
interrupted compare_ctrl_c INT group 3 compare -j 3
interrupted compare_term TERM run 3 compare -j 3
FAKE=stubborn interrupted compare_stubborn TERM run 2 compare -j 2
holds no_results_made test ! -e "$place/results"

# The launcher itself killed outright: what it started notices.
"${launcher[@]}" run >"$place/out" 2>"$place/err" </dev/null &
sleep 1
kill -KILL $!
wait $! 2>/dev/null
sleep 1
holds launcher_killed test -z "$(leftovers)"

# In the middle of an installation, which is not the launcher's own child where sudo is in between.
path_without nasm
rm "$place/bin/apt-get"
# shellcheck disable=SC2016 # for the stand-in
printf '#!/usr/bin/env bash\ntrap "echo told >%s; exit 1" TERM\n(exec -a "apt %s" sleep 1000) &\necho started >"%s"\nwait\n' \
    "$place/apt" "$TMPDIR/" "$place/apt" >"$place/bin/apt-get"
chmod +x "$place/bin/apt-get"
for signal in TERM INT HUP; do
    rm -f "$place/apt"
    PATH=$place/bin "${launcher[@]}" run >"$place/out" 2>"$place/err" </dev/null &
    pid=$!
    for ((n = 0; n < 100; n++)); do
        sleep 0.1
        [ ! -e "$place/apt" ] || break
    done
    kill -s $signal $pid
    wait $pid
    status=$?
    check "install_$signal" 130 'installing'
    holds "install_$signal.is_asked_first" grep -qx told "$place/apt" # apt can put its files in order; two seconds later it is killed
done

# A reader that goes away.
FAKE=slow "${launcher[@]}" test -v 2>&1 </dev/null | head -n 2 >"$place/out"
sleep 1
holds reader_gone test -z "$(leftovers)"

# Earlier results stay as they are.
FAKE=pass launch run
before=$(find "$place/results" -type f -exec sha256sum {} +)
interrupted with_results INT group 1 run
holds results_untouched test "$before" = "$(find "$place/results" -type f -exec sha256sum {} +)"

exit "$failed"
