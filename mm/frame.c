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
