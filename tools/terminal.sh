# Sourced by run-qemu.sh: what shows stored runs and boots nothing. The commands heat, why and replay, and finding a run by its name.
# shellcheck shell=bash

find_run() { # directory, or its name below results, or the beginning of one: sets RUN_RECORDS
    local place found=()
    for place in "$1" "$results/$1"; do
        if [ -f "$place/records.jsonl" ]; then
            RUN_RECORDS=$place/records.jsonl
            [ -r "$RUN_RECORDS" ] || fail "$BAD_FILE" "$RUN_RECORDS cannot be read"
            return
        fi
    done
    for place in "$results/$1"*/records.jsonl; do [ ! -f "$place" ] || found+=("$place"); done
    case ${#found[@]} in
    1) RUN_RECORDS=${found[0]} ;;
    0) fail "$BAD_FILE" "no records of a run '$1': neither a directory with records.jsonl nor a name below $results" ;;
    *) fail "$REFUSED" "'$1' is the beginning of ${#found[@]} runs below $results; more of the name is needed" ;;
    esac
}

# Characters a line: COLUMNS, else the terminal's, else 80.
terminal_width() {
    local width=${COLUMNS-}
    [[ $width =~ ^[0-9]{1,4}$ ]] || width=$(stty size 2>/dev/null <&1 | cut -d ' ' -f 2)
    [[ $width =~ ^[0-9]{1,4}$ ]] && [ "$width" -gt 0 ] || width=80
    [ "$width" -ge 40 ] || width=40 # with less there is no map beside its labels
    echo "$width"
}

do_heat() { # run
    local blocks=false
    [ $# -eq 1 ] || fail "$REFUSED" "heat: which run? One directory of results, or its name below $results"
    find_run "$1"
    grep -q '"event":"heat"' "$RUN_RECORDS" || fail "$BAD_FILE" "$RUN_RECORDS has no heat: make the run with heat=1"
    [[ ${USER_LOCALE,,} != *utf*8* ]] || blocks=true
    jq -nr -L "$ROOT/tools/figures" --argjson width "$(terminal_width)" --argjson blocks $blocks \
        -f "$ROOT/tools/figures/terminal.jq" "$RUN_RECORDS" | show
    case ${PIPESTATUS[*]} in
    '0 0') ;;
    *' 0') fail "$BAD_FILE" "$RUN_RECORDS is not what a run writes" ;;
    *) exit "$BAD_FILE" ;;
    esac
}

# The sentences of reasons are the image's, which says them in its list: {"lru 0": sentence, ...} in $TMP/reasons.
list_reasons() {
    boot_once list do=list policy=
    jq -r 'select(.kind == "list" and .what == "reason") | {(.name): .help}' "${BOOT_DIR[BOOT_ID]}/records" | jq -s add >"$TMP/reasons"
}

has_orders() { # records
    head -n 1 "$1" | grep -q '"events":1[,}]'
}

# Why a page was moved, or was not.
do_why() {
    local seen=null pages
    [ ${#shown_runs[@]} -eq 2 ] || fail "$REFUSED" "why: of which run, which page? why RUN PAGE"
    [[ ${shown_runs[1]} =~ ^(0|[1-9][0-9]{0,8})$ ]] || fail "$REFUSED" "why: page '${shown_runs[1]}': its number in the footprint is right, from 0"
    find_run "${shown_runs[0]}"
    has_orders "$RUN_RECORDS" ||
        fail "$BAD_FILE" "$RUN_RECORDS has no orders: make the run with events=1"
    pages=$(head -n 1 "$RUN_RECORDS" | jq '.footprint_bytes / 4096')
    [ "${shown_runs[1]}" -lt "$pages" ] || fail "$REFUSED" "why: page ${shown_runs[1]}: the footprint of this run has pages 0 to $((pages - 1))"
    if grep -q '"event":"replay"' "$RUN_RECORDS"; then
        seen=$(jq -r 'if .event == "replay" then (if .end_ns > .start_ns then "window" else "instant" end) elif .event == "replay_pages" then "pages " + .pages else empty end' "$RUN_RECORDS" |
            awk -v page="${shown_runs[1]}" -f "$ROOT/tools/why.awk")
    fi
    list_reasons
    jq -rs --argjson page "${shown_runs[1]}" --argjson seen "$seen" --slurpfile reasons "$TMP/reasons" \
        '$reasons[0] as $reasons | '"$(cat "$ROOT/tools/why.jq")" "$RUN_RECORDS" | show
}

# Whether one of the runs to be replayed has orders: their reasons are asked of the image, which must be built and booted.
replay_boots() {
    local run
    for run in ${shown_runs[@]+"${shown_runs[@]}"}; do
        find_run "$run"
        ! has_orders "$RUN_RECORDS" || return 0
    done
    return 1
}

# Beside the first run's records, written aside and renamed.
do_replay() { # run [run]
    local run out='' records=() reasons=''
    [ $# -ge 1 ] && [ $# -le 2 ] || fail "$REFUSED" "replay: which run, or which two? Directories of results, or their names below $results"
    for run; do
        find_run "$run"
        grep -q '"event":"replay"' "$RUN_RECORDS" || fail "$BAD_FILE" "$RUN_RECORDS has no replay: make the run with replay=1"
        records+=("$RUN_RECORDS")
    done
    flock -F "$ROOT" make -s -C "$ROOT" build/replay/modules >/dev/null ||
        fail 1 "what the replay page needs from npm could not be installed (make build/replay/modules)"
    ! replay_boots || { list_reasons && reasons=$TMP/reasons; }
    out=$(dirname "${records[0]}")/replay.html
    [ $# -eq 1 ] || out=${out%.html}-$(basename "$(dirname "$(readlink -f "${records[1]}")")").html
    node "$ROOT/tools/replay/build.mjs" "$ROOT/build/replay/modules" "$out.new" "$reasons" "${records[@]}" && mv -T "$out.new" "$out" ||
        fail "$BAD_FILE" "$out could not be written"
    echo "replay: $out" | show || exit "$BAD_FILE"
}
