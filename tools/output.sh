# Sourced by run-qemu.sh: what the user gets to read, and what becomes of it when a disk is full.
# shellcheck shell=bash

# Every failure of the script itself is one line and the status of its class, whatever characters the user's words hold.
fail() { # status, message
    local status=$1 message
    shift
    message=$*
    echo "tierlab: ${message//[[:cntrl:]]/?}" >&2
    exit "$status"
}

# A descriptor that is closed would be given to the next file that is opened, and that file get what was meant for the user.
check_descriptors() {
    [ -e /proc/$$/fd/0 ] || exec 0</dev/null
    [ -e /proc/$$/fd/2 ] || exec 2>/dev/null
    [ -e /proc/$$/fd/1 ] || fail "$BAD_FILE" "standard output is closed; there is nowhere to print to"
}

# The end of a pipeline: its input to standard output. A table that nobody can have got is no success.
show() {
    cat 2>/dev/null
    local status=$?
    [ $status -ne 0 ] || return 0
    # Above 128 by a signal, SIGPIPE: a reader who has seen enough needs no message.
    [ $status -gt 128 ] || echo "tierlab: standard output cannot be written (full?)" >&2
    return "$BAD_FILE"
}

can_hold() { # directory: whether it takes another 64 KiB
    local probe=$1/.probe.$$ status=0
    { head -c 65536 /dev/zero >"$probe"; } 2>/dev/null || status=1
    rm -f "$probe"
    return $status
}

# After a write into the temporary directory that failed.
temp_full() {
    fail "$BAD_FILE" "temporary directory ${TMP%/*} is full or cannot be written; TMPDIR=DIR names another"
}

# A step failed whose outcome was to be a file there: says so, unless the reason is a full disk.
failed_step() { # status, message
    can_hold "$TMP" || temp_full
    fail "$@"
}
