# Sourced by run-qemu.sh: an experiment's runs, resumed where they were stopped, and what comes of them: records, a table, a figure.
# shellcheck shell=bash

RUN_PLACE=() # of every run of the matrix: its RUN, once known

# What the image knows: its keys and those of script and model, and its parts as key=value.
exp_learn() {
    boot_once list do=list policy=
    EXP_KNOWN="fast slow machine preset input $(model_key_names | paste -sd ' ') $(jq -r 'select(.kind == "list" and .what == "key") |
        .name' "${BOOT_DIR[BOOT_ID]}/records" | paste -sd ' ')"
    EXP_POLICIES=$(jq -r 'select(.kind == "list" and .what == "policy" and (.help | startswith("for tests") | not)) | .name' \
        "${BOOT_DIR[BOOT_ID]}/records" | paste -sd ' ')
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
    } >"$TMP/identity" || temp_full
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
            hash=$(exp_hash)
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

exp_collect() { # NAME: records.jsonl, one line a cell of the matrix and seed, in the matrix's order
    local n run
    for n in "${!RUN_ROW[@]}"; do printf '%s\t%s\n' "${RUN_ROW[n]}" "${RUN_PLACE[n]}"; done >"$TMP/matrix"
    cut -f 5 "$TMP/matrix" | sort -u | while read -r run; do exact_numbers "$results/$run/records.jsonl"; done |
        jq -nc -L "$ROOT/tools/figures" --argjson course "$([ "${EXP[figure]}" = course ] && echo true || echo false)" \
            -f "$ROOT/tools/figures/gather.jq" >"$TMP/gathered" &&
        jq -nc --arg experiment "$1" --arg base "${EXP[base]-}" --rawfile matrix "$TMP/matrix" \
            --slurpfile runs "$TMP/gathered" -f "$ROOT/tools/figures/measures.jq" |
        sed -E 's/"seed":"([0-9]+)"/"seed":\1/' >"$TMP/records.jsonl" || # a number again, whole
        failed_step 1 "experiment $1: its records cannot be put together"
}

# A figure draws numbers: refuses a coordinate that holds names, such as `tracker`.
exp_numbers() {
    local line field
    while read -r line field; do
        ! jq -e --arg field "$field" 'select(.keys[$field] == null and (.[$field] | type) == "string")' \
            "$TMP/records.jsonl" >"$TMP/names" || exp_bad "$line" "field '$field' holds names, and a figure of kind '${EXP[figure]}' draws numbers"
    done < <(
        [[ ${EXP[figure]} != @(line|scatter) ]] || echo "${EXP_LINE[x]} ${EXP[x]}"
        for line in ${EXP_PANELS[@]+"${EXP_PANELS[@]}"}; do cut -d ' ' -f 1,2 <<<"$line"; done
    )
}

exp_fields() { # refuses a column or coordinate that no run has
    local field line
    jq -r 'keys[], (.keys | keys[])' "$TMP/records.jsonl" | sort -u >"$TMP/fields"
    while read -r line field; do
        [[ $field == @(set|case|-) || ${EXP[figure]}.$field == course.@(Mrequests|fast_percent) ]] || grep -qxF -e "$field" "$TMP/fields" || exp_bad "$line" "no run has a field '$field'"
    done < <(
        for field in ${EXP[columns]}; do echo "${EXP_LINE[columns]} $field"; done
        [ -z "${EXP[x]-}" ] || echo "${EXP_LINE[x]} ${EXP[x]}"
        for line in ${EXP_PANELS[@]+"${EXP_PANELS[@]}"}; do cut -d ' ' -f 1,2 <<<"$line"; done
    )
    exp_numbers
    [[ ${EXP[figure]} != @(heat|verdict) ]] || grep -qxF heat_pages "$TMP/fields" ||
        exp_bad "${EXP_LINE[figure]}" "figure '${EXP[figure]}' draws runs with heat=1, and there is none"
}

# The sets in the order of their means over the whole matrix, by the field that the first panel draws.
exp_ranking() {
    local y
    read -r _ y _ <<<"${EXP_PANELS[0]}"
    jq -rs --arg base "${EXP[base]-}" --arg y "$y" --arg against "${EXP[regret]-}" -f "$ROOT/tools/figures/ranking.jq" "$TMP/records.jsonl" | align
    echo
}

exp_table() { # NAME
    echo "$1: ${EXP[title]}"
    echo "mean over the seeds (${EXP_OVER[seed]-${EXP[seeds]-1}}), +- half of their range where it shows; clock modelled, QEMU ${qemu_version%% *}"
    echo
    [ "${EXP[figure]}" != grid ] || exp_ranking
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
        [ "$word" = seed ] || [[ " $EXP_KNOWN " == *" $word "* ]] || fail "$REFUSED" "$(unknown_key "$word" "$EXP_KNOWN")"
    done
    set -f # words of the file are no patterns for file names
    exp_read
    ! $exp_reduced || exp_reduce
    exp_matrix
    set +f
    exp_open "$name"
    [ ${#collect_dirs[@]} -eq 0 ] || exp_collect_all
    ! $exp_emit || exp_emit "$name"
    exp_run
    exp_collect "$name"
    exp_fields
    exp_table "$name" >"$TMP/table.txt" || failed_step 1 "experiment $name: no table"
    exp_figure || failed_step 1 "experiment $name: gnuplot drew no figure"
    for word in records.jsonl table.txt figure.svg figure.png; do exp_install "$TMP/$word" "$EXP_OUT/$word"; done
    {
        cat "$EXP_OUT/table.txt"
        printf '\nruns: %d in the matrix, %d run now; figure: %s\n' "${#RUN_KEYS[@]}" "$EXP_NEW" "$EXP_OUT/figure.png"
    } | show
    exit $?
}
