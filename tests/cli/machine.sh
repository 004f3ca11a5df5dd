#!/usr/bin/env bash
# Machines that are not what the guest needs: each is refused, with one line that names what is wrong.
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"
# shellcheck source=tests/cli/acpi-tables
. "$here/acpi-tables"
launcher=("$root/run-qemu.sh" -o "$place/results")
# A machine of 44 MiB (tools/machine.sh), with more in the fast node than the tier: the kernel's share.
small=(fast=8M slow=8M footprint=8M hot=2M ops=20000 warmup=1000)

# Processors without what the image stands on; the line is there even where paging cannot be. QEMU takes the last -cpu.
processor() { # name, QEMU's -cpu, pattern
    refused "$1" 5 "^tierlab: the processor has no $3 .*CPUID leaf" run --no-model "${small[@]}" -- -cpu "$2"
}
processor no_long_mode max,-lm 'long mode'
processor no_nx max,-nx NX
processor no_local_apic max,-apic 'local APIC'
processor of_1993 pentium 'physical address extension'

# Tables of our own. The boot goes on to a summary where they are right.
launcher=("$root/run-qemu.sh" --qemu "$place/qemu" -o "$place/results" --no-model)
with() { # names of tables
    TABLES=''
    local name
    for name; do TABLES+=" $place/$name"; done
    export TABLES
}
right() { # name, domains of fast and slow tier, what ranked them, further arguments
    local name=$1 want="$2 $3 $4" got
    shift 4
    rm -rf "$place/results"
    expect "$name" 0 '' run "${small[@]}" "$@"
    got=$(jq -r 'select(.kind == "run").topology | [(.nodes[] | select(.tier == "fast").node),
        (.nodes[] | select(.tier == "slow").node), .ranked_by] | join(" ")' "$place"/results/*/records.jsonl)
    if [ "$got" = "$want" ]; then ok "$name.tiers"; else not_ok "$name.tiers" "want $want, got $got"; fi
}
wrong() { # name, pattern
    refused "$1" 5 "^tierlab: $2" run "${small[@]}"
}
nodes=$(memory 0 0 28 1)$(memory 1 28 16 1)
srat two.srat "$(cpu 0)$nodes"
slit two.slit 2 10 20 20 10

# The processor's node decides what is near. Firmware may give it by an entry for 32-bit APIC ids alone.
srat x2apic.srat "$(x2apic_cpu 1)$nodes"
with x2apic.srat two.slit
right x2apic_affinity 1 0 SLIT

# Two nodes that claim the same memory.
srat same.srat "$(cpu 0)$(memory 0 0 44 1)$(memory 1 0 44 1)"
with same.srat two.slit
wrong same_range '.*nodes 0 and 1 both claim the memory from 0 to 2bfffff'

# No order between the nodes, unless the user gives one.
slit level.slit 2 10 10 10 10
with two.srat level.slit
wrong no_order 'NUMA nodes 0 and 1 are equally far'
right no_order_but_keys 0 1 key fast_node=0 slow_node=1

# Latencies: they go before distances, and may not wrap.
hmat_latency near-1.hmat 1000 300 100
with two.srat two.slit near-1.hmat
right hmat_before_slit 1 0 HMAT
hmat_latency huge.hmat $((1 << 62)) 10 30
with two.srat two.slit huge.hmat
wrong hmat_overflow 'ACPI table HMAT is damaged: an entry times its base unit'

# Memory in many pieces, as hypervisors give it: neighbours are one, what can be plugged in and what lies above 4 GiB does not
# count. All of it would be more ranges than there is room for.
pieces=$(for ((at = 0; at < 28; at++)); do memory 0 $at 1 1; done)
later=$(for ((at = 0; at < 20; at++)); do memory 1 $((1024 + 2 * at)) 1 3 && memory 0 $((8192 + 2 * at)) 1 1; done)
srat pieces.srat "$(cpu 0)$pieces$(memory 1 28 16 3)$later$(memory 2 16384 1024 1)"
with pieces.srat two.slit
right many_pieces 0 1 SLIT
bytes=$(jq -c 'select(.kind == "run").topology.nodes | map(.bytes / 1048576)' "$place"/results/*/records.jsonl)
holds many_pieces.bytes test "$bytes" = '[28,15.875]' # QEMU's firmware keeps the last 128 KiB for its own tables

# Three nodes: the nearest and the farthest are the tiers, or those that the keys name. `list` says so.
srat three.srat "$(cpu 0)$(memory 0 0 20 1)$(memory 1 20 12 1)$(memory 2 32 12 1)"
slit three.slit 3 10 30 20 30 10 20 20 20 10
with three.srat three.slit
right three_nodes 0 1 SLIT
right three_nodes_fast_node 2 1 key fast_node=2
keys=$(jq -c 'select(.kind == "run").keys | [.fast_node, .slow_node]' "$place"/results/*/records.jsonl)
holds effective_keys test "$keys" = '[2,1]'
refused unknown_node 4 '^tierlab: slow_node=7: no NUMA node' run "${small[@]}" slow_node=7
refused one_node_for_both 4 '^tierlab: fast_node=1 and slow_node=1: a tier each' run "${small[@]}" fast_node=1 slow_node=1
expect three_nodes_listed 0 '' list fast=8M slow=8M
holds list_says_fast grep -q '^  0  *fast tier: the nearest to the processor, by SLIT' "$place/out"
holds list_says_slow grep -q '^  1  *slow tier: the farthest from the processor, by SLIT' "$place/out"
holds list_says_unused grep -q '^  2  *unused: between the two, by SLIT' "$place/out"

# What HMAT tells of the tiers is the preset's: 88 and 305 ns by default.
expect tells_latencies 0 '' -n run
for tier in '0 88' '1 305'; do
    holds "tells_latency_${tier% *}" grep -Eq "target=${tier% *},data-type=access-latency,latency=${tier#* }( |,|'|\$)" "$place/out"
done

exit "$failed"
