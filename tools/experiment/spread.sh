# Sourced by run-qemu.sh: an experiment whose runs are made elsewhere: as commands for GNU parallel and for Slurm, and taken in from wherever they were made.
# shellcheck shell=bash

exp_emit=false
collect_dirs=()

# Of the launcher's keys, as the index knows a run.
exp_hash() {
    { guest_keys do=run && model_keys; } | sha256sum | cut -c 1-16
}

# Writes the runs that are missing: a command a line, and a script that does the line of its number.
exp_emit() { # NAME
    local n hash missing=0 word line
    local -A seen=()
    : >"$TMP/commands"
    for n in "${!RUN_KEYS[@]}"; do
        hash=$(exp_take "${RUN_KEYS[n]}" && exp_hash)
        [ -z "${seen[$hash]-}" ] || continue
        seen[$hash]=1
        exp_stored "$hash" >/dev/null && continue
        line='./run-qemu.sh run'
        for word in ${RUN_KEYS[n]}; do line+=" $(printf %q "$word")"; done
        echo "$line" >>"$TMP/commands" || temp_full
        missing=$((missing + 1))
    done
    # Slurm's jobs begin where sbatch was called: in the project's folder, which all its machines see. What is given to the script
    # goes to each run: sbatch array.sbatch -o DIR.
    cat >"$TMP/array.sbatch" <<END || temp_full
#!/bin/sh
#SBATCH --job-name=tierlab-$1
#SBATCH --array=1-$missing
#SBATCH --cpus-per-task=1
eval "\$(sed -n "\${SLURM_ARRAY_TASK_ID}p" '$EXP_OUT/commands') \$*"
END
    exp_install "$TMP/commands" "$EXP_OUT/commands"
    exp_install "$TMP/array.sbatch" "$EXP_OUT/array.sbatch"
    {
        printf 'runs: %d in the matrix, %d missing\n' "${#RUN_KEYS[@]}" "$missing"
        [ $missing -eq 0 ] || printf '%s\n' "GNU parallel:  parallel -j 2 <$EXP_OUT/commands" \
            "  elsewhere:   parallel --sshlogin HOST --workdir TIERLAB-THERE <$EXP_OUT/commands" \
            "Slurm:         sbatch $EXP_OUT/array.sbatch" "and then:      ./run-qemu.sh experiment $1 --collect DIR, for each place with results"
    } | show
    exit $?
}

# The keys of a stored run, as the matrix writes them: sorted key=value words, of its command without the launcher's options.
exp_command_keys() { # command.txt
    head -n 1 "$1" | xargs -n 1 printf '%s\n' 2>/dev/null | grep '^[a-z0-9_]*=' | sort | paste -sd ' '
}

# Takes one result in. What another image made, and what differs from what is here, is refused.
exp_collect_run() { # directory of the run, hash
    local from=$1 run aside=$results/.new.${TMP##*/}
    run=$(head -n 1 "$from/records.jsonl" | jq -r '.run // empty' 2>/dev/null)
    [ -n "$run" ] && [ "$run" = "$(basename "$from")" ] ||
        fail "$BAD_FILE" "$from: its records are those of run '$run'; a directory of results is named after its run"
    grep -q '"kind":"summary"' "$from/records.jsonl" || fail "$BAD_FILE" "$from: its records have no summary: it did not verify"
    if [ -e "$results/$run/records.jsonl" ]; then
        cmp -s "$from/records.jsonl" "$results/$run/records.jsonl" ||
            fail 1 "the same run gave other bytes there: $from/records.jsonl and $results/$run/records.jsonl"
    else
        mkdir "$aside" && cp "$from/records.jsonl" "$from/command.txt" "$from/host.txt" "$aside" && mv -T "$aside" "$results/$run" ||
            fail "$BAD_FILE" "results directory $results cannot be written (full?)"
    fi
    echo "$2 $run" >>"$EXP_INDEX"
}

exp_collect_all() {
    local n dir from keys taken=0 others=0
    local -A hash_of=()
    for n in "${!RUN_KEYS[@]}"; do hash_of[${RUN_KEYS[n]}]=$(exp_take "${RUN_KEYS[n]}" && exp_hash); done
    for dir in "${collect_dirs[@]}"; do
        for from in "$dir"/*/; do
            from=${from%/}
            [ -s "$from/records.jsonl" ] && [ -s "$from/command.txt" ] && [ -e "$from/host.txt" ] || continue
            keys=$(exp_command_keys "$from/command.txt")
            [ -n "${hash_of[$keys]-}" ] || { others=$((others + 1)) && continue; }
            grep -qxF "ids=$ids" "$from/command.txt" ||
                fail "$BAD_FILE" "$from is of another image, model or QEMU ($(sed -n 's/^ids=//p' "$from/command.txt"), here $ids)"
            exp_collect_run "$from" "${hash_of[$keys]}"
            taken=$((taken + 1))
        done
    done
    echo "tierlab: experiment: $taken results taken in, $others are none of its runs" >&2
}
