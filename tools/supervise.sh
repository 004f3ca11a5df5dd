# Sourced by run-qemu.sh: how nothing is left behind. The work is done by a second shell in a process group of its own,
# with every QEMU, compiler and jq in it; the first shell only waits and, whatever happens, ends that group and removes
# its temporary directory. Two shells, because Bash 5.2 can lose a signal, or die of it, when it arrives during a command
# substitution or `read -t`; in a plain `wait` it is safe. So between the traps and the wait no command is substituted.
# shellcheck shell=bash

TMP=''          # the temporary directory
MADE_RESULTS='' # set when this script made the results directory; an empty one is removed on the way out

# Shared memory is faster in a tmpfs; a container's may be too small.
temp_base() {
    local blocks=0 size=0
    if [ -n "${TMPDIR-}" ]; then
        readlink -m "$TMPDIR"
        return
    fi
    if [ -d /dev/shm ] && [ -w /dev/shm ]; then
        read -r blocks size < <(stat -f -c '%a %S' /dev/shm)
    fi
    if [ $((blocks * size)) -gt $((2 * jobs * shm_bytes)) ]; then echo /dev/shm; else echo /tmp; fi
}

# The second shell is the only thing that the first ever puts into the background, so its group is $!, from the very
# moment on at which it exists.
group_lives() {
    [ -n "${!-}" ] && kill -0 -- "-$!" 2>/dev/null
}

cleanup() {
    local tries
    trap '' INT TERM HUP QUIT
    terminal_end
    ! group_lives || kill -TERM -- "-$!"
    for ((tries = 0; tries < 40; tries++)); do
        group_lives || break
        sleep 0.05
    done
    ! group_lives || kill -KILL -- "-$!"
    rm -rf "$TMP" "$results/.new.${TMP##*/}"
    [ -z "$MADE_RESULTS" ] || rmdir --ignore-fail-on-non-empty "$results"
}

# Before the second shell is started, as a background job.
supervise_begin() {
    local base
    base=$(temp_base)
    trap cleanup EXIT
    trap 'exit $INTERRUPTED' INT TERM HUP
    TMP=$base/tierlab.$$.$RANDOM
    mkdir -m 700 "$TMP" 2>/dev/null || temp_full
    set -m # which is what gives a background job a group
}

# And after: waits for it and ends with its status.
supervise() {
    set +m
    wait "$!" 2>/dev/null
    exit $?
}
