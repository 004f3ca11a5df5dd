# Sourced by run-qemu.sh: compare. One boot a policy, some twice, N at once; then one table, in the order asked for.
# shellcheck shell=bash

readonly DEFAULT_POLICIES=all-fast,clairvoyant,oracle,lru,first-touch,all-slow
readonly BASELINES='all-fast first-touch oracle all-slow'
readonly TRUTH_POLICIES='oracle clairvoyant static-best'
readonly KEEP_PARTS="$BASELINES $TRUTH_POLICIES memory-mode"

policies=() # rows of the table

has_word() { # word, words
    [[ " $2 " == *" $1 "* ]]
}

# Sets policies from the key: what was asked for, and the baselines beside it.
compare_policies() {
    local asked=${KEYS[policy]-$DEFAULT_POLICIES} name names=()

    if [ "$asked" = all ]; then
        if $dry_run; then
            echo "# policy=all: the image's own list; here the default policies" && asked=$DEFAULT_POLICIES
        else
            boot_once list do=list policy= # the image knows them all
            asked=$(jq -r 'select(.kind == "list" and .what == "policy" and (.help | startswith("for tests") | not)) | .name' "${BOOT_DIR[BOOT_ID]}/records" |
                paste -sd, -)
        fi
    fi
    [[ $asked =~ ^[a-z0-9-]+(,[a-z0-9-]+)*$ ]] ||
        fail "$REFUSED" "key policy: '$asked' is not a list of names; policy=lru,first-touch or policy=all is right"
    IFS=, read -ra names <<<"$asked"
    for name in "${names[@]}"; do
        # Without the model there is no truth, so the defaults do without those that read it.
        if ! $model && [ "${KEYS[policy]-all}" = all ] && has_word "$name" "$TRUTH_POLICIES"; then continue; fi
        ! has_word "$name" "${policies[*]-}" || fail "$REFUSED" "key policy: $name is named twice"
        policies+=("$name")
    done
    for name in $BASELINES; do
        if ! $model && has_word "$name" "$TRUTH_POLICIES"; then continue; fi
        if has_word "$name" "${policies[*]}"; then continue; fi
        if [ "$name" = all-fast ]; then policies=("$name" "${policies[@]}"); else policies+=("$name"); fi
    done
}

# Prints the keys of one policy's run. A baseline, and what has no parts, stays what it is when a part is swapped: tracker=, classifier=,
# migrator= and whose tables a tracker scans are for the policies that are being compared.
policy_keys() { # policy
    printf '%s\n' do=run "policy=$1"
    has_word "$1" "$KEEP_PARTS" || return 0
    printf '%s\n' tracker= classifier= migrator=
    [ -z "${KEYS[scan]-}" ] || printf '%s\n' scan=nested
}

summary_field() { # id, field
    jq -r --arg field "$2" 'select(.kind == "summary") | .[$field] | tostring' "${BOOT_DIR[$1]}/records" | head -n 1
}

# A second run of the same policy that tracks and decides but never moves: against first-touch, its extra time is what
# tracking costs the workload indirectly.
wants_pair() { # id
    local tracker
    tracker=$(summary_field "$1" tracker)
    [ -n "$tracker" ] && [ "$tracker" != none ] && [ "$(summary_field "$1" uses_truth)" != true ] &&
        [ "$(summary_field "$1" migrator)" != none ]
}

