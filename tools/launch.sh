# Sourced by run-qemu.sh: boots, one or several at once, from a directory of their own to a status and an explanation.
# One loop watches all of them. Every QEMU is a child of this shell and is stopped by its process id.
# shellcheck shell=bash

BOOT_PID=()      # 0 once it has ended
BOOT_DIR=()      # console, records, keys, model-keys, shm, qemu.log
BOOT_LABEL=()    # what to call it in messages
BOOT_STATUS=()   # the script's status of a boot that has ended
BOOT_ENDED=()    # how QEMU ended
BOOT_DEADLINE=() # in us; 0: none
BOOT_FD=()       # the console, open for reading
BOOT_PARTIAL=()  # its last line, while incomplete
BOOT_PROGRESS=() # what the guest said last
BOOT_ID=         # the boot started last
BOOTS_RUNNING=0
follow_ktap=false
follow_shell=false
output_lost=false # set when a line of a test's report could not be written
readonly REFUSAL='^tierlab( model)?: ' # how guest and plugin begin the one line that says why
progress_width=0
progress_text=''

# --- one boot ----------------------------------------------------------------------------------------------------

# Which machine a boot needs depends on its policy: an argument, else the user's key.
boot_policy() { # keys
    local key policy=${KEYS[policy]-}
    for key; do [[ $key != policy=* ]] || policy=${key#*=}; done
    echo "$policy"
}

# A file with all its blocks: one that is only long would kill QEMU where the disk turns out to be full.
reserve() { # file, bytes
    fallocate -l "$2" "$1" || head -c "$2" /dev/zero >"$1" # not every file system can reserve
}

boot_start() { # label, the script's own keys for the guest
    local label=$1 id=${#BOOT_PID[@]} dir fd
    shift
    dir=$TMP/$id
    {
        mkdir "$dir" && : >"$dir/console" && : >"$dir/records" && guest_keys "$@" >"$dir/keys" && model_keys >"$dir/model-keys" &&
            { ! $model || reserve "$dir/shm" "$shm_bytes"; }
    } 2>/dev/null || temp_full
    qemu_command "$dir" "$(boot_policy "$@")"
    ! $debug || [ "${#dir}" -le 100 ] || # a socket's address holds 107 characters
        fail "$BAD_FILE" "-g: temporary directory $TMP has too long a name for a socket; TMPDIR=/tmp is short enough"
    ! $debug || echo "tierlab: waiting for gdb: gdb $(shell_words "$ROOT/build/$image.elf")-ex 'target remote $dir/gdb'" >&2

    "${QEMU_COMMAND[@]}" </dev/null >"$dir/qemu.log" 2>&1 &
    BOOT_PID[id]=$!
    exec {fd}<"$dir/console"
    BOOT_FD[id]=$fd
    BOOT_PARTIAL[id]=''
    BOOT_DIR[id]=$dir
    BOOT_LABEL[id]=$label
    BOOT_DEADLINE[id]=$((${EPOCHREALTIME/[.,]/} + time_limit * 1000000))
    ! { $debug || $at_terminal; } || BOOT_DEADLINE[id]=0 # a person takes as long as it takes
    BOOTS_RUNNING=$((BOOTS_RUNNING + 1))
    BOOT_ID=$id
}

shell_words() { # words, as one line that a shell reads back
    local word
    for word; do
        if [[ $word =~ ^[A-Za-z0-9_./:=,+@%-]+$ ]]; then printf '%s ' "$word"; else printf '%q ' "$word"; fi
    done
    echo
}

boot_print() { # label, keys: what boot_start would do
    local dir=$TMP/0
    shift
    [ ! -r "$IMAGE" ] || ! { ! $model || [ -r "$MODEL" ]; } || ids=$(compute_ids)
    echo "# keys for the guest, in $dir/keys"
    guest_keys "$@"
    if $model; then
        echo "# keys for the model, in $dir/model-keys"
        model_keys
    fi
    qemu_command "$dir" "$(boot_policy "$@")"
    shell_words "${QEMU_COMMAND[@]}"
}

# The guest ends QEMU through isa-debug-exit: a write of n gives 2n+1. Nothing else is a result, least of all 0, which
# is how a triple fault ends.
guest_status() { # QEMU's status, its log
    case $1 in
    33) echo 0 ;;
    35) echo 1 ;;
    37) echo 2 ;;
    39) echo 77 ;;
    41) echo $REFUSED ;;
    43) echo $UNFIT ;;
    1) # QEMU did not start; perhaps because the plugin refused what it was given
        case $(grep -E "$REFUSAL" "$2") in
        '') if [ ${#qemu_args[@]} -gt 0 ]; then echo $REFUSED; else echo 3; fi ;; # or of the user's arguments for it
        *' file '*) echo $BAD_FILE ;;
        *) echo $REFUSED ;;
        esac
        ;;
    *) echo 3 ;;
    esac
}

