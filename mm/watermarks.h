/*
 * Demotion by watermarks, as Linux's kswapd: while little is free in the fast tier, its pages go down, those first that
 * were not accessed lately. What classifiers share that promote by faults.
 *
 *      pages of the fast tier stand in a queue
 *      asked for a page to demote:  less than `low` free, or asked on the way up to `high`?
 *          look at the queue's head:  accessed since it was last looked at: to the tail, else it is demoted;
 *          at most `watermark_looks` of them
 *
 * After mm/vmscan.c and mm/page_alloc.c (__setup_per_zone_wmarks()): the marks lie 0.1 % of the tier apart
 * (watermark_scale_factor 10); with memory tiering promotion wants one step more free than `high`, so kswapd goes on to
 * that mark (commit c574bbe917036c8968b984c82c7b13194fe5ce98). Differs: one queue with a second chance (CLOCK) in place
 * of active and inactive lists, and no `min` mark, since nothing here must not fail.
 */
#pragma once

#include "mm/bits.h"

struct watermarks {
    struct page_list queue;
    u32 step_pages; /* 0.1 % of the tier by default */
    bool demoting;  /* below `low` once, and not yet above `promo` */
    u32 open;       /* demotions that the migrator has */
};

extern u64 watermark_scale, watermark_looks;

/* An empty queue in the space's list `number`. */
void watermarks_start(struct space *space, struct watermarks *w, u32 number);

/* A page has come to the fast tier. */
static inline void watermarks_add(struct space *space, struct watermarks *w, u32 page)
{
    list_add_tail(&w->queue, space->pages, page);
}

/* The next page to demote, taken from the queue; NO_PAGE when enough is free, or none was found. */
u32 watermarks_next(struct space *space, struct watermarks *w);

/* A demotion has ended; what was not moved stands in the queue again. */
void watermarks_done(struct space *space, struct watermarks *w, u32 page, bool moved);

/* Whether so much is free that a page may come up: more than the mark above `high`. */
static inline bool watermarks_allow(const struct space *space, const struct watermarks *w)
{
    return space_room(space, TIER_FAST) > 3 * w->step_pages;
}

/* Wakes demotion when little is free; true when it did. */
static inline bool watermarks_wake(struct space *space, struct watermarks *w)
{
    if (space_room(space, TIER_FAST) >= w->step_pages)
        return false;
    return w->demoting = space->awake = true;
}
