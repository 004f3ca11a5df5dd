# Sourced by run-qemu.sh: where records go. A result is written beside its final place and appears there complete, by
# one rename; nothing that is already there is ever overwritten.
# shellcheck shell=bash

STORED='' # the file that store_records left or found

# Before QEMU starts: a run of minutes must not end at a directory that cannot be written.
check_results() {
    local probe
    if [ ! -e "$results" ]; then
        mkdir -p "$results" 2>/dev/null ||
            fail "$BAD_FILE" "results directory $results cannot be made; -o names another"
        MADE_RESULTS=1
    fi
    results=$(readlink -f "$results")
    probe=$(mktemp -d "$results/.new.XXXXXX" 2>/dev/null) ||
        fail "$BAD_FILE" "results directory $results cannot be written; -o names another"
    rmdir "$probe"
}

# Moves a boot's records to results/RUN. Returns 1 when the same run gave other bytes before: both are kept.
store_records() { # id
    local dir=${BOOT_DIR[$1]} aside=$results/.new.${TMP##*/} run place n
    STORED=''
    if $debug; then # a stop in the workload changes its times, so these are not the bytes of this RUN
        STORED='not stored: a debugger changes the times'
        return 0
    fi
    run=$(head -n 1 "$dir/records" | jq -r '.run // empty' 2>/dev/null)
    [[ $run =~ ^[A-Za-z0-9][A-Za-z0-9_-]{3,63}$ ]] ||
        fail 3 "${BOOT_LABEL[$1]}: the first record has no sound field \"run\" ('$run')"
    place=$results/$run
    STORED=$place/records.jsonl

    mkdir "$aside" 2>/dev/null || fail "$BAD_FILE" "results directory $results cannot be written"
    { cp "$dir/records" "$aside/records.jsonl" &&
        shell_words "$0" "${command_line[@]}" >"$aside/command.txt" &&
        cat "$dir/keys" >>"$aside/command.txt" &&
        printf '%s\n' "$(date -u +%FT%TZ)" "$(uname -a)" "QEMU $qemu_version" >"$aside/host.txt"; } 2>/dev/null ||
        fail "$BAD_FILE" "results directory $results cannot be written (full?)"

    if mv -T "$aside" "$place" 2>/dev/null; then # only where nothing is, or an empty directory
        return 0
    fi
    [ -d "$place" ] || fail "$BAD_FILE" "$place is in the way of a result"
    # A hard link is a move that never replaces. Foreign files in the directory stay as they are.
    if ln "$aside/records.jsonl" "$STORED" 2>/dev/null; then
        ln "$aside/command.txt" "$aside/host.txt" "$place/" 2>/dev/null
    elif ! cmp -s "$aside/records.jsonl" "$STORED"; then
        for ((n = 2; ; n++)); do
            STORED=$place/records.$n.jsonl
            ! ln "$aside/records.jsonl" "$STORED" 2>/dev/null || break
            ! cmp -s "$aside/records.jsonl" "$STORED" || break # kept already
            [ -e "$STORED" ] || fail "$BAD_FILE" "$place cannot be written"
        done
        rm -rf "$aside"
        [ "$accel" = tcg ] || return 0 # measured times differ from run to run
        echo "tierlab: ${BOOT_LABEL[$1]}: the same run gave other bytes before; both are kept:" \
            "$place/records.jsonl, $STORED" >&2
        return 1
    fi
    rm -rf "$aside"
}
