# Sourced first by run-qemu.sh, by the tools that stand alone and by the tests (POSIX shell): nothing that a user's
# environment holds may change a number, a table or a message. What it says about places (PATH, HOME, TMPDIR) stays.
# shellcheck shell=sh

# Whether a terminal shows block characters; only what draws in it asks.
# shellcheck disable=SC2034 # read by tools/terminal.sh
USER_LOCALE=${LC_ALL:-${LC_CTYPE:-${LANG-}}}
# One locale: a decimal comma would cut 1.5 to 1 where awk reads it, and ranges and orders differ. One time zone.
export LC_ALL=C TZ=UTC0
# What changes how tools read their arguments, where cd goes, and what a shell does before its script.
unset -v LANGUAGE POSIXLY_CORRECT GREP_OPTIONS GREP_COLOR GREP_COLORS CDPATH BASH_ENV ENV GLOBIGNORE
# bash has turned POSIXLY_CORRECT into a mode of its own by now.
[ -z "${BASH_VERSION-}" ] || set +o posix
# A umask may keep others out, but not the user: results could not be read back.
umask u+rwx

# ~/.jq, where it exists, would be a part of every program.
jq() {
    HOME=/nonexistent command jq "$@"
}
