#!/usr/bin/env bash
# An experiment's runs by GNU parallel and by a Slurm of one node, made for this test: collected, they give the same bytes.
# shellcheck source=tests/long/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"
mkdir "$place/confs"
export TIERLAB_EXPERIMENTS=$place/confs
printf '%s\n' 'title = small' 'set off: tracker=none' 'set abit: tracker=abit' 'base = off' 'policy = first-touch' 'footprint = 4M' \
    'hot = 1M' 'fast = 2M' 'window_us = 500 1000' 'score_windows = 2' 'ops = 20000' 'warmup = 2000' 'seeds = 1 2' 'columns = precision' \
    'figure = line' 'x = window_us' 'y = precision' >"$place/confs/small.conf"

launcher=("$root/run-qemu.sh" -o "$place/alone")
expect alone 0 '' experiment small

# The results of a place, taken in by an experiment that has run nothing itself.
collected() { # name
    launcher=("$root/run-qemu.sh" -o "$place/$1")
    expect "$1.collected" 0 'tierlab: experiment: 8 results taken in' experiment small --collect "$place/$1.there"
    holds "$1.none_run_here" grep -q '8 in the matrix, 0 run now' "$place/out"
    holds "$1.same_bytes" cmp "$place/alone/experiments/small/records.jsonl" "$place/$1/experiments/small/records.jsonl"
}
emitted() { # name
    launcher=("$root/run-qemu.sh" -o "$place/$1")
    expect "$1.emitted" 0 '' experiment small --emit
    out=$place/$1/experiments/small
}

if command -v parallel >/dev/null; then
    emitted parallel
    sed "s|\$| -o '$place/parallel.there'|" "$out/commands" >"$place/commands"
    holds parallel.ran bash -c "cd '$root' && parallel -j 2 <'$place/commands' >'$place/parallel.log' 2>&1"
    collected parallel
else
    skip parallel 'needs GNU parallel (the package of that name)'
fi

if ! command -v slurmctld >/dev/null || ! command -v slurmd >/dev/null || ! command -v munged >/dev/null || [ "$(id -u)" -ne 0 ]; then
    skip slurm 'needs slurm-wlm and munge, and to be root'
    exit "$failed"
fi
node=$(hostname -s)
mkdir "$place/slurm" "$place/slurm/state" "$place/slurm/spool"
chmod 755 "$place" "$place/slurm"
head -c 1024 /dev/urandom >"$place/slurm/key" && chmod 600 "$place/slurm/key"
port=$((20000 + $$ % 20000))
cat >"$place/slurm/slurm.conf" <<END
ClusterName=tierlab
SlurmctldHost=$node(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$place/slurm/munge.socket
StateSaveLocation=$place/slurm/state
SlurmdSpoolDir=$place/slurm/spool
SlurmctldPidFile=$place/slurm/slurmctld.pid
SlurmdPidFile=$place/slurm/slurmd.pid
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmctldLogFile=$place/slurm/slurmctld.log
SlurmdLogFile=$place/slurm/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
NodeName=$node NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES State=UP MaxTime=INFINITE
END
export SLURM_CONF=$place/slurm/slurm.conf
munged --foreground --force --key-file="$place/slurm/key" --socket="$place/slurm/munge.socket" --pid-file="$place/slurm/munged.pid" \
    --log-file="$place/slurm/munged.log" --seed-file="$place/slurm/seed" 2>/dev/null &
daemons=($!)
trap 'kill "${daemons[@]}" 2>/dev/null; wait; rm -rf "$place"' EXIT
for _ in $(seq 100); do
    [ ! -S "$place/slurm/munge.socket" ] || break
    sleep 0.1
done
slurmctld -D -i >/dev/null 2>&1 &
daemons+=($!)
slurmd -D -N "$node" >/dev/null 2>&1 &
daemons+=($!)
for _ in $(seq 300); do
    [ "$(sinfo -h -o %T 2>/dev/null)" != idle ] || break
    sleep 0.1
done
holds slurm.node_is_idle test "$(sinfo -h -o %T 2>/dev/null)" = idle

emitted slurm
holds slurm.ran bash -c "cd '$root' && sbatch --wait --output=/dev/null '$out/array.sbatch' -o '$place/slurm.there' >'$place/slurm.log' 2>&1"
collected slurm
exit "$failed"
