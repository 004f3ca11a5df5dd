/*
 * sync: Linux's order, page by page: unmap, flush that page everywhere, copy, map.
 *
 *      for each order:
 *          entry <- "moving"; flush page; copy; entry <- new frame
 *
 * Linux (mm/migrate.c, migrate_pages() before 6.3) sends one TLB shootdown a page. The daemon is always in the middle
 * of one page: the last page of a step is copied but not yet mapped, and a touch of it waits. Cost: two entry writes, a
 * page flush with its shootdown, and the copy. Known weak spot: the shootdowns.
 */
#include "mm/move.h"
#include "mm/tlb.h"

struct sync {
    struct move move;
    bool is_open;
};

static const struct migrator sync;

static void close_move(struct space *space, struct sync *s)
{
    if (s->is_open)
        move_finish(space, &s->move);
    s->is_open = false;
}

static void sync_start(struct space *space)
{
    struct sync *s = space_own(space, MIGRATOR, &sync, sizeof(*s));

    s->is_open = false;
}

static void sync_stop(struct space *space)
{
    close_move(space, space->own[MIGRATOR]);
}

static bool sync_step(struct space *space, u32 budget)
{
    struct sync *s = space->own[MIGRATOR];
    bool moved = false;

    close_move(space, s);
    while (budget-- && (s->move.order = order_next(space)).page != NO_PAGE) {
        enum outcome outcome = move_take(space, &s->move);
        if (outcome != MOVED) {
            order_done(space, s->move.order, outcome);
            continue;
        }
        tlb_flush_page(space_va(space, s->move.order.page), FLUSH_PER_PAGES);
        move_copy(&s->move);
        moved = s->is_open = true;
        if (budget)
            close_move(space, s);
    }
    return !moved;
}

static enum served sync_fault(struct space *space, u32 page, bool write)
{
    (void)page, (void)write;
    close_move(space, space->own[MIGRATOR]);
    return SERVED_WAITS;
}

static const struct migrator sync = {
    .part = {.name = "sync",
             .summary = "unmap, flush, copy, map: page by page, as Linux did",
             .start = sync_start,
             .stop = sync_stop},
    .step = sync_step,
    .fault = sync_fault,
};
REGISTER_MIGRATOR(sync);
