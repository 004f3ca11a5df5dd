# Sourced by run-qemu.sh: from an experiment's settings to its runs: every combination of sets, cases, axes and seeds.
# shellcheck shell=bash

exp_reduced=false
declare -A EXP_OVER=() # what wins over all: the user's keys, and the reduced form's
RUN_ROW=() RUN_KEYS=() # the matrix: set, case, axes, seed (tab-separated); keys

exp_reduce() {
    local number words word
    [ -n "$EXP_REDUCED" ] || fail "$REFUSED" "${EXP_FILE#"$ROOT/"}: there is no reduced form ('reduced: key=value ...')"
    read -r number words <<<"$EXP_REDUCED"
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

