/*
 * The machine as ACPI describes it: NUMA nodes, their memory, and how far each is from the processor.
 * Tables: ACPI specification 6.5, 5.2.5 (RSDP), 5.2.16 (SRAT), 5.2.17 (SLIT), 5.2.29 (HMAT), 5.2.12 (MADT).
 */
#pragma once

#include "kernel/types.h"

#define MAX_NODES       8
#define MAX_NODE_RANGES 4

struct node {
    u32 domain; /* ACPI proximity domain */
    enum tier tier;
    unsigned nr_ranges;
    struct {
        paddr_t base, end;
    } range[MAX_NODE_RANGES]; /* as SRAT says; the memory map may allow less */
    u32 distance;             /* SLIT, from the processor's node; 10 is local, 0 unknown */
    u64 latency_ps;           /* HMAT access latency; 0 unknown */
    u64 bandwidth_MBps;       /* HMAT access bandwidth; 0 unknown */
};

struct topology {
    struct node node[MAX_NODES]; /* in order of domain */
    unsigned nr_nodes;
    u32 cpu_domain;        /* where the processor that we run on belongs */
    paddr_t lapic;         /* physical address of the local APIC */
    unsigned nr_cpus;      /* usable processors in MADT */
    const char *ranked_by; /* "HMAT" or "SLIT" */
    const struct node *tier[NR_TIERS];
};

extern struct topology topology;

/*
 * Reads the tables and ranks the nodes that have memory. unfit() when a table is damaged or missing, or when there are
 * not two such nodes that differ in rank. Needs boot_info and the boot page tables; ACPI memory must not have been
 * reused.
 */
void acpi_init(void);
