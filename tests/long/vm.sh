#!/usr/bin/env bash
# Every workload in a virtual machine under every policy, and every tracker, classifier and migrator there: one seed, one answer, that of the
# host build. Then 20 repeats of one run, and the same on QEMU 10.
# shellcheck source=tests/long/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"
# shellcheck source=tests/matrix
. "$root/tests/matrix"

flock -F "$root" make -s -C "$root" all native >/dev/null 2>"$place/err" || not_ok build "$(head -n 1 "$place/err")"
names=$(workload_names | grep -v '^replay$') # it reads a file, which no machine does
listed() { # kind
    "$root/run-qemu.sh" list 2>/dev/null </dev/null |
        awk -v kind="$1" '/^[^ ]/ { is = $1 } is == kind && /^ / && $1 !~ /^broken/ && !/for tests/ { print $1 }'
}
sizes='vms=1 fast=3M slow=48M window_us=500 score_windows=1 decide_windows=1 step_pages=512'
{
    for workload in $names; do
        for policy in $(listed policy); do echo "$workload policy:$policy policy=$policy $sizes"; done
    done
    for tracker in $(listed tracker); do echo "hotset tracker:$tracker policy=lru tracker=$tracker $sizes"; done
    "$root/run-qemu.sh" list 2>/dev/null </dev/null | awk -v sizes="$sizes" '/^[^ ]/ { is = $1 } is == "classifier" && /^ / && !/for tests/ {
        print "hotset classifier:" $1, "policy=lru classifier=" $1, "tracker=" (/\[wants[^]]*(touches|idle)/ ? "hint" : "abit"), sizes }'
    for migrator in $(listed migrator); do echo "hotset migrator:$migrator policy=lru migrator=$migrator $sizes"; done
    for daemons in 0 1; do echo "kv daemons:$daemons policy=lru daemons=$daemons $sizes"; done
} >"$place/cells"
holds whole_matrix test "$(wc -l <"$place/cells")" -ge $((5 * $(wc -w <<<"$names")))
run_cells "$place" <"$place/cells" >"$place/answers"
judge_cells "$place/answers" "$names"

# The launcher keeps one result a RUN and compares: twenty runs, one set of bytes.
for i in {1..20}; do
    expect "repeat.$i" 0 '' run -o "$place/repeats" vms=1 policy=lru fast=2M slow=12M footprint=8M hot=1M warmup=50000 ops=100000
done
# Four machines of 32 MiB, each with another program, get through it to verification, with the answers that the programs have without a machine.
four=(hotset gups kv graph500-bfs)
expect four 0 '' run vms=4 fast=32M slow=256M policy=lru size=32M vm0=workload:hotset vm1=workload:gups vm2=workload:kv vm3=workload:graph500-bfs
records=$(sed -n 's/^records: //p' "$place/out")
for i in 0 1 2 3; do
    expect "alone.${four[i]}" 0 '' run policy=first-touch workload="${four[i]}" size=32M fast=32M slow=64M
    alone=$(jq -r 'select(.kind == "summary") | .checksum' "$(sed -n 's/^records: //p' "$place/out")")
    holds "four.${four[i]}" test "$(jq -r --argjson nr $i 'select(.kind == "machine" and .machine == $nr) | "\(.verified) \(.checksum)"' "$records")" = "true $alone"
done

dir=$root/build/qemu10
if [ -x "$dir/qemu-system-x86_64" ] || "$root/tools/get-qemu" bookworm-backports "$dir" >"$place/get" 2>&1; then
    expect qemu10.tests 0 '' test vm. --qemu "$dir/qemu-system-x86_64"
    expect qemu10.run 0 '' run vms=1 policy=lru fast=2M slow=12M footprint=8M hot=1M warmup=50000 ops=100000 \
        --qemu "$dir/qemu-system-x86_64"
else
    skip qemu10 "no QEMU 10: $(tail -n 1 "$place/get")"
fi
exit "$failed"
