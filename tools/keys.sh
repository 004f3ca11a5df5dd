# Sourced by run-qemu.sh: key=value arguments, and whom each belongs to. The script owns fast, slow, machine and input; the
# model owns what model/keys.def lists, and preset; everything else is the guest's, which refuses what it does not know.
# shellcheck shell=bash

readonly SCRIPT_KEYS='fast slow machine input'
declare -A KEYS=() # what the user gave
KEY_ORDER=()       # in the order given

take_key() { # key=value
    local key=${1%%=*} value=${1#*=}

    # Units keep their capitals: promote_MBps.
    [[ $key =~ ^[a-z][A-Za-z0-9_]*$ ]] || fail "$REFUSED" "'$1': a key is letters, digits and _, the first a small letter"
    [ -z "${KEYS[$key]+given}" ] ||
        fail "$REFUSED" "key $key is given twice ('${KEYS[$key]}' and '$value'); once is right"
    [ -n "$value" ] || fail "$REFUSED" "key $key has no value; key=value is right"
    [[ $value != *[[:space:][:cntrl:]]* ]] || fail "$REFUSED" "key $key: '$value' has a blank; values are single words"
    case $key in
    do | pattern | ids | input_id) fail "$REFUSED" "key $key belongs to the script; the command sets it" ;;
    esac
    KEYS[$key]=$value
    KEY_ORDER+=("$key")
}

# The names that model/keys.def declares: a line KEY(name, ...) each.
model_key_names() {
    [ ! -r "$MODEL_KEYS" ] || sed -n 's/^[[:space:]]*KEY([[:space:]]*\([A-Za-z0-9_]*\)[[:space:]]*,.*/\1/p' "$MODEL_KEYS"
}

# The one of the words that takes the fewest insertions, deletions and substitutions to become this one (Levenshtein's distance).
nearest() { # word, known words
    awk -v word="$1" -v known="$2" '
        function least(a, b) { return a < b ? a : b }
        function distance(a, b,    i, j, row, corner, above) {
            for (j = 0; j <= length(b); j++) row[j] = j
            for (i = 1; i <= length(a); i++) {
                corner = row[0]
                row[0] = i
                for (j = 1; j <= length(b); j++) {
                    above = row[j]
                    row[j] = least(least(above, row[j - 1]) + 1, corner + (substr(a, i, 1) != substr(b, j, 1)))
                    corner = above
                }
            }
            return row[length(b)]
        }
        BEGIN {
            n = split(known, name, " ")
            best = -1
            for (i = 1; i <= n; i++) {
                if (name[i] ~ /^(do|pattern|ids|input_id)$/) continue # the commands set these
                d = distance(word, name[i])
                if (best < 0 || d < best) { best = d; nearest = name[i] }
            }
            print nearest
        }'
}

unknown_key() { # key, known keys: the message
    echo "unknown key '$1'; the nearest known one is '$(nearest "$1" "$2")', and './run-qemu.sh list' shows all"
}

declare -A OWNER=() # whose a key is: script or model; all others are the guest's

# The keys of a named machine that the user has not given, as if he had.
take_machine() {
    local word name=${KEYS[machine]-pc}
    [[ $name != @(pc|q35) ]] || return 0
    [[ " $(machine_names) " == *" $name "* ]] ||
        fail "$REFUSED" "key machine: '$name' is unknown; pc or q35, as QEMU has them, or a set of keys is right: $(machine_names)"
    $model || fail "$REFUSED" "machine=$name is a set of the model's keys, which is off here"
    for word in $(machine_keys "$name"); do
        [ -n "${KEYS[${word%%=*}]+given}" ] || take_key "$word"
    done
}

check_keys() {
    local name
    take_machine
    for name in $SCRIPT_KEYS; do OWNER[$name]=script; done
    OWNER[preset]=model
    for name in $(model_key_names); do OWNER[$name]=model; done

    if ! $model; then
        for name in "${KEY_ORDER[@]}"; do
            # Reads well in both cases: the preset also fills the ACPI tables, the others have no reader.
            if [ "${OWNER[$name]-}" = model ] && [ "$name" != preset ]; then
                fail "$REFUSED" "key $name belongs to the model, which is off here"
            fi
        done
    fi
    machine_input
    machine_sizes
    machine_preset
}

# Prints the guest's keys, one a line, in an order that does not depend on how they were given. Arguments are the
# script's own additions and win over the user's; one without a value only takes the user's away.
guest_keys() {
    local key own
    local -A added=()
    for own; do added[${own%%=*}]=${own#*=}; done
    {
        for key in "${!added[@]}"; do [ -z "${added[$key]}" ] || echo "$key=${added[$key]}"; done
        printf '%s\n' "fast=$fast_bytes" "slow=$slow_bytes" ${ids:+"ids=$ids"} ${input_id:+"input_id=$input_id"}
        for key in "${KEY_ORDER[@]}"; do
            [ -n "${OWNER[$key]-}" ] || [ -n "${added[$key]+added}" ] || echo "$key=${KEYS[$key]}"
        done
    } | sort
}

# Prints the model's keys, one a line; the preset always, so that nobody has two defaults to keep equal.
model_keys() {
    local key
    {
        echo "preset=$preset"
        for key in "${KEY_ORDER[@]}"; do
            [ "${OWNER[$key]-}" != model ] || [ "$key" = preset ] || echo "$key=${KEYS[$key]}"
        done
    } | sort
}
