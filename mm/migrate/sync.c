/*
 * sync: Linux's order, page by page: unmap, flush that page everywhere, copy, map.
 *
 *      for each page of the plan:
 *          entry <- "moving"; flush page; copy; entry <- new frame
 *
 * Linux (mm/migrate.c, migrate_pages() before 6.3) sends one TLB shootdown a page. The daemon is always in the middle
 * of one page: the last page of a step is copied but not yet mapped, and a touch of it waits. Cost: two entry writes, a
 * page flush with its shootdown, and the copy. Known weak spot: the shootdowns.
 */
#include "mm/move.h"
#include "mm/tlb.h"

static struct plan_cursor cursor;
static struct move open_move;
static bool is_open;

static void sync_begin(struct space *space, const struct plan *plan)
{
    (void)space;
    cursor = (struct plan_cursor){.plan = plan};
    is_open = false;
}

static void close_move(struct space *space)
{
    if (is_open)
        move_finish(space, &open_move);
    is_open = false;
}

static bool sync_step(struct space *space, u32 budget)
{
    u32 page;
    enum tier to;

    while (budget--) {
        close_move(space);
        if (!plan_next(&cursor, &page, &to))
            return true;
        if (move_take(space, page, to, &open_move)) {
            migration_counts.failed++;
            continue;
        }
        is_open = true;
        tlb_flush_page(space_va(space, page), FLUSH_PER_PAGES);
        move_copy(&open_move);
    }
    return false;
}

static void sync_finish(struct space *space)
{
    close_move(space);
}

static bool sync_fault(struct space *space, u32 page, bool write)
{
    (void)write;
    if (!is_open || open_move.page != page)
        return false;
    close_move(space);
    return true;
}

static const struct migrator sync = {
    .name = "sync",
    .summary = "unmap, flush, copy, map: page by page, as Linux did",
    .begin = sync_begin,
    .step = sync_step,
    .finish = sync_finish,
    .fault = sync_fault,
};
REGISTER_MIGRATOR(sync);
