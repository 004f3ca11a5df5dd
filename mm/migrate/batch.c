/*
 * batch: one flush for many pages.
 *
 *      step:   map what the last step copied
 *              take out up to `budget` pages; flush once; copy them all
 *
 * As Linux since 6.3 (mm/migrate.c, migrate_pages_batch(): unmap all, try_to_unmap_flush(), move all). While a batch is
 * being paid for its pages fault, and the workload waits for the step: large batches save shootdowns and cost waits.
 * Cost: two entry writes and the copy a page, one full flush with its shootdown a batch.
 */
#include "kernel/panic.h"
#include "mm/move.h"
#include "mm/tlb.h"

#define MAX_BATCH 512

struct batch {
    struct move moves[MAX_BATCH];
    u32 nr_open;
};

static const struct migrator batch_migrator;

static void finish(struct space *space, struct batch *b)
{
    for (u32 i = 0; i < b->nr_open; i++)
        move_finish(space, &b->moves[i]);
    b->nr_open = 0;
}

static void batch_start(struct space *space)
{
    struct batch *b = space_own(space, MIGRATOR, &batch_migrator, sizeof(*b));

    b->nr_open = 0;
}

static void batch_stop(struct space *space)
{
    finish(space, space->own[MIGRATOR]);
}

static bool batch_step(struct space *space, u32 budget)
{
    struct batch *b = space->own[MIGRATOR];
    struct move *end = b->moves;

    finish(space, b);
    for (budget = MIN(budget, MAX_BATCH); budget && (end->order = order_next(space)).page != NO_PAGE; budget--) {
        enum outcome outcome = move_take(space, end);
        if (outcome == MOVED)
            end++;
        else
            order_done(space, end->order, outcome);
    }
    if (end == b->moves)
        return true;
    tlb_flush_all(FLUSH_PER_PAGES);
    for (const struct move *move = b->moves; move < end; move++)
        move_copy(move);
    b->nr_open = (u32)(end - b->moves);
    return false;
}

static enum served batch_fault(struct space *space, u32 page, bool write)
{
    struct batch *b = space->own[MIGRATOR];
    u32 i = 0;

    (void)write;
    while (i < b->nr_open && b->moves[i].order.page != page)
        i++;
    ASSERT(i < b->nr_open);
    move_finish(space, &b->moves[i]);
    b->moves[i] = b->moves[--b->nr_open];
    return SERVED_WAITS;
}

static const struct migrator batch_migrator = {
    .part = {.name = "batch",
             .summary = "unmap many, flush once, copy, map: as Linux does since 6.3",
             .start = batch_start,
             .stop = batch_stop},
    .step = batch_step,
    .fault = batch_fault,
};
REGISTER_MIGRATOR(batch_migrator);
