/*
 * protect: a page can be read while it is copied; stores wait.
 *
 *      step:   take out what the last step copied;  guard up to `budget` new pages against stores;  flush once
 *              map the copies of those;  copy these
 *      store to a guarded page:  waits for the step that copied it, then that page's copy is mapped at once
 *
 * After HeMem (Raybuck and others, SOSP'21; github.com/cuhk-mass/hemem), which write-protects a page by userfaultfd,
 * copies it with a DMA engine or four threads, and maps it anew; a writer sleeps until then. Differs: many pages a step,
 * and one flush for all of them, which both ends the reads of the last step's pages and makes this one's guards hold; the
 * copy is mapped at once, where HeMem's next access faults once more; one processor copies. Cost: five entry writes and
 * the copy a page, a full flush with its shootdown a step; a fault, a wait and a flush of its own for each page that a
 * store meets in flight. Known weak spot: pages that are written, since each waits for its whole step.
 */
#include "kernel/panic.h"
#include "mm/move.h"

#define MAX_OPEN 512

struct protect {
    struct move moves[2][MAX_OPEN]; /* copied and guarded: one half; the other one is for the next step's */
    u32 half, nr_open;
    u64 protect_waits; /* stores that waited for a page */
};

static const struct migrator protect;

/* Reads of the old frame end with the caller's flush. */
static void take_out(struct space *space, const struct move *move)
{
    space_protect(space, move->order.page, move->entry, REASON_MOVING);
}

/* The guard goes first, so that the page comes back with all of its rights. */
static void map_copy(struct space *space, const struct move *move)
{
    space_allow(space, move->order.page, move->entry, REASON_GUARDED);
    move_finish(space, move);
}

/* Guards the pages of up to `budget` new orders; returns how many. */
static u32 guard_new(struct space *space, struct move *moves, u32 budget)
{
    u32 nr = 0;

    for (budget = MIN(budget, MAX_OPEN); move_next_target(space, &moves[nr], &budget); nr++)
        space_protect(space, moves[nr].order.page, moves[nr].entry, REASON_GUARDED);
    return nr;
}

static bool protect_step(struct space *space, u32 budget)
{
    struct protect *s = space->own[MIGRATOR];
    const struct move *old = s->moves[s->half];
    struct move *new = s->moves[s->half ^ 1];
    u32 nr_old = s->nr_open, nr_new;

    for (u32 i = 0; i < nr_old; i++)
        take_out(space, &old[i]);
    nr_new = guard_new(space, new, budget);
    if (nr_old + nr_new)
        tlb_flush_all(FLUSH_PER_PAGES);
    for (u32 i = 0; i < nr_old; i++)
        map_copy(space, &old[i]);
    for (u32 i = 0; i < nr_new; i++)
        move_copy(&new[i]);
    s->half ^= 1;
    s->nr_open = nr_new;
    return !budget || nr_old + nr_new == 0;
}

/* Between steps its pages can be read, so this is a store. */
static enum served protect_fault(struct space *space, u32 page, bool write)
{
    struct protect *s = space->own[MIGRATOR];
    struct move *open = s->moves[s->half];
    u32 i = 0;

    (void)write;
    while (i < s->nr_open && open[i].order.page != page)
        i++;
    ASSERT(i < s->nr_open);
    s->protect_waits++;
    take_out(space, &open[i]);
    tlb_flush_page(space_va(space, page), FLUSH_PER_PAGES);
    map_copy(space, &open[i]);
    open[i] = open[--s->nr_open];
    return SERVED_WAITS;
}

static void protect_start(struct space *space)
{
    struct protect *s = space_own(space, MIGRATOR, &protect, sizeof(*s));

    s->nr_open = 0;
    s->protect_waits = 0;
}

static void protect_stop(struct space *space)
{
    protect_step(space, 0);
}

static const struct migrator protect = {
    .part = {.name = "protect",
             .summary = "write-protects, copies, maps anew: reads go on, stores wait, as HeMem",
             .counters = {COUNTER(protect, protect_waits)},
             .start = protect_start,
             .stop = protect_stop},
    .step = protect_step,
    .fault = protect_fault,
};
REGISTER_MIGRATOR(protect);
