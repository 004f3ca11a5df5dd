# Sourced by run-qemu.sh and .ci/run: what must be installed, and installing it on Debian and Ubuntu.
# Uses: fail, NO_TOOL, install, iso, uefi (true or false each), FIRMWARE.
# shellcheck shell=bash

# A command and the Debian package that has it.
readonly TOOLS='gcc=gcc ld=binutils nasm=nasm make=make jq=jq qemu-system-x86_64=qemu-system-x86'
readonly READ_TOOLS='jq=jq' # all that a command needs which shows a stored run
readonly ISO_TOOLS='grub-mkrescue=grub-common xorriso=xorriso mformat=mtools'
readonly REPLAY_TOOLS='node=nodejs npm=npm'                  # only the command replay needs node and npm
readonly BROWSER_TOOLS='chromium=chromium chromedriver=chromium-driver' # only the test and the picture of its page do
readonly FIGURE_TOOLS='gnuplot=gnuplot-nox' # only the command experiment needs it
readonly TEST_TOOLS='shellcheck=shellcheck expect=expect gdb=gdb mawk=mawk localedef=libc-bin' # only the project's own tests need these

missing_packages() { # "command=package ..."
    local pair packages=()
    for pair in $1; do
        command -v "${pair%%=*}" >/dev/null || packages+=("${pair#*=}")
    done
    # gcc alone brings no headers of the C library, which the plugin needs.
    [[ $1 != *gcc=* ]] || echo '#include <stdio.h>' | gcc -E -x c - >/dev/null 2>&1 || packages+=(libc6-dev)
    # localedef is useless without the descriptions of locales.
    [[ $1 != *localedef* ]] || [ -e /usr/share/i18n/locales/de_DE ] || packages+=(locales)
    # grub-mkrescue is useless without GRUB's modules for the BIOS.
    [[ $1 != *grub-mkrescue* ]] || [ -d /usr/lib/grub/i386-pc ] || packages+=(grub-pc-bin)
    if ${uefi-false}; then
        [ -d /usr/lib/grub/x86_64-efi ] || packages+=(grub-efi-amd64-bin)
        [ -r "$FIRMWARE" ] || packages+=(ovmf)
    fi
    echo "${packages[*]}"
}

install_packages() { # "package ..."
    local line="apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $1"
    local as_root=() shown=$line

    if [ "$(id -u)" -ne 0 ]; then
        as_root=(sudo)
        shown="sudo sh -c '$line'"
    fi
    if ! command -v apt-get >/dev/null; then
        fail "$NO_TOOL" "missing, and there is no apt-get to install them (Debian's names): $1"
    elif ! $install; then
        fail "$NO_TOOL" "missing packages: $1; to install them: $shown"
    elif [ "${#as_root[@]}" -gt 0 ] && ! command -v sudo >/dev/null; then
        fail "$NO_TOOL" "missing packages: $1; there is no sudo here, so run as root: $line"
    fi
    echo "tierlab: installing: $shown" >&2
    run_guarded "$line" "${as_root[@]}" || fail "$NO_TOOL" "apt-get failed; missing packages: $1"
}

# What the root shell does: runs the line in a session of its own, and ends all of it when its own standard input ends.
# shellcheck disable=SC2016 # for that shell
readonly GUARD='exec 3<&0
    setsid sh -c "$1" </dev/null &
    child=$!
    {
        read -r line <&3
        kill -TERM "-$child"
        for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            kill -0 "-$child" || exit
            sleep 0.1
        done
        kill -KILL "-$child"
    } 2>/dev/null &
    watch=$!
    { wait $child; } 2>/dev/null
    status=$?
    kill $watch 2>/dev/null
    exit $status'

# Runs a line as another user may have to. A user cannot stop what sudo has started; so it is held by a pipe, which closes when this script
# ends, however it ends. Standard output stays the table's.
run_guarded() { # line, how to become root (words, or nothing)
    local hold status
    exec {hold}> >("${@:2}" sh -c "$GUARD" guard "$1" >&2)
    trap 'exec {hold}>&-; wait "$!"; exit 130' INT TERM HUP
    wait "$!"
    status=$?
    trap - INT TERM HUP
    exec {hold}>&-
    return $status
}

need_tools() { # of the command
    local wanted=$TOOLS packages
    [ "${command-}" != heat ] || wanted=$READ_TOOLS
    if [ "${command-}" = replay ]; then
        if replay_boots; then wanted+=" $REPLAY_TOOLS"; else wanted="$READ_TOOLS make=make $REPLAY_TOOLS"; fi
    fi
    ! $iso || wanted+=" $ISO_TOOLS"
    [ "${command-}" != experiment ] || wanted+=" $FIGURE_TOOLS"
    # A QEMU of the user's own makes the distribution's unnecessary.
    [ "$qemu" = qemu-system-x86_64 ] || wanted=${wanted/qemu-system-x86_64=qemu-system-x86/}
    packages=$(missing_packages "$wanted")
    [ -z "$packages" ] || install_packages "$packages"
}

# What QEMU never needs to do here: old system calls, other users' rights, starting programs, changing priorities.
readonly SANDBOX=on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny

# QEMU reads its options in order, so one without seccomp refuses before it tells its version.
has_sandbox() {
    "$qemu" -sandbox "$SANDBOX" --version >/dev/null 2>&1 </dev/null
}

# Prints QEMU's version line; ends with a reason when it is missing or too old for the plugin's interface.
find_qemu_version() {
    local first
    command -v "$qemu" >/dev/null ||
        fail "$NO_TOOL" "QEMU '$qemu' is missing or cannot be executed; 7.2 or later is needed"
    first=$("$qemu" --version 2>/dev/null </dev/null | head -n 1)
    [[ $first =~ version\ ([0-9]+)\.([0-9]+) ]] ||
        fail "$NO_TOOL" "'$qemu --version' answers '$first', not a version; QEMU 7.2 or later is needed"
    if [ $((BASH_REMATCH[1] * 100 + BASH_REMATCH[2])) -lt 702 ]; then
        fail "$NO_TOOL" "QEMU ${BASH_REMATCH[1]}.${BASH_REMATCH[2]} ('$qemu') is too old; 7.2 or later is needed"
    fi
    echo "${first#*version }"
}
