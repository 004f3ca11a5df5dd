/*
 * sync and batch where leaves may be of 2 MiB.
 *
 *      step:   map what the last step copied
 *              a leaf:  entry <- empty; flush; copy 512 pages                      (that is all for this step)
 *              a page:  as sync does; where it is part of a leaf, that is split first
 *
 * Which it is, the space says (enum leaf_use): orders name whole leaves, or pages. A step is 512 pages at most, so a batch of leaves
 * holds one, and both migrators come down to this: one flush a leaf, which waits for a fault while its copy is being paid for. As Linux
 * moves a huge page whole, and splits it when only a part is to go (mm/migrate.c, try_split_folio()). Cost: one flush and 512
 * copies a leaf; a split writes 513 entries and flushes. Known weak spot: a leaf with one hot page takes 512 frames of the fast tier with
 * it; split leaves are never collapsed again.
 */
#include "mm/huge.h"
#include "mm/move.h"
#include "mm/tlb.h"

struct leaves {
    struct order order;
    struct huge_move leaf; /* of which order is, if leaf_open */
    struct move page;
    bool leaf_open, page_open;
    u64 split_leaves;
};

static const struct leaf_part leaves_sync;

static void start_of(struct space *space)
{
    struct leaves *m = space_own(space, MIGRATOR, &leaves_sync, sizeof(*m));

    *m = (struct leaves){0};
}

static void close_moves(struct space *space, struct leaves *m)
{
    if (m->leaf_open) {
        huge_finish(space, &m->leaf);
        space->migration.moved_to[m->order.to] += HUGE_PAGES;
        space->classifier->done(space, m->order, MOVED);
    }
    if (m->page_open)
        move_finish(space, &m->page);
    m->leaf_open = m->page_open = false;
}

static void stop(struct space *space)
{
    close_moves(space, space->own[MIGRATOR]);
}

static enum outcome take_leaf(struct space *space, struct leaves *m)
{
    enum outcome outcome = huge_take(space, &m->leaf, m->order.page, m->order.to);
    u32 *left = &space->moves_left[m->order.to];

    if (outcome != MOVED)
        return outcome;
    *left -= MIN(*left, HUGE_PAGES - 1); /* one was counted when the order was given */
    huge_copy(&m->leaf);
    m->leaf_open = true;
    return MOVED;
}

static enum outcome take_page(struct space *space, struct leaves *m)
{
    enum outcome outcome;

    if (space_leaf_pages(space, m->order.page) > 1) {
        if (!space_has_room(space, m->order.to)) /* it is not split for nothing */
            return NO_ROOM;
        huge_split(space, m->order.page);
        m->split_leaves++;
    }
    m->page.order = m->order;
    outcome = move_take(space, &m->page);
    if (outcome != MOVED)
        return outcome;
    tlb_flush_page(space_va(space, m->order.page), FLUSH_PER_PAGES);
    move_copy(&m->page);
    m->page_open = true;
    return MOVED;
}

static bool step(struct space *space, u32 budget)
{
    struct leaves *m = space->own[MIGRATOR];
    bool worked = false;

    close_moves(space, m);
    while (budget && (m->order = order_next(space)).page != NO_PAGE) {
        bool whole = space_unit_pages(space, m->order.page) > 1;
        enum outcome outcome = whole ? take_leaf(space, m) : take_page(space, m);

        worked = true;
        budget -= MIN(budget, whole ? HUGE_PAGES : 1);
        if (outcome != MOVED)
            order_done(space, m->order, outcome);
        else if (budget)
            close_moves(space, m);
    }
    return !worked;
}

static enum served fault(struct space *space, u32 page, bool write)
{
    (void)page, (void)write;
    close_moves(space, space->own[MIGRATOR]);
    return SERVED_WAITS;
}

#define LEAF_MIGRATOR(named)                                                                                           \
    {                                                                                                                  \
        .part = {.name = named,                                                                                        \
                 .summary = "leaves of 2 MiB whole, pages as sync",                                                    \
                 .counters = {COUNTER(leaves, split_leaves)},                                                          \
                 .start = start_of,                                                                                    \
                 .stop = stop},                                                                                        \
        .step = step, .fault = fault,                                                                                  \
    }
static const struct migrator sync = LEAF_MIGRATOR("sync"), batch = LEAF_MIGRATOR("batch");
static const struct leaf_part leaves_sync = {.name = "sync", .summary = "leaves whole, or split", .migrator = &sync};
static const struct leaf_part leaves_batch = {.name = "batch", .summary = "leaves whole, or split", .migrator = &batch};
REGISTER_LEAF_PART(leaves_sync);
REGISTER_LEAF_PART(leaves_batch);
