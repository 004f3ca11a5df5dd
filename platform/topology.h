/*
 * The machine's NUMA nodes: their memory, how far each is from the processor, and which two of them are the tiers.
 * Filled from ACPI's tables (platform/acpi.h).
 */
#pragma once

#include "kernel/types.h"

#define MAX_NODES       16
#define MAX_NODE_RANGES 16

struct node {
    u32 domain; /* ACPI proximity domain */
    unsigned nr_ranges;
    struct range {
        paddr_t base, end;
    } range[MAX_NODE_RANGES]; /* as SRAT says, neighbours merged; the memory map may allow less */
    u32 distance;             /* SLIT, from the processor's node; 10 is local, 0 unknown */
    u64 latency_ps;           /* HMAT access latency; 0 unknown */
    u64 bandwidth_MBps;       /* HMAT access bandwidth; 0 unknown */
};

struct topology {
    struct node node[MAX_NODES]; /* those with memory, in order of domain */
    unsigned nr_nodes;
    u32 apic_id;           /* of the processor that we run on */
    u32 cpu_domain;        /* where it belongs */
    bool cpu_placed;       /* whether SRAT says so */
    unsigned nr_cpus;      /* usable processors in MADT */
    const char *ranked_by; /* "HMAT", "SLIT", or "key" when the user chose */
    const struct node *tier[NR_TIERS];
};

extern struct topology topology;

#define NODE_ANY (~(u64)0)

/*
 * Gives a node memory. What lies above the direct map is passed over, and of memory that can be plugged in only what
 * the firmware's memory map (boot_info) has counts: the rest is not there yet. unfit() for more nodes or pieces than
 * there is room for. `end` may not be below `base`.
 */
void topology_add_memory(u32 domain, paddr_t base, paddr_t end, bool hot_plug);

/* unfit() when two nodes claim the same memory: their frames would be handed out twice. */
void topology_check_disjoint(void);

/* The node of a domain, or null: it has no memory. */
struct node *topology_node(u32 domain);

/*
 * Chooses the tiers: the fast one is the node nearest to the processor, the slow one the farthest; others stay unused.
 * Nearer is the lower HMAT latency, when every node has one, and the lower SLIT distance among equals or else; nodes
 * that are equally far rank by domain. `wanted` names a node by its domain, or is NODE_ANY: refuse() when it has no
 * memory, or both are the same. unfit() when there are not two nodes, or nothing says which is nearer.
 */
void topology_rank(const u64 wanted[NR_TIERS]);
