# Sourced by run-qemu.sh: experiments/NAME.conf, a matrix of runs as data (docs/experiments.md has the grammar). Here it is read and checked:
# whatever is wrong is refused with file and line.
# shellcheck shell=bash

EXP_DIR=${TIERLAB_EXPERIMENTS:-$ROOT/experiments}
declare -A EXP=() EXP_LINE=() # settings, and the line that each stands in; axes have lines, too
EXP_AXES=() EXP_SETS=() EXP_CASES=() EXP_PANELS=()
declare -A EXP_VALUES=() # axis: its values
declare -A EXP_KEYS=()   # "set NAME" or "case NAME": its key=value words
EXP_REDUCED=''           # the reduced form: its line, and key=value words

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

exp_key() { # line, key: one that somebody owns; of an axis its values, too, as a named machine may be one
    [[ $2 =~ ^[a-z][A-Za-z0-9_]*$ ]] || exp_bad "$1" "'$2' is not a key"
    [ "$2" != seed ] || exp_bad "$1" "key seed: 'seeds = 1 2 3' gives the seeds"
    [ "$2" != machine ] || [[ " $(machine_names) " == *" ${3-} "* ]] || exp_bad "$1" "key machine: one experiment, one machine"
    [[ " $EXP_KNOWN " == *" $2 "* ]] || exp_bad "$1" "$(unknown_key "$2" "$EXP_KNOWN")"
}

exp_words() { # line, key=value words: every one well-formed, none twice
    local word seen=' '
    for word in $2; do
        [[ $word == ?*=?* ]] || exp_bad "$1" "'$word' is not key=value"
        [[ $seen != *" ${word%%=*} "* ]] || exp_bad "$1" "key ${word%%=*} is given twice"
        seen+="${word%%=*} "
    done
}

# `set *: KEY=VALUE ...`: a set for each policy of the image but the tests' own; one that has a line of its own already keeps that.
exp_every_policy() { # line, words
    local policy
    for policy in $EXP_POLICIES; do
        [ -n "${EXP_KEYS[set $policy]+given}" ] || exp_row "$1" set "$policy" "policy=$policy $2"
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

# Whole numbers, none twice: a seed given twice would count twice in every mean.
exp_seeds() { # line, seeds
    local seed seen=' '
    for seed in $2; do
        [[ $seed =~ ^0*([0-9]{1,20})$ ]] || exp_bad "$1" "seed '$seed' is not a whole number"
        [[ $seen != *" ${BASH_REMATCH[1]} "* ]] || exp_bad "$1" "seed $seed is given twice; once is right"
        seen+="${BASH_REMATCH[1]} "
    done
}

exp_axis() { # line, key, values
    local value seen=' '
    exp_key "$1" "$2" "$3"
    for value in $3; do
        [[ $seen != *" $(in_bytes "$value") "* ]] || exp_bad "$1" "$2: value $value is given twice; once is right"
        seen+="$(in_bytes "$value") "
    done
    EXP_AXES+=("$2")
    EXP_VALUES[$2]=$3
    EXP_LINE[$2]=$1
}

exp_setting() { # line, name, value
    if [ "$2" = y ]; then
        exp_words "$1" "${3#"${3%% *}"}"
        EXP_PANELS+=("$1 $3")
        return
    fi
    [ -z "${EXP[$2]+given}${EXP_VALUES[$2]+given}" ] || exp_bad "$1" "'$2' is given twice"
    case $2 in
    x | base | paper | columns | regret) ;;
    title | xlabel) [[ $3 != *[\"\`\\]* ]] || exp_bad "$1" "$2: gnuplot would read the characters \" \` \\ in it; other quotes are right" ;;
    figure) [[ $3 == @(line|bar|scatter|ranked|heat|verdict|grid|course) ]] ||
        exp_bad "$1" "figure '$3': line, bar, scatter, ranked, grid, course, heat or verdict" ;;
    order) [[ $3 == @(best|matrix) ]] || exp_bad "$1" "order '$3': best (first) or matrix, of a grid's rows" ;;
    log) [[ $3 == @(x|y|xy) ]] || exp_bad "$1" "log '$3': x, y or xy" ;;
    seeds) exp_seeds "$1" "$3" ;;
    *)
        exp_axis "$1" "$2" "$3"
        return
        ;;
    esac
    EXP[$2]=$3
    EXP_LINE[$2]=$1
}

