/*
 * A workload: a program whose accesses are known. It sees one thing of the laboratory, its arena of managed memory.
 *
 * setup and verify run with the clock paused and reach the arena through the direct map (arena_direct): they set no A
 * or D bit, take no fault, and are counted nowhere. run uses the arena's own addresses, and everything it does is
 * counted. The checksum must not depend on where pages lie or when they moved. All functions may be called more than
 * once a boot: setup starts from nothing.
 */
#pragma once

#include "kernel/keys.h"
#include "kernel/types.h"

struct workload {
    const char *name, *summary;
    u64 ops, warmup;  /* default lengths of the phases, in the workload's own unit */
    const char *unit; /* what an op is */

    /*
     * How many of its misses an out-of-order core overlaps, in thousandths: 1000 for a dependent chase. Argue it where
     * it is set.
     */
    u32 mlp;

    /* Pages that it needs; refuses impossible parameters. Called first. */
    u64 (*pages)(void);

    /* Fills the arena; pages are placed in the order in which they are populated. */
    void (*setup)(u64 seed, u64 total_ops);

    /* Goes on for `ops` operations. */
    void (*run)(u64 ops);

    /* Checks everything that run has done, by another method, and tells the checksum. Returns whether it was right. */
    bool (*verify)(u64 *checksum);

    /*
     * The hot set that the program itself knows, at this moment: whether a page belongs, and how many pages do. Null
     * when it has none.
     */
    bool (*declared)(u32 page);
    u32 (*nr_declared)(void);

    /* A deadline on the workload's clock, and what to do when it has passed (from a tick). Null when it has none. */
    u64 (*deadline_ps)(void);
    void (*expired)(u64 now_ps);
};

#define REGISTER_WORKLOAD(object) REGISTER_IN(workloads, object)

/* The address of the arena's first byte, for run. */
void *arena_base(void);

/* The arena's byte at `offset`, through the direct map; its page must be populated. Valid until the page moves. */
void *arena_direct(u64 offset);

/* Gives a page its frame, zeroed; again for a page that has one does nothing. */
void arena_populate(u32 page);

/* Whether a page has a frame. */
bool arena_populated(u32 page);

/* Zeroed kernel memory for tables that are no part of the experiment. It is not given back: ask once. */
void *workload_alloc(size_t bytes);
