/*
 * Demotion by watermarks, as Linux's kswapd: while little is free in the fast tier, its pages go down, those first that
 * were not accessed lately. What classifiers share that promote by faults.
 *
 *      pages of the fast tier stand in a queue
 *      asked for a page to demote:  less than the low mark free, or woken and not yet above the goal?
 *          look at the queue's head:  accessed since it was last looked at: to the tail, else it is demoted;
 *          at most 1/2^priority of the queue, and at least `watermark_looks` pages
 *      none of them was idle:  priority one less, and go on at the next tick; from 1 on give up until woken again
 *      above the goal:         priority 12
 *
 * After mm/vmscan.c (balance_pgdat(), DEF_PRIORITY) and mm/page_alloc.c (__setup_per_zone_wmarks()): the marks low, high
 * and promo lie 0.1 % of the tier apart (watermark_scale_factor 10); allocation wakes kswapd below `low`, promotion when
 * it finds no more than `high` (migrate_balanced_pgdat()), and with memory tiering kswapd goes on to `promo` (commit
 * c574bbe917036c8968b984c82c7b13194fe5ce98). Differs: one queue with a second chance (CLOCK) in place of active and
 * inactive lists; no `min` mark, since nothing here must not fail; and promotion may take what is below `high`, too,
 * where Linux's gives up. A kswapd that gave up is woken by the next fault and not only after sixteen such rounds.
 */
#pragma once

#include "mm/bits.h"

struct watermarks {
    struct page_list queue;
    u32 low, high; /* free pages below, up to which allocation, promotion wakes demotion: one step and two */
    u32 goal;      /* and above which demotion ends: three steps, Linux's promo mark */
    bool demoting; /* woken, and not yet above the goal */
    u32 priority;  /* 1/2^priority of the queue is looked at for one page */
    u32 open;      /* demotions that the migrator has */
};

extern u64 watermark_scale, watermark_looks;

/* Pages of this machine's core in so many modelled ps at a rate in MB/s of the whole machine. */
static inline u64 rate_pages(u64 MBps, u64 ps)
{
    return MBps * (ps / 1000000) / model_header()->cores / PAGE_SIZE;
}

/* The distance of two marks: 0.1 % of the fast tier by default, at least a page. */
u32 watermarks_step(const struct space *space);

/* An empty queue in the space's list `number`, and Linux's marks. */
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

/* Whether so much is free that any page may come up: more than the goal. */
static inline bool watermarks_allow(const struct space *space, const struct watermarks *w)
{
    return space_room(space, TIER_FAST) > w->goal;
}

/* A page was allocated: wakes demotion when less than the low mark is free. */
static inline void watermarks_allocated(struct space *space, struct watermarks *w)
{
    if (space_room(space, TIER_FAST) < w->low)
        w->demoting = space->awake = true;
}

/* A page was promoted, or was to be: wakes demotion when no more than the high mark is free. */
static inline void watermarks_promoted(struct space *space, struct watermarks *w)
{
    if (space_room(space, TIER_FAST) <= w->high)
        w->demoting = space->awake = true;
}