exp_reduced_form() { # line, key=value words
    local word
    [ -z "$EXP_REDUCED" ] || exp_bad "$1" "'reduced' is given twice"
    exp_words "$1" "$2"
    for word in $2; do
        case $word in
        seeds=*) word=${word#*=} && exp_seeds "$1" "${word//,/ }" ;;
        sets=* | cases=*) ;;
        *) exp_key "$1" "${word%%=*}" ;;
        esac
    done
    EXP_REDUCED="$1 $2"
}

exp_line() { # line, text without comment
    if [[ $2 =~ ^set\ +\*\ *:\ *(.*)$ ]]; then
        exp_every_policy "$1" "${BASH_REMATCH[1]}"
    elif [[ $2 =~ ^(set|case)\ +([^ :]+)\ *:\ *(.*)$ ]]; then
        exp_row "$1" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "${BASH_REMATCH[3]}"
    elif [[ $2 =~ ^reduced\ *:\ *(.+)$ ]]; then
        exp_reduced_form "$1" "${BASH_REMATCH[1]}"
    elif [[ $2 =~ ^([a-z][A-Za-z0-9_]*)\ *=\ *(.+)$ ]]; then
        exp_setting "$1" "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}"
    else
        exp_bad "$1" "'$2' is none of: NAME = VALUE ..., set NAME: key=value ..., case NAME: ..., reduced: ..."
    fi
}

# What a file must have as a whole.
exp_complete() { # its last line
    local name value
    for name in title figure columns; do
        [ -n "${EXP[$name]-}" ] || exp_bad "$1" "'$name = ...' is missing"
    done
    if [[ ${EXP[figure]} == @(heat|verdict) ]]; then
        [ -z "${EXP[x]-}${EXP[log]-}${EXP_PANELS[*]-}" ] ||
            exp_bad "${EXP_LINE[figure]}" "figure '${EXP[figure]}' has axes of its own: no x, y or log"
    else
        [ -n "${EXP[x]-}" ] || [ "${EXP[figure]}" = course ] || exp_bad "$1" "'x = ...' is missing"
        [ ${#EXP_PANELS[@]} -gt 0 ] || exp_bad "$1" "'y = ...' is missing"
    fi
    if [[ ${EXP[figure]} == @(line|scatter) ]]; then
        for value in ${EXP_VALUES[${EXP[x]}]-}; do
            [[ $(in_bytes "$value") =~ ^[0-9]+$ ]] || exp_bad "${EXP_LINE[${EXP[x]}]}" \
                "$value is no number, and x = ${EXP[x]} of figure '${EXP[figure]}' needs numbers or sizes; 'bar' takes names, as sets"
        done
    fi
    [ ${#EXP_SETS[@]} -gt 0 ] || exp_bad "$1" "no 'set NAME: ...' that this image has the parts for"
    [ ${#EXP_CASES[@]} -gt 0 ] || { EXP_CASES=(-) && EXP_KEYS["case -"]=''; }
    if [ -n "${EXP[base]-}" ] && [ -z "${EXP_KEYS[set ${EXP[base]}]+given}" ]; then
        exp_bad "${EXP_LINE[base]}" "base '${EXP[base]}' is no set"
    fi
    if [ -n "${EXP[paper]-}" ] && ! [ -r "$EXP_DIR/${EXP[paper]}" ]; then
        exp_bad "${EXP_LINE[paper]}" "paper: $EXP_DIR/${EXP[paper]} cannot be read"
    fi
}

exp_no_carriage_returns() { # file
    local line
    line=$(grep -n -m 1 $'\r' "$1" | cut -d : -f 1)
    [ -z "$line" ] || fail "$REFUSED" \
        "${1#"$ROOT/"}:$line: a carriage return ends the line, as on DOS; lines end in a newline alone: sed -i 's/\\r\$//' mends it"
}

exp_read() {
    local line text number=0
    exp_no_carriage_returns "$EXP_FILE"
    while IFS= read -r line || [ -n "$line" ]; do
        number=$((number + 1))
        read -r text <<<"${line%%#*}"
        [ -z "$text" ] || exp_line $number "$text"
    done <"$EXP_FILE"
    exp_complete $number
    [ -z "${EXP[paper]-}" ] || exp_no_carriage_returns "$EXP_DIR/${EXP[paper]}"
}
