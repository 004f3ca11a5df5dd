# Sourced by run-qemu.sh: the command shell. A script goes to the guest as a file, before it starts, so that nothing of the run depends
# on when it is read. At a terminal two pipes lie between it and QEMU: the guest edits lines itself and wants every byte as it is typed.
#
#     terminal --> cat, of the first shell (tools/supervise.sh), which alone may read it --> TMP/terminal.in  --> QEMU
#     terminal <-- tee, of the second, which also keeps the console for boot_explain     <-- TMP/terminal.out <-- QEMU
# shellcheck shell=bash

terminal_state='' # what stty said before; empty: nothing was changed
terminal_reader='' # the process that reads the keys

# Options, and where commands come from: before anything is started.
shell_options() {
    ! $debug || fail "$REFUSED" "-g: a debugger and a shell would both stop the run; take one of them"
    [[ ${KEYS[vms]-0} == [01] ]] || fail "$REFUSED" "key vms: the shell follows one space, and several machines have one each; vms=1 goes with it"
    [ -n "${KEYS[events]-}" ] || take_key events=1 # without which nobody knows why a page was moved
    if [ -n "$script" ]; then
        [ -f "$script" ] && [ -r "$script" ] || fail "$BAD_FILE" "shell: script $script is no file that can be read"
    elif [ -t 0 ]; then
        at_terminal=true
    else
        script=-
    fi
}

# In the first shell, after supervise_begin: the worker has no standard input. What is typed goes to the guest; until that runs, Ctrl-C
# ends the script as ever.
terminal_begin() {
    [ "$command" = shell ] || return 0
    exec {shell_input}<&0
    $at_terminal || return 0
    terminal_state=$(stty -g)
    trap 'exit $INTERRUPTED' QUIT
    mkfifo -m 600 "$TMP/terminal.in" "$TMP/terminal.out" || temp_full
    set +m # in this group: another one would be in the background, where nobody may read the terminal
    cat <&0 >"$TMP/terminal.in" 2>/dev/null &
    terminal_reader=$!
    set -m
}

terminal_end() {
    [ -z "$terminal_reader" ] || kill "$terminal_reader" 2>/dev/null
    [ -z "$terminal_state" ] || stty "$terminal_state" 2>/dev/null
}

# In the second shell: every byte to the guest but Ctrl-\, which ends the script should the guest hang.
terminal_raw() {
    trap '' TTOU # it is not in the terminal's foreground
    stty -icanon -echo -ixon -iexten -icrnl intr undef susp undef min 1 time 0 <&"$shell_input"
}

# What a run leaves that was seen through to its end and changed by nobody.
shell_records() { # its records
    if ! grep -q '"kind":"summary"' "$1"; then
        echo 'the run was left before its end: it has no records'
        return
    fi
    run_table "$1"
    if grep -q '"event":"changed"' "$1"; then
        echo 'the run was changed: its records are not stored'
        return
    fi
    store_records "$BOOT_ID" || return
    echo "records: $STORED"
}

do_shell() {
    local status dir viewer=''
    if [ "$script" = - ]; then
        cat <&"$shell_input" 2>/dev/null >"$TMP/script" || temp_full
    elif ! $at_terminal; then
        cat "$script" 2>/dev/null >"$TMP/script" || temp_full
    fi
    $at_terminal && terminal_raw || follow_shell=true
    boot_start shell do=run
    dir=${BOOT_DIR[BOOT_ID]}
    if $at_terminal; then
        tee -a "$dir/console" <"$TMP/terminal.out" &
        viewer=$!
    fi
    boots_wait
    [ -z "$viewer" ] || wait "$viewer"
    status=${BOOT_STATUS[BOOT_ID]}
    ! $output_lost || fail $BAD_FILE "standard output cannot be written (full?)"
    # A script with a command that is none was told so, line by line, and ends with that status; other refusals have a line of their own.
    if [ "$status" -ne 0 ] && { [ "$status" -ne $REFUSED ] || grep -Eqa "$REFUSAL" "$dir/console" "$dir/qemu.log"; }; then
        $at_terminal && [ "$status" -ne 2 ] && [ -s "$dir/console" ] || boot_explain "$BOOT_ID"
        exit "$status"
    fi
    shell_records "$dir/records" >"$TMP/table" || status=1
    show <"$TMP/table" || status=$?
    exit "$status"
}
