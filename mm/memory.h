/*
 * Who owns physical memory.
 *
 * Each tier's node gives one contiguous run of frames to the managed spaces: exactly the bytes that `fast=` and `slow=`
 * name. What else the fast node has is the kernel's: page tables, struct pages, the laboratory's counts.
 *
 *      fast node   | BIOS | image | kernel pool ........ | managed frames (fast=) |
 *      slow node   | managed frames (slow=) | ... | ACPI tables |
 */
#pragma once

#include "mm/frame.h"

/* Lays out both nodes. unfit() when a node is too small. Needs topology and boot_info. */
void memory_init(u64 fast_bytes, u64 slow_bytes);

/* Zeroed kernel memory, 64-byte aligned (page aligned from a page on); never null: unfit() when the pool is exhausted.
 */
void *kmem_alloc(size_t bytes);

/* The same from the pool's far end, for whoever only looks: what others allocate later lies where it would without it. Not
 * given back. */
void *kmem_alloc_apart(size_t bytes);

/* Everything allocated since kmem_mark() returned this value is given back. */
size_t kmem_mark(void);
void kmem_release(size_t mark);

size_t kmem_used(void);

extern struct frame_pool frame_pools[NR_TIERS];

static inline struct frame_pool *frame_pool(enum tier tier)
{
    return &frame_pools[tier];
}

/* Which tier a frame belongs to; everything that is not in the slow pool is fast. */
static inline enum tier frame_tier(pfn_t pfn)
{
    return frame_pool_has(&frame_pools[TIER_SLOW], pfn) ? TIER_SLOW : TIER_FAST;
}

/* A managed frame, or PFN_INVALID when the tier is full. */
static inline pfn_t frame_alloc(enum tier tier)
{
    return frame_pool_alloc(&frame_pools[tier]);
}

static inline void frame_free(pfn_t pfn)
{
    frame_pool_free(&frame_pools[frame_tier(pfn)], pfn);
}

/* One past the highest byte of memory that the direct map must reach. */
paddr_t memory_end(void);
