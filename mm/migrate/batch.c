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
#include "mm/move.h"
#include "mm/tlb.h"

#define MAX_BATCH 512

static struct plan_cursor cursor;
static struct move batch[MAX_BATCH];
static u32 nr_open;

static void batch_begin(struct space *space, const struct plan *plan)
{
    (void)space;
    cursor = (struct plan_cursor){.plan = plan};
    nr_open = 0;
}

static void batch_finish(struct space *space)
{
    for (u32 i = 0; i < nr_open; i++)
        move_finish(space, &batch[i]);
    nr_open = 0;
}

static bool batch_step(struct space *space, u32 budget)
{
    struct move *end = batch, *limit = batch + MIN(budget, MAX_BATCH);
    u32 page;
    enum tier to;

    batch_finish(space);
    while (end < limit && plan_next(&cursor, &page, &to)) {
        if (move_take(space, page, to, end))
            migration_counts.failed++;
        else
            end++;
    }
    if (end == batch)
        return true;
    tlb_flush_all(FLUSH_PER_PAGES);
    for (const struct move *move = batch; move < end; move++)
        move_copy(move);
    nr_open = (u32)(end - batch);
    return false;
}

static bool batch_fault(struct space *space, u32 page, bool write)
{
    (void)write;
    for (u32 i = 0; i < nr_open; i++) {
        if (batch[i].page != page)
            continue;
        move_finish(space, &batch[i]);
        batch[i] = batch[--nr_open];
        return true;
    }
    return false;
}

static const struct migrator batch_migrator = {
    .name = "batch",
    .summary = "unmap many, flush once, copy, map: as Linux does since 6.3",
    .begin = batch_begin,
    .step = batch_step,
    .finish = batch_finish,
    .fault = batch_fault,
};
REGISTER_MIGRATOR(batch_migrator);
