/*
 * mine: one flush for up to 64 pages, which wait until the next step.
 *
 *      step:   map what the last step has copied; take out up to `budget` pages; flush once; copy all
 *      fault:  the page is copied already: map it
 */
#include "kernel/panic.h"
#include "mm/move.h"
#include "mm/tlb.h"

struct mine {
    struct move moves[64];
    u32 nr_open;
};

static const struct migrator mine;

static void mine_start(struct space *space)
{
    struct mine *m = space_own(space, MIGRATOR, &mine, sizeof(*m));

    m->nr_open = 0;
}

static void finish_all(struct space *space, struct mine *m)
{
    while (m->nr_open)
        move_finish(space, &m->moves[--m->nr_open]);
}

static void mine_stop(struct space *space)
{
    finish_all(space, space->own[MIGRATOR]);
}

static bool mine_step(struct space *space, u32 budget)
{
    struct mine *m = space->own[MIGRATOR];

    finish_all(space, m);
    budget = MIN(budget, (u32)ARRAY_SIZE(m->moves));
    while (budget--) {
        struct move *move = &m->moves[m->nr_open];
        enum outcome outcome;

        move->order = order_next(space);
        if (move->order.page == NO_PAGE)
            break;
        outcome = move_take(space, move);
        if (outcome == MOVED)
            m->nr_open++;
        else
            order_done(space, move->order, outcome);
    }
    if (!m->nr_open)
        return true;
    tlb_flush_all(FLUSH_PER_PAGES);
    for (u32 i = 0; i < m->nr_open; i++)
        move_copy(&m->moves[i]);
    return false;
}

static enum served mine_fault(struct space *space, u32 page, bool write)
{
    struct mine *m = space->own[MIGRATOR];

    (void)write;
    for (u32 i = 0; i < m->nr_open; i++)
        if (m->moves[i].order.page == page) {
            move_finish(space, &m->moves[i]);
            m->moves[i] = m->moves[--m->nr_open];
            return SERVED_WAITS;
        }
    PANIC("page %u is not on its way", page);
}

static const struct migrator mine = {
    .part = {.name = "mine", .summary = "a student's migrator", .start = mine_start, .stop = mine_stop},
    .step = mine_step,
    .fault = mine_fault,
};
REGISTER_MIGRATOR(mine);