# Files a finished run under its row, or notes why it cannot be.
compare_finish() { # id, role (main or pair), policy
    local id=$1 status=${BOOT_STATUS[$1]}

    if [ "$status" -eq 0 ] && [ -z "$(summary_field "$id" policy)" ]; then
        echo "tierlab: ${BOOT_LABEL[id]}: no summary: the run did not verify" >&2
        status=1
    elif [ "$status" -eq 0 ]; then
        store_records "$id" || status=1
        [ -e "$TMP/head" ] || cp "${BOOT_DIR[id]}/records" "$TMP/head" || temp_full # the same for all of them
        exact_numbers "${BOOT_DIR[id]}/records" |
            jq -c --arg row "$3" --arg role "$2" 'select(.kind == "summary") + {row: $row, role: $role}' >>"$TMP/summaries" ||
            failed_step 1 "${BOOT_LABEL[id]}: its records cannot be read"
        [ "$2" != main ] || exact_numbers "${BOOT_DIR[id]}/records" |
            jq -c --arg row "$3" 'select(.kind == "machine") + {row: $row}' >>"$TMP/machines" ||
            failed_step 1 "${BOOT_LABEL[id]}: its records cannot be read"
    else
        progress_clear
        boot_explain "$id"
        # What is refused once would be refused again.
        [[ $status != @("$REFUSED"|"$UNFIT"|"$BAD_FILE") ]] || exit "$status"
        echo "tierlab: compare: ${BOOT_LABEL[id]} ended with status $status" >&2
    fi
    [ "$status" -ne 77 ] || return 0 # a policy that this machine cannot run has no row, and is no failure
    COMPARE_STATUS[id]=$status
}

keep_table() {
    local aside=$results/.new.${TMP##*/}
    { cp "$TMP/table" "$aside" && mv "$aside" "$results/table.txt"; } 2>/dev/null ||
        fail "$BAD_FILE" "results directory $results cannot be written (full?)"
}

do_compare() {
    local queue=() keys=() next=0 id policy role available at_once status=0
    local -A done_ids=() role_of=() policy_of=()
    COMPARE_STATUS=()

    compare_policies
    : >"$TMP/summaries" >"$TMP/machines"
    for policy in "${policies[@]}"; do queue+=("main $policy"); done
    # Every boot needs its memory; start no more than fit.
    available=$(host_available)
    at_once=$((available / (total_bytes + shm_bytes)))
    [ "$at_once" -le "$jobs" ] || at_once=$jobs

    while [ $next -lt ${#queue[@]} ] || [ "$BOOTS_RUNNING" -gt 0 ]; do
        while [ $next -lt ${#queue[@]} ] && [ "$BOOTS_RUNNING" -lt "$at_once" ]; do
            read -r role policy <<<"${queue[next++]}"
            mapfile -t keys < <(policy_keys "$policy")
            if [ "$role" = pair ]; then
                boot_start "policy=$policy migrator=none" "${keys[@]}" migrator=none
            else
                boot_start "policy=$policy" "${keys[@]}"
            fi
            role_of[$BOOT_ID]=$role
            policy_of[$BOOT_ID]=$policy
        done
        boots_poll
        for id in "${!BOOT_STATUS[@]}"; do
            [ -n "${policy_of[$id]-}" ] && [ -z "${done_ids[$id]-}" ] || continue
            done_ids[$id]=1
            compare_finish "$id" "${role_of[$id]}" "${policy_of[$id]}"
            if [ "${role_of[$id]}" = main ] && [ "${COMPARE_STATUS[id]-1}" -eq 0 ] && wants_pair "$id"; then
                queue+=("pair ${policy_of[$id]}")
            fi
        done
    done
    progress_clear

    # The first that failed, in the order of starting, speaks for all.
    for id in "${!COMPARE_STATUS[@]}"; do
        if [ "$status" -eq 0 ]; then status=${COMPARE_STATUS[id]}; fi
    done
    [ -e "$TMP/head" ] || fail "$status" "compare: no run ended well, so there is no table"
    { compare_table "$TMP/summaries" "$TMP/head" && { [ ! -s "$TMP/machines" ] || compare_machines "$TMP/machines"; }; } >"$TMP/table" ||
        failed_step 1 "compare: no table"
    # The last comparison can be read again without running it.
    [ "$status" -ne 0 ] || keep_table
    show <"$TMP/table" || status=$?
    exit "$status"
}
