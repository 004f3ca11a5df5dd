# Sourced by run-qemu.sh: experiments. experiments/NAME.conf describes a matrix of runs as data (docs/experiments.md has
# the grammar); here it is read, run, resumed where it was stopped, and turned into records, a table and a figure.
# shellcheck shell=bash

EXP_DIR=${TIERLAB_EXPERIMENTS:-$ROOT/experiments}
exp_reduced=false
declare -A EXP=() EXP_LINE=()     # settings, and the line each stands in
EXP_AXES=() EXP_SETS=() EXP_CASES=() EXP_PANELS=()
declare -A EXP_VALUES=()          # axis: its values
declare -A EXP_KEYS=()            # "set NAME" or "case NAME": its key=value words
declare -A EXP_OVER=()            # what wins over all: the user's keys, and the reduced form's
RUN_ROW=() RUN_KEYS=() RUN_PLACE=() # the matrix: set, case, axes, seed (tab-separated); keys; RUN once known

exp_bad() { # line, what
    fail "$REFUSED" "${EXP_FILE#"$ROOT/"}:$1: $2"
}

exp_list() {
    local file
    for file in "$EXP_DIR"/*.conf; do
        [ -r "$file" ] || continue
        printf '%-20s %s\n' "$(basename "$file" .conf)" "$(sed -n 's/^title *= *//p' "$file" | head -n 1)"
    done
}

exp_find() { # NAME: sets EXP_FILE
    EXP_FILE=$EXP_DIR/$1.conf
    [[ $1 =~ ^[A-Za-z0-9][A-Za-z0-9_.-]*$ ]] && [ -e "$EXP_FILE" ] ||
        fail "$REFUSED" "experiment '$1' is unknown; known: $(exp_list | cut -d ' ' -f 1 | paste -sd ' ')"
    [ -r "$EXP_FILE" ] || fail "$BAD_FILE" "experiment file $EXP_FILE cannot be read"
}

# --- reading -----------------------------------------------------------------------------------------------------

exp_key() { # line, key: one that somebody owns
    [[ $2 =~ ^[a-z][a-z0-9_]*$ ]] || exp_bad "$1" "'$2' is not a key"
    [ "$2" != seed ] || exp_bad "$1" "key seed: 'seeds = 1 2 3' gives the seeds"
    [ "$2" != machine ] || exp_bad "$1" "key machine: one experiment, one machine"
    [[ " $EXP_KNOWN " == *" $2 "* ]] || exp_bad "$1" "key '$2' is unknown; './run-qemu.sh list' shows all"
}

exp_words() { # line, key=value words: every one well-formed, none twice
    local word seen=' '
    for word in $2; do
        [[ $word == ?*=?* ]] || exp_bad "$1" "'$word' is not key=value"
        [[ $seen != *" ${word%%=*} "* ]] || exp_bad "$1" "key ${word%%=*} is given twice"
        seen+="${word%%=*} "
    done
}

# A part that this image does not have leaves its row out; all else that is unknown is refused.
exp_lacks() { # key=value words
    local word
    for word in $1; do
        [[ $word == @(tracker|classifier|migrator|policy|workload)=* ]] || continue
        [ "${word#*=}" = none ] || [[ " $EXP_PARTS " == *" $word "* ]] || { echo "$word" && return; }
    done
}

exp_row() { # line, set or case, NAME, words
    local word lacks
    [[ $3 =~ ^[A-Za-z0-9][A-Za-z0-9_.-]*$ ]] || exp_bad "$1" "$2 '$3': letters, digits and _ . - are allowed"
    [ -z "${EXP_KEYS[$2 $3]+given}" ] || exp_bad "$1" "$2 $3 is there already"
    exp_words "$1" "$4"
    lacks=$(exp_lacks "$4")
    if [ -n "$lacks" ]; then
        echo "tierlab: ${EXP_FILE##*/}:$1: this image has no $lacks: $2 $3 is left out" >&2
        return
    fi
    for word in $4; do exp_key "$1" "${word%%=*}"; done
    EXP_KEYS[$2 $3]=$4
    if [ "$2" = set ]; then EXP_SETS+=("$3"); else EXP_CASES+=("$3"); fi
}

