/*
 * log: copies pages while they are in use, and those that were stored to meanwhile once more.
 *
 *      step:   take D of up to `budget` new pages;  flush once;  copy them all, in use
 *      next:   take them out;  flush once;  first pass: map the copies of the clean ones
 *      then:   second pass: copy the dirty ones again, a few a step, and map them by the next one
 *      access to a dirty page:  is it being copied, it waits for that step;  else its turn comes at once
 *
 * After vTMM (Sha and others, EuroSys'23; rule as in the host kernel that HugeScope's artefact publishes,
 * arch/x86/kvm/hmmv/page_migration.c, github.com/TELOS-syslab/hugescope-atc24-ae): only dirty pages see a pause, of the
 * length of a copy, and each is copied exactly twice, so there is nothing to retry or to give up. There the log of
 * page modifications says which pages are dirty. It is filled when D goes from 0 to 1 (Intel SDM vol. 3C, 29.3.6), so
 * here the entry's D bit says the same, without the log's exits. Differs, too: one processor copies, where it takes four
 * from 1 GB on. Cost: five locked operations and the copy a page, a second copy for a dirty one, two full flushes with
 * their shootdowns a batch. Known weak spot: a page that is always written costs two copies each time.
 */
#include "kernel/panic.h"
#include "mm/bits.h"
#include "mm/move.h"

#define MAX_OPEN   512
#define AGAIN_STEP 8 /* second copies a step: some 20 us, which is what an access may have to wait */

struct log {
    struct move live[MAX_OPEN];      /* copied, and in use */
    struct move again[MAX_OPEN];     /* dirty, and taken out... */
    struct move copied[AGAIN_STEP];  /* ...and copied a second time */
    u32 nr_live, nr_again, nr_copied;
    volatile u8 *walked;
    /* Pages copied once, and twice; accesses to a page that was out of use. */
    u64 log_clean, log_dirty, log_waits;
};

static const struct migrator log;

/* Takes new orders and copies their pages; false when there was none. */
static bool open_batch(struct space *space, struct log *s, u32 budget)
{
    bool any = false;

    for (budget = MIN(budget, MAX_OPEN); move_next_target(space, &s->live[s->nr_live], &budget);) {
        struct move *move = &s->live[s->nr_live];

        watch_dirty(move->entry);
        forget_dirty_page(s->walked, move->order.page);
        s->nr_live++;
        any = true;
    }
    if (any)
        tlb_flush_all(FLUSH_PER_PAGES);
    for (u32 i = 0; i < s->nr_live; i++)
        move_copy(&s->live[i]);
    return any;
}

/* After the flush no store can come any more, so D is decisive. */
static void close_batch(struct space *space, struct log *s)
{
    if (!s->nr_live)
        return;
    for (u32 i = 0; i < s->nr_live; i++)
        space_protect(space, s->live[i].order.page, s->live[i].entry, REASON_MOVING);
    tlb_flush_all(FLUSH_PER_PAGES);
    for (u32 i = 0; i < s->nr_live; i++) {
        const struct move *move = &s->live[i];
        bool dirty = was_dirtied(move->entry->bits);

        unwatch_dirty(move->entry);
        if (dirty)
            s->again[s->nr_again++] = *move;
        else
            move_finish(space, move);
    }
    s->log_clean += s->nr_live - s->nr_again;
    s->log_dirty += s->nr_again;
    s->nr_live = 0;
}

/* Maps what the last step copied a second time, and copies the next few; false when there is nothing left to map. */
static bool copy_again(struct space *space, struct log *s)
{
    while (s->nr_copied)
        move_finish(space, &s->copied[--s->nr_copied]);
    while (s->nr_again && s->nr_copied < AGAIN_STEP) {
        s->copied[s->nr_copied++] = s->again[--s->nr_again];
        move_copy(&s->copied[s->nr_copied - 1]);
    }
    return s->nr_copied;
}

static bool log_step(struct space *space, u32 budget)
{
    struct log *s = space->own[MIGRATOR];
    bool any = s->nr_live + s->nr_again + s->nr_copied;

    if (copy_again(space, s))
        return false;
    close_batch(space, s);
    if (copy_again(space, s))
        return false;
    return !open_batch(space, s, budget) && (!any || !budget);
}

static struct move *find(struct move *moves, u32 nr, u32 page)
{
    for (struct move *move = moves; move < moves + nr; move++)
        if (move->order.page == page)
            return move;
    return NULL;
}

static enum served log_fault(struct space *space, u32 page, bool write)
{
    struct log *s = space->own[MIGRATOR];
    struct move *move = find(s->copied, s->nr_copied, page);

    (void)write;
    s->log_waits++;
    if (move) {
        move_finish(space, move);
        *move = s->copied[--s->nr_copied];
        return SERVED_WAITS;
    }
    move = find(s->again, s->nr_again, page);
    ASSERT(move);
    move_copy(move);
    move_finish(space, move);
    *move = s->again[--s->nr_again];
    return SERVED;
}

static void log_start(struct space *space)
{
    struct log *s = space_own(space, MIGRATOR, &log, sizeof(*s));

    s->nr_live = s->nr_again = s->nr_copied = 0;
    s->log_clean = s->log_dirty = s->log_waits = 0;
    s->walked = walked_bytes(space);
}

static void log_stop(struct space *space)
{
    while (!log_step(space, 0))
        ;
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
