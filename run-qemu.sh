#!/usr/bin/env -S bash -p
# Builds Tierlab, boots it in QEMU and shows what came out. This file reads the command line and says what each
# command does; tools/*.sh know how: what must be installed, which machine QEMU plays, one boot, results, tables.
set -u

usage() {
    cat <<'END'
usage: ./run-qemu.sh [COMMAND] [OPTION]... [KEY=VALUE]... [-- QEMU ARGUMENT...]

  (none)                   compare the default policies on the default workload
  compare [key=value ...]  policy=a,b,c or policy=all; every other key goes to each run. The baselines all-fast,
                           first-touch, all-slow and oracle are always there, and keep their own parts
  run [key=value ...]      one boot, one run
  bench [pattern]          the mechanisms alone: instructions and modelled ns per operation
  calibrate [key=value ...]  latency and bandwidth as the guest sees them, beside the preset's
  test [pattern]           the guest's tests; a pattern is a part of names, or their form with * and ?
  test contract tracker=NAME   what a part must do, on the one named (classifier=, migrator= alike)
  experiment NAME [key=value ...]  a matrix of runs as data, its table and its figure; resumes where it was stopped;
                           reduced=1 runs a small form. `experiment list` names them
  shell [SCRIPT] [key=value ...]  a run that stands still at a prompt, to be stepped through and looked at; commands come from the
                           file, or from standard input where that is no terminal. `help` at the prompt lists them
  heat RUN                 what a run with heat=1 accessed, its tracker saw and its fast tier held, drawn in the terminal;
                           RUN is a directory of results, or its name below results/
  why RUN PAGE             why a page was moved, each time, or was not: of a run with events=1 (and replay=1 to know how often it was seen)
  replay RUN [RUN]         one HTML file that replays a run with replay=1, or two side by side; it needs no network
  lab [N [FILE]]           labs for students: the list, the text of one, or the check of what was written (docs/teaching.md)
  list                     every policy, part, workload, test, preset and key

  -n             dry run: print the QEMU command and the keys, start nothing
  -o DIR         results go to DIR (default: results/ beside this script)
  -j N           runs at once (default: number of cores)
  -t SEC         a guest that is not done after SEC seconds hangs (default 300; 900 with --uefi)
  -v             show the guest's console
  --columns A,B  which columns compare shows, in which order: time rate relative steady hits direct induced precision
                 recall weighted up down
  --sort A       the column that its rows are sorted by, the best first
  --emit         experiment: writes the runs that are missing as commands, for GNU parallel and Slurm, and runs none
  --collect DIR  experiment: takes in what was run elsewhere (may be given several times)
  -g             wait for gdb, on a socket that only you can reach; such a run's records are not stored
  --iso          boot through GRUB instead of QEMU's -kernel
  --uefi         the same under UEFI (OVMF) instead of the BIOS; it takes a minute longer
  --no-model     no memory model: time is instructions, truth is off
  --no-install   name missing packages and stop instead of installing them
  --accel A      tcg (default) or kvm (no model; times are then measured)
  --qemu PATH    another QEMU, 7.2 or later

keys of this script: fast= and slow= (sizes of the tiers: 32M, 1G, ...), machine=pc|q35 (QEMU's)
or a set of keys, as machine=vtmm, preset=FAST+SLOW, and input=FILE, for workloads that read one.
`list` prints all others.

exit status: 0 done, 1 a test, run or verification failed, 2 panic, 3 guest lost or QEMU died, 4 bad option, key,
value or name, 5 the machine cannot do it, 6 a tool is missing or too old, 7 a file, 77 skipped, 124 hang,
130 interrupted
END
}

ROOT=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")

# shellcheck source=tools/environment.sh
. "$ROOT/tools/environment.sh"

# The tests of this script replace these to see what it says when one is missing.
IMAGE=${TIERLAB_IMAGE:-}
ISO=${TIERLAB_ISO:-}
FIRMWARE=${TIERLAB_FIRMWARE:-/usr/share/ovmf/OVMF.fd}
MODEL=${TIERLAB_MODEL:-$ROOT/build/model.so}
PRESETS=${TIERLAB_PRESETS:-$ROOT/model/presets.tsv}
MODEL_KEYS=$ROOT/model/keys.def
MACHINES=$ROOT/model/machines.tsv

readonly REFUSED=4 UNFIT=5 NO_TOOL=6 BAD_FILE=7 HANG=124 INTERRUPTED=130

# shellcheck source=tools/output.sh
. "$ROOT/tools/output.sh"
# shellcheck source=tools/deps.sh
. "$ROOT/tools/deps.sh"
# shellcheck source=tools/keys.sh
. "$ROOT/tools/keys.sh"
# shellcheck source=tools/machine.sh
. "$ROOT/tools/machine.sh"
# shellcheck source=tools/supervise.sh
. "$ROOT/tools/supervise.sh"
# shellcheck source=tools/launch.sh
. "$ROOT/tools/launch.sh"
# shellcheck source=tools/results.sh
. "$ROOT/tools/results.sh"
# shellcheck source=tools/table.sh
. "$ROOT/tools/table.sh"
# shellcheck source=tools/compare.sh
. "$ROOT/tools/compare.sh"
# shellcheck source=tools/figures/draw.sh
. "$ROOT/tools/figures/draw.sh"
# shellcheck source=tools/figures/heat.sh
. "$ROOT/tools/figures/heat.sh"
# shellcheck source=tools/figures/verdict.sh
. "$ROOT/tools/figures/verdict.sh"
# shellcheck source=tools/figures/grid.sh
. "$ROOT/tools/figures/grid.sh"
# shellcheck source=tools/terminal.sh
. "$ROOT/tools/terminal.sh"
# shellcheck source=tools/shell.sh
. "$ROOT/tools/shell.sh"
# shellcheck source=tools/experiment/read.sh
. "$ROOT/tools/experiment/read.sh"
# shellcheck source=tools/experiment/matrix.sh
. "$ROOT/tools/experiment/matrix.sh"
# shellcheck source=tools/experiment/spread.sh
. "$ROOT/tools/experiment/spread.sh"
# shellcheck source=tools/experiment/run.sh
. "$ROOT/tools/experiment/run.sh"

# Labs have a script of their own, which uses this one.
[ "${1-}" != lab ] || exec "$ROOT/tools/lab" "${@:2}"

command_line=("$@")
command=''
pattern=''
shown_runs=() # of heat, why and replay
script=''     # of shell
at_terminal=false # whether somebody types its commands
dry_run=false
verbose=false
debug=false
iso=false
uefi=false # implies iso
model=true
install=true
declare -A OPTION=() # those with a value
qemu_args=()
sandbox=false # whether this QEMU has one
ids='' # what the results stand on, as a hash

take_option() { # option, number of arguments left, value
    [ "$2" -ge 2 ] || fail $REFUSED "$1 needs a value; see --help"
    [ -n "$3" ] || fail $REFUSED "$1 has an empty value; see --help"
    [ -z "${OPTION[$1]+given}" ] || fail $REFUSED "$1 is given twice ('${OPTION[$1]}' and '$3'); once is right"
    [[ $1 != -[jt] ]] || [[ $3 =~ ^[1-9][0-9]{0,5}$ ]] || fail $REFUSED "$1 '$3': a whole number from 1 to 999999 is needed"
    OPTION[$1]=$3
}

take_place() { # number of arguments left, value
    [[ $1 -ge 2 && -n $2 ]] || fail $REFUSED "--collect needs a directory; see --help"
    [ -d "$2" ] || fail $BAD_FILE "--collect: $2 is no directory of results"
    collect_dirs+=("$(readlink -f "$2")")
}

take_reduced() { # value
    [[ $1 == [01] ]] || fail $REFUSED "key reduced: '$1': 0 or 1 is right"
    [ -z "${OPTION[reduced]+given}" ] || fail $REFUSED "key reduced is given twice; once is right"
    OPTION[reduced]=$1
    [ "$1" = 0 ] || exp_reduced=true
}

# A word without `=` is the command, or the pattern of a command that takes one.
take_word() {
    if [ -z "$command" ]; then
        case $1 in
        compare | run | bench | calibrate | test | experiment | shell | heat | why | replay | list) command=$1 ;;
        *) fail $REFUSED "'$1' is neither a command (compare run bench calibrate test experiment shell heat why replay lab list) nor key=value" ;;
        esac
    elif [[ $command == @(heat|why|replay) ]]; then
        shown_runs+=("$1")
    elif [ "$command" = shell ] && [ -z "$script" ]; then
        script=$1
    elif [ -z "$pattern" ] && [[ $command == @(test|bench|experiment) ]]; then
        [[ $1 =~ ^[A-Za-z0-9_.*?-]+$ ]] || fail $REFUSED "pattern '$1': letters, digits and _ . - * ? are allowed"
        pattern=$1
    else
        fail $REFUSED "argument '$1' has no '=': $command takes key=value"
    fi
}

