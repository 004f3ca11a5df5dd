/*
 * Frames: which 4 KiB pieces of a node's memory are free. One pool a tier, holding what managed spaces may use.
 * Pure code: it touches only the links that it is given, never the frames, and is tested on the host as well.
 *
 * A leaf of 2 MiB needs a *run*: 512 frames in a row, the first at a multiple of 2 MiB. Runs are taken out of the same
 * list as single frames and their frames can be freed one by one, so neither is set aside for the other. Single frames
 * are by far the most frequent and do without any account of runs; who wants a run searches for it.
 */
#pragma once

#include "kernel/panic.h"
#include "kernel/types.h"

struct frame_pool {
    pfn_t first;
    u32 nr_frames, nr_free, nr_reserved; /* what is neither free nor reserved is in use */
    u32 head;                            /* index of the first free frame; FRAME_LAST when there is none */
    u32 *links; /* per frame: index of the next free one, FRAME_LAST, FRAME_USED or FRAME_RESERVED */
};

#define FRAME_LAST     0xffffffffu
#define FRAME_USED     0xfffffffeu
#define FRAME_RESERVED 0xfffffffdu

/* All frames start free, and are handed out in ascending order first. `links` has room for nr_frames and is kept. */
void frame_pool_init(struct frame_pool *pool, pfn_t first, u32 nr_frames, u32 *links);

/* Takes a free frame out for good. O(nr_frames). Returns 0, ERR_RANGE (not of this pool) or ERR_BUSY (not free). */
int frame_pool_reserve(struct frame_pool *pool, pfn_t pfn);

static inline bool frame_pool_has(const struct frame_pool *pool, pfn_t pfn)
{
    return pfn - pool->first < pool->nr_frames;
}

#define RUN_FRAMES 512

/*
 * Takes a run, or returns PFN_INVALID when no aligned 512 frames are free: nobody moves others' frames out of the way.
 * The run freed last is found at once, if no frame was taken or freed since; else it is the lowest one, in
 * O(nr_frames).
 */
pfn_t frame_pool_alloc_run(struct frame_pool *pool);

/* Frees the 512 frames from `first` on: the next single ones, in their order. One that is not in use is a panic. */
void frame_pool_free_run(struct frame_pool *pool, pfn_t first);

bool frame_pool_in_use(const struct frame_pool *pool, pfn_t pfn);

/* The frame freed last, of a pool that has one. */
static inline pfn_t frame_pool_take(struct frame_pool *pool)
{
    u32 index = pool->head;

    pool->head = pool->links[index];
    pool->links[index] = FRAME_USED;
    pool->nr_free--;
    return pool->first + index;
}

/* The same, or PFN_INVALID when none is left. */
static inline pfn_t frame_pool_alloc(struct frame_pool *pool)
{
    return pool->head == FRAME_LAST ? PFN_INVALID : frame_pool_take(pool);
}

/* Freeing a frame that is not in use (twice, reserved, not of this pool) is a panic. */
static inline void frame_pool_free(struct frame_pool *pool, pfn_t pfn)
{
    u32 index = pfn - pool->first;

    ASSERT(index < pool->nr_frames && pool->links[index] == FRAME_USED);
    pool->links[index] = pool->head;
    pool->head = index;
    pool->nr_free++;
}
