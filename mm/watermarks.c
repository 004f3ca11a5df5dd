#include "mm/watermarks.h"
#include "mm/move.h"

#define DEF_PRIORITY 12 /* Linux's */

KEY_NUMBER(watermark_scale, "watermark_scale", 10, 1, 1000,
           "demotion by watermarks: distance of two marks in 1/10000 of the fast tier; Linux's watermark_scale_factor: 10");
KEY_NUMBER(watermark_looks, "watermark_looks", 32, 1, 4096,
           "demotion by watermarks: pages looked at for one to demote; Linux's SWAP_CLUSTER_MAX: 32");

u32 watermarks_step(const struct space *space)
{
    return (u32)MAX(space->share[TIER_FAST] * watermark_scale / 10000, 1);
}

void watermarks_start(struct space *space, struct watermarks *w, u32 number)
{
    u32 step = watermarks_step(space);

    *w = (struct watermarks){.low = step, .high = 2 * step, .goal = 3 * step, .priority = DEF_PRIORITY};
    list_init(&w->queue, space->pages, space->nr_pages + number);
}

u32 watermarks_next(struct space *space, struct watermarks *w)
{
    u32 free = space_room(space, TIER_FAST) + w->open;

    w->demoting = free < w->low || (w->demoting && free <= w->goal);
    if (!w->demoting) {
        w->priority = DEF_PRIORITY;
        return NO_PAGE;
    }
    for (u64 looks = MAX(watermark_looks, w->queue.count >> w->priority); looks && w->queue.count; looks--) {
        u32 page = list_head(&w->queue, space->pages);
        list_remove(&w->queue, space->pages, page);
        if (!take_accessed(space, page)) {
            w->open++;
            return page;
        }
        list_add_tail(&w->queue, space->pages, page);
    }
    if (--w->priority)
        migration_wake(space);
    else
        w->priority = DEF_PRIORITY;
    return NO_PAGE;
}

void watermarks_done(struct space *space, struct watermarks *w, u32 page, bool moved)
{
    w->open--;
    if (!moved)
        watermarks_add(space, w, page);
}