check_descriptors
while [ $# -gt 0 ]; do
    case $1 in
    --accel=* | --qemu=* | --collect=* | --columns=* | --sort=*)
        set -- "${1%%=*}" "${1#*=}" "${@:2}"
        continue
        ;;
    -h | --help)
        usage | show
        exit $?
        ;;
    -o | -j | -t | --accel | --qemu | --columns | --sort) take_option "$1" $# "${2-}" && shift ;;
    -n) dry_run=true ;;
    -v) verbose=true ;;
    -g) debug=true ;;
    --emit) exp_emit=true ;;
    --collect) take_place "$#" "${2-}" && shift ;;
    --iso) iso=true ;;
    --uefi) uefi=true iso=true ;;
    --no-model) model=false ;;
    --no-install) install=false ;;
    --) qemu_args=("${@:2}") && break ;;
    -*) fail $REFUSED "unknown option '$1'; --help lists them" ;;
    reduced=*) take_reduced "${1#*=}" ;;
    *=*) take_key "$1" ;;
    *) take_word "$1" ;;
    esac
    shift
done

command=${command:-compare}
image=tierlab
[ "$command" != test ] || image=tierlab-tests # all of the other, and the guest's tests
IMAGE=${IMAGE:-$ROOT/build/$image.elf32}
ISO=${ISO:-$ROOT/build/$image.iso}
results=${OPTION[-o]-$ROOT/results}
[[ $results == /* ]] || results=./$results # a name may begin with a dash
jobs=${OPTION[-j]-$(nproc)}
time_limit=${OPTION[-t]-$($uefi && echo 900 || echo 300)}
accel=${OPTION[--accel]-tcg}
qemu=${OPTION[--qemu]-qemu-system-x86_64}
case $accel in
tcg) ;;
kvm) model=false ;; # real loads and stores: nothing to model, nothing that could watch
*) fail $REFUSED "--accel '$accel': tcg or kvm" ;;
esac
if $exp_emit || [ ${#collect_dirs[@]} -gt 0 ]; then
    [ "$command" = experiment ] || fail $REFUSED "--emit and --collect belong to the command experiment"
fi
! $exp_reduced || [ "$command" = experiment ] || fail $REFUSED "key reduced belongs to the command experiment"
if [ "$command" = experiment ]; then
    if [ "$pattern" = list ]; then
        exp_list | show
        exit $?
    fi
    exp_find "$pattern"
    $model || fail $REFUSED "experiment: the measures need the model; no --no-model and no --accel kvm here"
    if $dry_run || $debug; then fail $REFUSED "experiment: -n and -g are for a single boot; use them with run"; fi
fi
for option in --columns --sort; do
    [ -z "${OPTION[$option]+given}" ] || [ "$command" = compare ] || fail $REFUSED "$option belongs to the command compare"
done
check_columns
! $debug || [ "$command" != compare ] || fail $REFUSED "-g: one boot at a time; use it with run, test or bench"
[[ $command != @(list|why|replay) ]] || model=false # names and help need no memory model

if [[ $command == @(heat|why|replay) ]]; then
    [ ${#KEY_ORDER[@]} -eq 0 ] || fail $REFUSED "key ${KEY_ORDER[0]}: $command shows runs that have been made and takes no keys"
fi
if [ "$command" = heat ] || { [ "$command" = replay ] && ! replay_boots; }; then
    need_tools
    "do_$command" ${shown_runs[@]+"${shown_runs[@]}"}
    exit 0
fi

build_failed() { # targets
    can_hold "$ROOT/build" || fail $BAD_FILE "$ROOT/build is full or cannot be written"
    failed_step 1 "the build failed (make $1)" # the compiler writes to the temporary directory, too
}

# Under a lock, so that two runs started at once do not build the same file twice.
build() {
    local targets=()
    [ -n "${TIERLAB_IMAGE-}" ] || targets+=("build/$image.elf32")
    ! $model || [ -n "${TIERLAB_MODEL-}" ] || targets+=(build/model.so)
    ! $iso || [ -n "${TIERLAB_ISO-}" ] || targets+=("build/$image.iso")
    if [ ${#targets[@]} -gt 0 ]; then
        # Without the user's environment, which may hold flags and search paths of compiler, assembler and make.
        env -i PATH="$PATH" HOME="${HOME-/}" ${TMPDIR:+TMPDIR="$TMPDIR"} \
            flock -F "$ROOT" make -s -j "$(nproc)" -C "$ROOT" "${targets[@]}" >/dev/null ||
            build_failed "${targets[*]}"
    fi
    [ -r "$IMAGE" ] || fail $BAD_FILE "image $IMAGE is missing"
    ! $uefi || [ -r "$FIRMWARE" ] || fail $BAD_FILE "firmware $FIRMWARE is missing"
    ! $model || [ -r "$MODEL" ] ||
        fail $NO_TOOL "model plugin $MODEL is missing; 'make' builds it, --no-model does without"
}

# One boot that must end well: anything else ends the script with its status. Arguments: label, keys.
boot_once() {
    local id
    boot_start "$@"
    id=$BOOT_ID
    boots_wait
    if [ "${BOOT_STATUS[id]}" -ne 0 ]; then
        boot_explain "$id"
        exit "${BOOT_STATUS[id]}"
    fi
}

do_run() {
    local status=0 records
    boot_once run do=run
    records=${BOOT_DIR[BOOT_ID]}/records
    [ -s "$records" ] || fail 1 "the guest ended well but wrote no records"
    grep -q '"kind":"summary"' "$records" || fail 1 "no summary: the run did not verify"
    store_records "$BOOT_ID" || status=1
    {
        run_table "$records" && { ! grep -q '"kind":"machine"' "$records" || { echo && machines_table "$records" && echo; }; } &&
            echo "records: $STORED"
    } | show || status=$?
    if [ "${KEYS[heat]-0}" != 0 ] && ! $debug; then
        run_verdict "$STORED" >"$TMP/picture"
        show <"$TMP/picture" || status=$?
    fi
    exit "$status"
}

do_bench() {
    local status=0
    boot_once bench do=bench ${pattern:+"pattern=$pattern"}
    store_records "$BOOT_ID" || status=1
    bench_table "${BOOT_DIR[BOOT_ID]}/records" | show || status=$?
    exit "$status"
}

do_calibrate() {
    local status=0
    boot_once calibrate do=calibrate
    store_records "$BOOT_ID" || status=1
    calibrate_table "${BOOT_DIR[BOOT_ID]}/records" >"$TMP/table" || status=1
    can_hold "$TMP" || temp_full
    show <"$TMP/table" || status=$?
    exit "$status"
}

do_list() {
    boot_once list do=list
    list_table "${BOOT_DIR[BOOT_ID]}/records" | show
}

# The console is KTAP and is shown as it comes; what counts is that every planned test was seen.
do_test() {
    local status
    follow_ktap=true
    boot_start test do=test ${pattern:+"pattern=$pattern"}
    boots_wait
    status=${BOOT_STATUS[BOOT_ID]}
    [[ $status != @("$REFUSED"|"$UNFIT"|"$BAD_FILE") ]] || { boot_explain "$BOOT_ID" && exit "$status"; }
    ktap_account "${BOOT_DIR[BOOT_ID]}/console" "$status" >"$TMP/unseen" || [ "$status" -ne 0 ] || status=$KTAP_STATUS
    show <"$TMP/unseen" || output_lost=true
    if [ "$status" -eq 3 ] && [ "${BOOT_STATUS[BOOT_ID]}" -eq 0 ]; then
        echo "tierlab: tests that were planned were not seen" >&2
    elif [ "$status" -gt 1 ]; then
        boot_explain "$BOOT_ID" "$status"
    fi
    ! $output_lost || fail $BAD_FILE "standard output cannot be written (full?)"
    exit "$status"
}

# What a boot would be, without starting anything.
do_dry_run() {
    local policy keys=() act=$command
    if [ "$command" = compare ]; then
        compare_policies
        for policy in "${policies[@]}"; do
            echo "# policy=$policy"
            mapfile -t keys < <(policy_keys "$policy")
            boot_print "$policy" "${keys[@]}"
        done
        echo "# and each policy with a tracker once more with migrator=none, for its induced cost"
    else
        case $command in
        shell) act=run ;;
        why | replay) act=list ;; # the sentences of reasons are in the image's list
        esac
        boot_print "$command" "do=$act" ${pattern:+"pattern=$pattern"}
    fi
}

work() {
    build
    ids=$(compute_ids)
    case $command in
    compare) do_compare ;;
    run) do_run ;;
    bench) do_bench ;;
    calibrate) do_calibrate ;;
    test) do_test ;;
    list) do_list ;;
    why) do_why ;;
    replay) do_replay "${shown_runs[@]}" ;;
    shell) do_shell ;;
    experiment) do_experiment ;;
    esac
}

[ "$command" != shell ] || shell_options
check_keys
if $dry_run; then
    # Shows what would be done, also where nothing is installed or built yet.
    qemu_version=$(find_qemu_version 2>/dev/null) || qemu_version=unknown
    ! has_sandbox || sandbox=true
    TMP=$(temp_base)/tierlab.XXXXXX
    set -o pipefail # a refusal counts, too
    do_dry_run | show
    exit $?
fi

if [ "$accel" = kvm ] && ! { [ -r /dev/kvm ] && [ -w /dev/kvm ]; }; then
    fail $UNFIT "--accel kvm: /dev/kvm is missing or not ours to use; --accel tcg works everywhere"
fi
need_tools
qemu_version=$(find_qemu_version) || exit $?
! has_sandbox || sandbox=true
[[ $command == @(list|test) ]] || check_results
supervise_begin
terminal_begin
work </dev/null &
supervise