# --- watching ----------------------------------------------------------------------------------------------------

console_line() { # id, line
    local line=${2%$'\r'}
    line=${line//$'\e'/} # UEFI firmware draws on it: nothing of that may reach the user's terminal
    case $line in
    'progress '*) BOOT_PROGRESS[$1]=${line#progress } ;;
    'KTAP version'* | 1..[0-9]* | 'ok '* | 'not ok '* | '#'*)
        ! $follow_ktap || { echo "$line"; } 2>/dev/null || output_lost=true
        ;;
    esac
    ! $follow_shell || [[ $line =~ $REFUSAL ]] || { echo "$line"; } 2>/dev/null || output_lost=true
    ! $verbose || echo "${BOOT_LABEL[$1]}| $line" >&2
}

console_drain() { # id
    local part fd=${BOOT_FD[$1]}
    while IFS= read -r -u "$fd" part; do
        console_line "$1" "${BOOT_PARTIAL[$1]}$part"
        BOOT_PARTIAL[$1]=''
    done
    BOOT_PARTIAL[$1]+=$part
}

# UEFI firmware and GRUB write to every serial port that they find, the records' own included. The guest begins a line when it
# takes over, so the lines that are records are all of it.
own_records() { # file
    grep -a '^{"[a-z]*":' "$1" >"$1.own"
    mv "$1.own" "$1"
}

stop_boot() { # id
    local pid=${BOOT_PID[$1]} tries
    kill -TERM "$pid" 2>/dev/null
    for ((tries = 0; tries < 40; tries++)); do
        kill -0 "$pid" 2>/dev/null || return
        sleep 0.05
    done
    kill -KILL "$pid" 2>/dev/null
}

# Looks at every running boot once; those that have ended get their status.
boots_poll() {
    local id pid fd status
    if ! kill -0 $$ 2>/dev/null; then # the supervisor was killed outright: nobody else would clean up
        rm -rf "$TMP"
        kill -KILL 0 # this group, itself included
    fi
    for id in "${!BOOT_PID[@]}"; do
        pid=${BOOT_PID[id]}
        [ "$pid" -ne 0 ] || continue
        status=''
        if kill -0 "$pid" 2>/dev/null; then
            console_drain "$id"
            [ "${BOOT_DEADLINE[id]}" -ne 0 ] && [ "${EPOCHREALTIME/[.,]/}" -gt "${BOOT_DEADLINE[id]}" ] || continue
            stop_boot "$id"
            status=$HANG
        fi
        wait "$pid" 2>/dev/null
        BOOT_ENDED[id]=$?
        console_drain "$id"
        [ -z "${BOOT_PARTIAL[id]}" ] || console_line "$id" "${BOOT_PARTIAL[id]}"
        fd=${BOOT_FD[id]}
        exec {fd}<&-
        can_hold "$TMP" || temp_full # records may be cut, whatever the guest says
        ! $iso || own_records "${BOOT_DIR[id]}/records"
        [ -n "$status" ] || status=$(guest_status "${BOOT_ENDED[id]}" "${BOOT_DIR[id]}/qemu.log")
        BOOT_STATUS[id]=$status
        BOOT_PID[id]=0
        BOOT_PROGRESS[id]=''
        BOOTS_RUNNING=$((BOOTS_RUNNING - 1))
    done
    progress_draw
    # Bash remarks here on a QEMU that a signal ended; boot_explain says it better.
    [ "$BOOTS_RUNNING" -eq 0 ] || { sleep 0.02; } 2>/dev/null
}

boots_wait() {
    while [ "$BOOTS_RUNNING" -gt 0 ]; do boots_poll; done
    progress_clear
}

