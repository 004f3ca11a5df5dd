/*
 * transaction: copies while the page stays mapped and writable, and takes the copy only if nothing was stored meanwhile;
 * a promoted page's old frame is kept as its shadow.
 *
 *      step:   for each page copied by the last step:  take it out;  flush once
 *                  stored to since:  put it back; copy it again in this step, at most `transaction_tries` times
 *                  else:             map the new frame.  Promoted: keep the old one as a shadow, forbid stores
 *              for each new order:
 *                  a demotion of a page with a shadow:  map the shadow, without a copy (shadows.h)
 *                  else:  take D and wait for the next one;  flush once;  copy
 *
 * After Nomad (Xiang and others, OSDI'24; nomad_module/async_promote_main.c of github.com/lingfenghsiang/Nomad). Differs:
 * pages are flushed for by the step and not one by one; demotions are transactions, too, where Nomad leaves them to the
 * kernel's unmap, copy, map; what was given up is told to the classifier and not queued again here. Cost: three locked
 * operations and the copy a page, two flushes with their shootdowns a step; a fault for the first store to a page with a
 * shadow. Known weak spot: a page that is stored to all the time is copied again and again, and then stays where it is.
 */
#include "kernel/panic.h"
#include "mm/bits.h"
#include "mm/migrate/shadows.h"

#define MAX_OPEN 512

KEY_NUMBER(transaction_tries, "transaction_tries", 10, 1, 1000,
                  "transaction: copies of a page that is stored to until it is given up; Nomad: 10");
KEY_NUMBER(transaction_shadows, "transaction_shadows", 1, 0, 1,
                  "transaction: 1: a promoted page's old frame is kept as its shadow; 0: it is freed");

struct transaction {
    struct move moves[MAX_OPEN];
    u16 tries[MAX_OPEN];
    u32 nr_open;
    volatile u8 *walked;
    u64 transaction_aborts; /* copies that a store made worthless */
    struct shadows shadows;
};

static const struct migrator transaction;

/* No store can come any more: the copy is what the page holds. */
static void commit(struct space *space, struct transaction *t, const struct move *move)
{
    u32 page = move->order.page;

    unwatch_dirty(move->entry);
    if (transaction_shadows && move->order.to == TIER_FAST)
        shadow_keep(space, &t->shadows, page, move->entry, move->from);
    else
        space_frame_free(space, move->order.to ^ 1, move->from);
    space_resume(space, page, move->entry, move->to, move->order.to);
    order_done(space, move->order, MOVED);
}

static void give_up(struct space *space, const struct move *move)
{
    unwatch_dirty(move->entry);
    space_frame_free(space, move->order.to, move->to);
    order_done(space, move->order, GAVE_UP);
}

/* From now on stores to the page are looked for; the flush is the step's. */
static void watch(const struct transaction *t, const struct move *move)
{
    watch_dirty(move->entry);
    forget_dirty_page(t->walked, move->order.page);
}

/* Takes the open pages out, commits the clean ones and keeps the others open for another copy. */
static void close_open(struct space *space, struct transaction *t, bool last)
{
    u32 nr = t->nr_open;

    if (!nr)
        return;
    t->nr_open = 0;
    for (u32 i = 0; i < nr; i++)
        space_protect(space, t->moves[i].order.page, t->moves[i].entry, REASON_MOVING);
    tlb_flush_all(FLUSH_PER_PAGES);
    for (u32 i = 0; i < nr; i++) {
        const struct move *move = &t->moves[i];
        if (!was_dirtied(move->entry->bits)) {
            commit(space, t, move);
            continue;
        }
        t->transaction_aborts++;
        space_allow(space, move->order.page, move->entry, REASON_MOVING);
        if (last || t->tries[i] >= transaction_tries) {
            give_up(space, move);
            continue;
        }
        watch(t, move);
        t->tries[t->nr_open] = t->tries[i];
        t->moves[t->nr_open++] = *move;
    }
}

/* Takes up to `budget` orders; true when there was one. */
static bool open_new(struct space *space, struct transaction *t, u32 budget)
{
    bool any = false;

    for (; budget && t->nr_open < MAX_OPEN; budget--) {
        struct move *move = &t->moves[t->nr_open];
        enum outcome outcome;

        move->order = order_next(space);
        if (move->order.page == NO_PAGE)
            break;
        if (move->order.to == TIER_SLOW && shadow_is_kept(&t->shadows, move->order.page)) {
            shadow_demote(space, &t->shadows, move->order);
            any = true;
            continue;
        }
        outcome = move_target(space, move);
        if (outcome != MOVED) {
            order_done(space, move->order, outcome);
            continue;
        }
        watch(t, move);
        t->tries[t->nr_open++] = 0;
        any = true;
    }
    return any;
}

static bool transaction_step(struct space *space, u32 budget)
{
    struct transaction *t = space->own[MIGRATOR];
    bool any;

    close_open(space, t, !budget);
    if (!budget)
        return true;
    any = t->nr_open;
    any |= open_new(space, t, budget);
    if (!t->nr_open)
        return !any;
    tlb_flush_all(FLUSH_PER_PAGES);
    for (u32 i = 0; i < t->nr_open; i++) {
        t->tries[i]++;
        move_copy(&t->moves[i]);
    }
    return false;
}

/* Between steps its pages are mapped: what faults is a store to a page that has a shadow. */
static enum served transaction_fault(struct space *space, u32 page, bool write)
{
    struct transaction *t = space->own[MIGRATOR];

    (void)write;
    t->shadows.faults++;
    shadow_drop(space, &t->shadows, page);
    return SERVED;
}

static bool transaction_release(struct space *space, enum tier tier)
{
    struct transaction *t = space->own[MIGRATOR];

    return tier == TIER_SLOW && shadow_release(space, &t->shadows);
}

static void transaction_start(struct space *space)
{
    struct transaction *t = space_own(space, MIGRATOR, &transaction, sizeof(*t));

    t->nr_open = 0;
    t->walked = walked_bytes(space);
    t->transaction_aborts = 0;
    shadows_start(space, &t->shadows);
}

static void transaction_stop(struct space *space)
{
    struct transaction *t = space->own[MIGRATOR];

    close_open(space, t, true);
    shadows_stop(space, &t->shadows);
}

static const struct migrator transaction = {
    .part = {.name = "transaction",
             .summary = "copies while mapped, takes the copy if nothing was stored; keeps shadows, as Nomad",
             .counters = {COUNTER(transaction, transaction_aborts),
                          {"shadows_kept", offsetof(struct transaction, shadows.kept)},
                          {"shadow_demotions", offsetof(struct transaction, shadows.demotions)},
                          {"shadow_faults", offsetof(struct transaction, shadows.faults)},
                          {"shadows_released", offsetof(struct transaction, shadows.released)}},
             .start = transaction_start,
             .stop = transaction_stop},
    .step = transaction_step,
    .fault = transaction_fault,
    .release = transaction_release,
};
REGISTER_MIGRATOR(transaction);
