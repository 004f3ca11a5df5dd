#include "mm/frame.h"
#include "kernel/err.h"

void frame_pool_init(struct frame_pool *pool, pfn_t first, u32 nr_frames, u32 *links)
{
    *pool = (struct frame_pool){.first = first,
                                .nr_frames = nr_frames,
                                .nr_free = nr_frames,
                                .head = nr_frames ? 0 : FRAME_LAST,
                                .links = links};
    for (u32 i = 0; i < nr_frames; i++)
        links[i] = i + 1 < nr_frames ? i + 1 : FRAME_LAST;
}

int frame_pool_reserve(struct frame_pool *pool, pfn_t pfn)
{
    u32 index = pfn - pool->first, *link = &pool->head;

    if (!frame_pool_has(pool, pfn))
        return ERR_RANGE;
    while (*link != FRAME_LAST && *link != index)
        link = &pool->links[*link];
    if (*link == FRAME_LAST)
        return ERR_BUSY;
    *link = pool->links[index];
    pool->links[index] = FRAME_RESERVED;
    pool->nr_free--;
    pool->nr_reserved++;
    return 0;
}

bool frame_pool_in_use(const struct frame_pool *pool, pfn_t pfn)
{
    return frame_pool_has(pool, pfn) && pool->links[pfn - pool->first] == FRAME_USED;
}

/* Whether the list begins with a run in its order: one that was freed whole, or of a pool as it is at first. */
static bool run_on_top(const struct frame_pool *pool)
{
    u32 first = pool->head;

    if ((pool->first + first) % RUN_FRAMES || pool->nr_frames - first < RUN_FRAMES)
        return false;
#pragma GCC unroll 8
    for (u32 i = first; i < first + RUN_FRAMES - 1; i++)
        if (pool->links[i] != i + 1)
            return false;
    return true;
}

static void take_top(struct frame_pool *pool)
{
    u32 *links = pool->links + pool->head;

    pool->head = links[RUN_FRAMES - 1];
#pragma GCC unroll 8
    for (u32 i = 0; i < RUN_FRAMES; i++)
        links[i] = FRAME_USED;
}

static bool is_free_run(const struct frame_pool *pool, u32 first)
{
    for (u32 i = first; i < first + RUN_FRAMES; i++)
        if (pool->links[i] == FRAME_USED || pool->links[i] == FRAME_RESERVED)
            return false;
    return true;
}

/* Takes a free run out of the list, wherever its frames stand in it. */
static void take_run(struct frame_pool *pool, u32 first)
{
    u32 *link = &pool->head, left = RUN_FRAMES;

    for (;;) {
        u32 index = *link;
        for (; index - first < RUN_FRAMES; left--) {
            u32 next = pool->links[index];
            pool->links[index] = FRAME_USED;
            index = next;
        }
        *link = index;
        if (!left)
            return;
        link = &pool->links[index];
    }
}

pfn_t frame_pool_alloc_run(struct frame_pool *pool)
{
    u32 first = pool->head;

    if (pool->nr_free < RUN_FRAMES)
        return PFN_INVALID;
    if (run_on_top(pool)) {
        take_top(pool);
    } else {
        first = (u32)(ALIGN_UP(pool->first, RUN_FRAMES) - pool->first);
        while (first + RUN_FRAMES <= pool->nr_frames && !is_free_run(pool, first))
            first += RUN_FRAMES;
        if (first + RUN_FRAMES > pool->nr_frames)
            return PFN_INVALID;
        take_run(pool, first);
    }
    pool->nr_free -= RUN_FRAMES;
    return pool->first + first;
}

void frame_pool_free_run(struct frame_pool *pool, pfn_t pfn)
{
    u32 first = pfn - pool->first, *links = pool->links + first, unused = 0;

    ASSERT(pfn % RUN_FRAMES == 0 && first < pool->nr_frames && pool->nr_frames - first >= RUN_FRAMES);
#pragma GCC unroll 8
    for (u32 i = 0; i < RUN_FRAMES; i++) {
        unused |= links[i] ^ FRAME_USED;
        links[i] = first + i + 1;
    }
    ASSERT(!unused);
    links[RUN_FRAMES - 1] = pool->head;
    pool->head = first;
    pool->nr_free += RUN_FRAMES;
}
