/*
 * log: copies pages while they are in use, and those that were stored to meanwhile once more.
 *
 *      step:   map what the last step copied a second time
 *              take out the batch that the last step copied;  take D of up to `budget` new pages;  flush once
 *              the batch, first pass:   clean pages:  map the copy
 *                         second pass:  dirty ones:   copy again; they stay out until this step is paid for
 *              copy the new pages, which stay in use
 *      access to a page that is copied again:  waits for the step, then the page is mapped at once
 *
 * After vTMM (Sha and others, EuroSys'23; rule as in the host kernel that HugeScope's artefact publishes,
 * arch/x86/kvm/hmmv/page_migration.c, github.com/TELOS-syslab/hugescope-atc24-ae): only dirty pages see a pause, of the
 * length of a copy, and each is copied exactly twice, so there is nothing to retry or to give up. There the log of
 * page modifications says which pages are dirty. It is filled when D goes from 0 to 1 (Intel SDM vol. 3C, 29.3.6), so
 * here the entry's D bit says the same, without the log's exits. Differs, too: one flush both takes a batch out and
 * begins the next one; one processor copies, where it takes four from 1 GB on. Cost: five locked operations and the
 * copy a page, a second copy for a dirty one, a full flush with its shootdown a step. Known weak spot: a page that is
 * always written costs two copies each time.
 */
#include "kernel/panic.h"
#include "mm/bits.h"
#include "mm/move.h"

#define MAX_OPEN 512

struct log {
    struct move live[2][MAX_OPEN]; /* copied and in use: one half; the other one is for the next step's */
    struct move again[MAX_OPEN];   /* dirty ones, copied a second time and taken out */
    u32 half, nr_live, nr_again;
    volatile u8 *walked;
    /* Pages copied once, and twice; accesses that waited for a second copy. */
    u64 log_clean, log_dirty, log_waits;
};

static const struct migrator log;

static void finish_again(struct space *space, struct log *s)
{
    while (s->nr_again)
        move_finish(space, &s->again[--s->nr_again]);
}

/* Watches the pages of up to `budget` new orders; returns how many. */
static u32 watch_new(struct space *space, struct log *s, struct move *moves, u32 budget)
{
    u32 nr = 0;

    for (budget = MIN(budget, MAX_OPEN); budget; budget--) {
        struct move *move = &moves[nr];
        enum outcome outcome;

        move->order = order_next(space);
        if (move->order.page == NO_PAGE)
            break;
        outcome = move_target(space, move);
        if (outcome != MOVED) {
            order_done(space, move->order, outcome);
            continue;
        }
        watch_dirty(move->entry);
        forget_dirty_page(s->walked, move->order.page);
        nr++;
    }
    return nr;
}

/* No store can come any more, so D is decisive. */
static void close_batch(struct space *space, struct log *s, const struct move *batch, u32 nr)
{
    for (u32 i = 0; i < nr; i++) {
        bool dirty = was_dirtied(batch[i].entry->bits);

        unwatch_dirty(batch[i].entry);
        if (dirty)
            s->again[s->nr_again++] = batch[i];
        else
            move_finish(space, &batch[i]);
    }
    s->log_clean += nr - s->nr_again;
    s->log_dirty += s->nr_again;
    for (u32 i = 0; i < s->nr_again; i++)
        move_copy(&s->again[i]);
}

static bool log_step(struct space *space, u32 budget)
{
    struct log *s = space->own[MIGRATOR];
    const struct move *old = s->live[s->half];
    struct move *new = s->live[s->half ^ 1];
    u32 nr_old = s->nr_live, nr_new;
    bool idle = !s->nr_again && !nr_old;

    finish_again(space, s);
    for (u32 i = 0; i < nr_old; i++)
        space_protect(space, old[i].order.page, old[i].entry, REASON_MOVING);
    nr_new = watch_new(space, s, new, budget);
    if (nr_old + nr_new)
        tlb_flush_all(FLUSH_PER_PAGES);
    close_batch(space, s, old, nr_old);
    for (u32 i = 0; i < nr_new; i++)
        move_copy(&new[i]);
    s->half ^= 1;
    s->nr_live = nr_new;
    if (budget)
        return idle && !nr_new;
    finish_again(space, s);
    return true;
}

/* Between steps only the pages of `again` are out of use. */
static enum served log_fault(struct space *space, u32 page, bool write)
{
    struct log *s = space->own[MIGRATOR];
    u32 i = 0;

    (void)write;
    while (i < s->nr_again && s->again[i].order.page != page)
        i++;
    ASSERT(i < s->nr_again);
    s->log_waits++;
    move_finish(space, &s->again[i]);
    s->again[i] = s->again[--s->nr_again];
    return SERVED_WAITS;
}

static void log_start(struct space *space)
{
    struct log *s = space_own(space, MIGRATOR, &log, sizeof(*s));

    s->nr_live = s->nr_again = 0;
    s->log_clean = s->log_dirty = s->log_waits = 0;
    s->walked = walked_bytes(space);
}

static void log_stop(struct space *space)
{
    log_step(space, 0);
}

static const struct migrator log = {
    .part = {.name = "log",
             .summary = "copies while in use, once more what was stored to meanwhile: no retries, as vTMM",
             .counters = {COUNTER(log, log_clean), COUNTER(log, log_dirty), COUNTER(log, log_waits)},
             .start = log_start,
             .stop = log_stop},
    .step = log_step,
    .fault = log_fault,
};
REGISTER_MIGRATOR(log);