exp_setting() { # line, name, value
    local word
    if [ "$2" = y ]; then
        exp_words "$1" "${3#"${3%% *}"}"
        EXP_PANELS+=("$1 $3")
        return
    fi
    [ -z "${EXP[$2]+given}${EXP_VALUES[$2]+given}" ] || exp_bad "$1" "'$2' is given twice"
    case $2 in
    title | x | xlabel | ylabel | base | paper | columns | points) ;;
    figure) [[ $3 == @(line|bar|scatter|ranked|heat|verdict) ]] || exp_bad "$1" "figure '$3': line, bar, scatter, ranked, heat or verdict" ;;
    log) [[ $3 == @(x|y|xy) ]] || exp_bad "$1" "log '$3': x, y or xy" ;;
    seeds)
        for word in $3; do [[ $word =~ ^[0-9]{1,20}$ ]] || exp_bad "$1" "seed '$word' is not a whole number"; done
        ;;
    *)
        exp_key "$1" "$2"
        EXP_AXES+=("$2")
        EXP_VALUES[$2]=$3
        return
        ;;
    esac
    EXP[$2]=$3
    EXP_LINE[$2]=$1
}

exp_read() {
    local line text number=0 name word reduced=''
    while IFS= read -r line || [ -n "$line" ]; do
        number=$((number + 1))
        text=${line%%#*}
        read -r text <<<"$text"
        [ -n "$text" ] || continue
        if [[ $text =~ ^(set|case)\ +([^ :]+)\ *:\ *(.*)$ ]]; then
            exp_row $number "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "${BASH_REMATCH[3]}"
        elif [[ $text =~ ^reduced\ *:\ *(.+)$ ]]; then
            [ -z "$reduced" ] || exp_bad $number "'reduced' is given twice"
            reduced="$number ${BASH_REMATCH[1]}"
            exp_words $number "${BASH_REMATCH[1]}"
            for word in ${BASH_REMATCH[1]}; do
                [[ $word == @(seeds|sets|cases)=* ]] || exp_key $number "${word%%=*}"
            done
        elif [[ $text =~ ^([a-z][a-z0-9_]*)\ *=\ *(.+)$ ]]; then
            exp_setting $number "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
        else
            exp_bad $number "'$text' is none of: NAME = VALUE ..., set NAME: key=value ..., case NAME: ..., reduced: ..."
        fi
    done <"$EXP_FILE"
    for name in title figure columns; do
        [ -n "${EXP[$name]-}" ] || exp_bad $number "'$name = ...' is missing"
    done
    if [[ ${EXP[figure]} == @(heat|verdict) ]]; then
        [ -z "${EXP[x]-}${EXP[log]-}${EXP_PANELS[*]-}" ] ||
            exp_bad "${EXP_LINE[figure]}" "figure '${EXP[figure]}' has axes of its own: no x, y or log"
    else
        [ -n "${EXP[x]-}" ] || exp_bad $number "'x = ...' is missing"
        [ ${#EXP_PANELS[@]} -gt 0 ] || exp_bad $number "'y = ...' is missing"
    fi
    [ ${#EXP_SETS[@]} -gt 0 ] || exp_bad $number "no 'set NAME: ...' that this image has the parts for"
    [ ${#EXP_CASES[@]} -gt 0 ] || { EXP_CASES=(-) && EXP_KEYS["case -"]=''; }
    if [ -n "${EXP[base]-}" ] && [ -z "${EXP_KEYS[set ${EXP[base]}]+given}" ]; then
        exp_bad "${EXP_LINE[base]}" "base '${EXP[base]}' is no set"
    fi
    if [ -n "${EXP[paper]-}" ] && ! [ -r "$EXP_DIR/${EXP[paper]}" ]; then
        exp_bad "${EXP_LINE[paper]}" "paper: $EXP_DIR/${EXP[paper]} cannot be read"
    fi
    ! $exp_reduced || exp_reduce "$reduced"
}

exp_reduce() { # line, key=value words
    local number words word
    [ -n "$1" ] || fail "$REFUSED" "${EXP_FILE#"$ROOT/"}: there is no reduced form ('reduced: key=value ...')"
    read -r number words <<<"$1"
    for word in $words; do
        case $word in
        seeds=*) EXP[seeds]=${word#*=} && EXP[seeds]=${EXP[seeds]//,/ } ;;
        sets=*) exp_keep EXP_SETS "${word#*=}" ;;
        cases=*) exp_keep EXP_CASES "${word#*=}" ;;
        *) [ -n "${EXP_OVER[${word%%=*}]-}" ] || EXP_OVER[${word%%=*}]=${word#*=} ;;
        esac
    done
    [ ${#EXP_SETS[@]} -gt 0 ] && [ ${#EXP_CASES[@]} -gt 0 ] || exp_bad "$number" "nothing is left of the matrix"
}

exp_keep() { # array, names joined by commas
    local -n kept=$1
    local name old=("${kept[@]}")
    kept=()
    for name in "${old[@]}"; do [[ ",$2," != *",$name,"* ]] || kept+=("$name"); done
}

# --- the matrix --------------------------------------------------------------------------------------------------

# A run's keys: axes, then case, then set, then what wins over all. Prints sorted key=value words.
exp_run_keys() { # set, case, axis words, seed
    local word
    local -A keys=([seed]=$4)
    for word in $3 ${EXP_KEYS[case $2]} ${EXP_KEYS[set $1]}; do keys[${word%%=*}]=${word#*=}; done
    for word in "${!EXP_OVER[@]}"; do keys[$word]=${EXP_OVER[$word]}; done
    for word in "${!keys[@]}"; do echo "$word=${keys[$word]}"; done | sort | paste -sd ' '
}

exp_matrix() {
    local set case axis value seed combos=('') next combo
    for axis in ${EXP_AXES[@]+"${EXP_AXES[@]}"}; do
        next=()
        for combo in "${combos[@]}"; do
            for value in ${EXP_OVER[$axis]-${EXP_VALUES[$axis]}}; do next+=("$combo${combo:+ }$axis=$value"); done
        done
        combos=("${next[@]}")
    done
    for set in "${EXP_SETS[@]}"; do
        for case in "${EXP_CASES[@]}"; do
            for combo in "${combos[@]}"; do
                for seed in ${EXP_OVER[seed]-${EXP[seeds]-1}}; do
                    RUN_ROW+=("$set"$'\t'"$case"$'\t'"$combo"$'\t'"$seed")
                    RUN_KEYS+=("$(exp_run_keys "$set" "$case" "$combo" "$seed")")
                done
            done
        done
    done
}

# --- running -----------------------------------------------------------------------------------------------------

# What the image knows: its keys and those of script and model, and its parts as key=value.
exp_learn() {
    boot_once list do=list policy=
    EXP_KNOWN="fast slow preset input $(model_key_names | paste -sd ' ') $(jq -r 'select(.kind == "list" and .what == "key") |
        .name' "${BOOT_DIR[BOOT_ID]}/records" | paste -sd ' ')"
    EXP_PARTS=$(jq -r 'select(.kind == "list" and .what != "key") | "\(.what)=\(.name)"' \
        "${BOOT_DIR[BOOT_ID]}/records" | paste -sd ' ')
}

# Results of another image are left alone.
exp_open() { # NAME
    local word
    EXP_OUT=$results/experiments/$1
    ! $exp_reduced || EXP_OUT+=-reduced
    EXP_INDEX=$results/experiments/index
    mkdir -p "$EXP_OUT" 2>/dev/null || fail "$BAD_FILE" "results directory $EXP_OUT cannot be made; -o names another"
    {
        echo "$ids"
        for word in "${!EXP_GIVEN[@]}"; do echo "$word=${EXP_GIVEN[$word]}"; done | sort
    } >"$TMP/identity"
    if [ -e "$EXP_OUT/identity" ]; then
        cmp -s "$TMP/identity" "$EXP_OUT/identity" || fail "$BAD_FILE" \
            "$EXP_OUT holds results of another image, model or keys; -o names another place, or remove it"
    elif [ -n "$(ls -A "$EXP_OUT")" ]; then
        fail "$BAD_FILE" "$EXP_OUT holds files that are no experiment's; -o names another place"
    else
        exp_install "$TMP/identity" "$EXP_OUT/identity"
    fi
    touch "$EXP_INDEX" 2>/dev/null || fail "$BAD_FILE" "$EXP_INDEX cannot be written"
}

exp_install() { # file, where: written beside it and renamed
    local aside=$results/.new.${TMP##*/}
    cp "$1" "$aside" && mv -T "$aside" "$2" || fail "$BAD_FILE" "$2 cannot be written"
}

# They become the launcher's keys. A file is named relative to the project, so that it does not matter where one calls.
exp_take() { # key=value words
    local word
    KEYS=()
    KEY_ORDER=()
    for word in $1; do take_key "$word"; done
    [[ ${KEYS[input]-/} == /* ]] || KEYS[input]=$ROOT/${KEYS[input]}
    check_keys
}

exp_stored() { # hash: its RUN, if it is still there
    local run
    run=$(awk -v hash="$1" '$1 == hash { run = $2 } END { print run }' "$EXP_INDEX")
    [ -n "$run" ] && [ -s "$results/$run/records.jsonl" ] && echo "$run"
}

exp_finish() { # id, hash
    local id=$1 status=${BOOT_STATUS[$1]}
    if [ "$status" -ne 0 ]; then
        progress_clear
        boot_explain "$id"
        fail "$status" "experiment: a run of it failed: ${BOOT_LABEL[id]}"
    fi
    grep -q '"kind":"summary"' "${BOOT_DIR[id]}/records" || fail 1 "${BOOT_LABEL[id]}: no summary: it did not verify"
    store_records "$id" || exit 1
    EXP_RUN=$(basename "$(dirname "$STORED")")
    echo "$2 $EXP_RUN" >>"$EXP_INDEX"
    rm -rf "${BOOT_DIR[id]}" # hundreds of them would fill a tmpfs
}

exp_run() {
    local n=0 id hash run available at_once
    local -A place=() hash_of=() finished=()
    available=$(host_available)
    at_once=$((available / (total_bytes + shm_bytes)))
    [ "$at_once" -le "$jobs" ] || at_once=$jobs
    [ "$at_once" -ge 1 ] || at_once=1
    EXP_HASH=()
    EXP_NEW=0
    while [ $n -lt ${#RUN_KEYS[@]} ] || [ "$BOOTS_RUNNING" -gt 0 ]; do
        while [ $n -lt ${#RUN_KEYS[@]} ] && [ "$BOOTS_RUNNING" -lt "$at_once" ]; do
            exp_take "${RUN_KEYS[n]}"
            hash=$({ guest_keys do=run && model_keys; } | sha256sum | cut -c 1-16)
            EXP_HASH[n]=$hash
            n=$((n + 1))
            [ -z "${place[$hash]+known}" ] || continue
            if run=$(exp_stored "$hash"); then
                place[$hash]=$run
                continue
            fi
            place[$hash]=''
            EXP_NEW=$((EXP_NEW + 1))
            boot_start "$n/${#RUN_KEYS[@]} ${RUN_KEYS[n - 1]}" do=run
            hash_of[$BOOT_ID]=$hash
        done
        boots_poll
        for id in "${!hash_of[@]}"; do
            [ -n "${BOOT_STATUS[id]-}" ] && [ -z "${finished[$id]-}" ] || continue
            finished[$id]=1
            exp_finish "$id" "${hash_of[$id]}"
            place[${hash_of[$id]}]=$EXP_RUN
            unset "hash_of[$id]"
        done
    done
    progress_clear
    for n in "${!RUN_KEYS[@]}"; do RUN_PLACE[n]=${place[${EXP_HASH[n]}]}; done
}

# --- results -----------------------------------------------------------------------------------------------------

exp_collect() { # NAME: records.jsonl, one line a cell of the matrix and seed, in the matrix's order
    local n run
    for n in "${!RUN_ROW[@]}"; do printf '%s\t%s\n' "${RUN_ROW[n]}" "${RUN_PLACE[n]}"; done >"$TMP/matrix"
    cut -f 5 "$TMP/matrix" | sort -u | while read -r run; do exact_numbers "$results/$run/records.jsonl"; done |
        jq -nc -L "$ROOT/tools/figures" -f "$ROOT/tools/figures/gather.jq" >"$TMP/gathered" &&
        jq -nc --arg experiment "$1" --arg base "${EXP[base]-}" --rawfile matrix "$TMP/matrix" \
            --slurpfile runs "$TMP/gathered" -f "$ROOT/tools/figures/measures.jq" |
        sed -E 's/"seed":"([0-9]+)"/"seed":\1/' >"$TMP/records.jsonl" || # a number again, whole
        fail 1 "experiment $1: its records cannot be put together"
}

exp_fields() { # refuses a column or coordinate that no run has
    local field line
    jq -r 'keys[], (.keys | keys[])' "$TMP/records.jsonl" | sort -u >"$TMP/fields"
    while read -r line field; do
        [[ $field == @(set|case|-) ]] || grep -qxF -e "$field" "$TMP/fields" || exp_bad "$line" "no run has a field '$field'"
    done < <(
        for field in ${EXP[columns]}; do echo "${EXP_LINE[columns]} $field"; done
        [ -z "${EXP[x]-}" ] || echo "${EXP_LINE[x]} ${EXP[x]}"
        for line in ${EXP_PANELS[@]+"${EXP_PANELS[@]}"}; do cut -d ' ' -f 1,2 <<<"$line"; done
    )
    [[ ${EXP[figure]} != @(heat|verdict) ]] || grep -qxF heat_pages "$TMP/fields" ||
        exp_bad "${EXP_LINE[figure]}" "figure '${EXP[figure]}' draws runs with heat=1, and there is none"
}

exp_table() { # NAME
    echo "$1: ${EXP[title]}"
    echo "mean over the seeds (${EXP_OVER[seed]-${EXP[seeds]-1}}), +- half of their range where it shows; clock modelled, QEMU ${qemu_version%% *}"
    echo
    jq -rs --arg columns "${EXP[columns]}" -f "$ROOT/tools/figures/table.jq" "$TMP/records.jsonl" | align
}

do_experiment() {
    local name=$pattern word
    declare -gA EXP_GIVEN=()
    for word in "${KEY_ORDER[@]}"; do
        EXP_GIVEN[$word]=${KEYS[$word]}
        [ "$word" != input ] || EXP_GIVEN[input]=$input # the user's file, by its whole name
        EXP_OVER[$word]=${EXP_GIVEN[$word]}
    done
    exp_take ''
    exp_learn
    for word in "${!EXP_GIVEN[@]}"; do
        [ "$word" = seed ] || [[ " $EXP_KNOWN " == *" $word "* ]] || fail "$REFUSED" "key '$word' is unknown; 'list' shows all"
    done
    exp_read
    exp_matrix
    exp_open "$name"
    exp_run
    exp_collect "$name"
    exp_fields
    exp_table "$name" >"$TMP/table.txt" || fail 1 "experiment $name: no table"
    exp_figure || fail 1 "experiment $name: gnuplot drew no figure"
    for word in records.jsonl table.txt figure.svg figure.png; do exp_install "$TMP/$word" "$EXP_OUT/$word"; done
    cat "$EXP_OUT/table.txt"
    echo
    echo "runs: ${#RUN_KEYS[@]} in the matrix, $EXP_NEW run now; figure: $EXP_OUT/figure.png"
    exit 0
}