# One line on a terminal, redrawn: nothing at all when somebody reads the output through a pipe.
progress_draw() {
    local id text='' percent ms hits
    [ -t 1 ] && [ -t 2 ] && ! $verbose || return 0
    for id in "${!BOOT_PROGRESS[@]}"; do
        [ -n "${BOOT_PROGRESS[id]}" ] || continue
        read -r percent ms hits <<<"${BOOT_PROGRESS[id]}"
        text+="  ${BOOT_LABEL[id]#policy=} ${percent} % (${ms} ms, hits ${hits} %)"
    done
    [ -n "$text" ] && [ "$text" != "$progress_text" ] || return 0
    progress_text=$text
    text="${#BOOT_STATUS[@]} done$text"
    text=${text:0:$((${COLUMNS:-100} - 1))}
    printf '\r%-*s' "$progress_width" "$text" >&2
    progress_width=${#text}
}

progress_clear() {
    [ "$progress_width" -eq 0 ] || printf '\r%*s\r' "$progress_width" '' >&2
    progress_width=0
}

# --- telling what happened ---------------------------------------------------------------------------------------

console_text() { # id
    tr -d '\r\033\000' <"${BOOT_DIR[$1]}/console" | grep -av '^progress '
}

console_tail() { # id: what a lost guest said last, and QEMU's own complaint
    if [ -s "${BOOT_DIR[$1]}/console" ]; then
        echo "the console's last lines:"
        console_text "$1" | tail -n 20 | sed 's/^/    /'
    else
        echo "the console is empty"
    fi
    if [ -s "${BOOT_DIR[$1]}/qemu.log" ]; then
        echo "QEMU says:"
        tail -n 5 "${BOOT_DIR[$1]}/qemu.log" | sed 's/^/    /'
    fi
}

# Why a boot did not end well, on standard error. A refusal is one line, the guest's own.
boot_explain() { # id, [status]
    local id=$1 status=${2:-${BOOT_STATUS[$1]}} line
    line=$({
        console_text "$id"
        cat "${BOOT_DIR[id]}/qemu.log"
    } | grep -aE "$REFUSAL" | tail -n 1)
    {
        case $status in
        0) ;;
        1 | "$REFUSED" | "$UNFIT" | "$BAD_FILE" | 77)
            if [[ $line =~ ^(tierlab: )unknown\ key\ \'([^\']*)\'\;\ the\ known\ ones\ are:(.*)\ \(and ]]; then
                # The guest lists its own; the script's and the model's are known here.
                echo "${BASH_REMATCH[1]}$(unknown_key "${BASH_REMATCH[2]}" "${BASH_REMATCH[3]} preset $SCRIPT_KEYS $(model_key_names | paste -sd ' ')")"
            elif [ -n "$line" ]; then
                echo "$line"
            elif [ "$status" -eq "$REFUSED" ] && [ -s "${BOOT_DIR[id]}/qemu.log" ]; then
                echo "tierlab: QEMU refuses what follows --: $(head -n 1 "${BOOT_DIR[id]}/qemu.log" | tr -d '\r')"
            else
                echo "tierlab: ${BOOT_LABEL[id]}: status $status without a reason"
                console_tail "$id"
            fi
            ;;
        2)
            echo "tierlab: ${BOOT_LABEL[id]}: the guest panicked"
            console_text "$id" | sed -n '/PANIC/,$p' | "$ROOT/tools/symbolize" "$ROOT/build/$image.elf"
            ;;
        "$HANG")
            echo "tierlab: ${BOOT_LABEL[id]}: not done after $time_limit s (-t), stopped"
            console_tail "$id"
            ;;
        *)
            echo "tierlab: ${BOOT_LABEL[id]}: guest lost or QEMU died (QEMU's status ${BOOT_ENDED[id]})"
            console_tail "$id"
            ;;
        esac
    } >&2
}

# Counts the results of a KTAP console against its plan. Prints a line for each planned test not seen; returns 0 when
# all were seen and none failed, else sets KTAP_STATUS: 1 for a failure, 3 for tests that are missing.
ktap_account() { # console, status of the boot
    local why=ERROR
    [ "$2" -ne "$HANG" ] || why=TIMEOUT
    tr -d '\r\000' <"$1" | awk -v why=$why '
        /^1\.\.[0-9]+/                     { plan = substr($1, 4) + 0; planned = 1 }
        /^ok [0-9]+/                       { seen[$2 + 0] = 1 }
        /^not ok [0-9]+/                   { seen[$3 + 0] = 1; failed = 1 }
        END {
            for (n = 1; n <= plan; n++)
                if (!(n in seen)) { printf "not ok %d unseen.%d # %s planned, but not seen\n", n, n, why; missing = 1 }
            if (!planned) print "Bail out! no plan seen"
            exit !planned || missing ? 3 : failed ? 1 : 0
        }'
    KTAP_STATUS=$?
    return $KTAP_STATUS
}
