/*
 * transaction: copies while the page stays mapped and writable, and takes the copy only if nothing was stored meanwhile;
 * a promoted page's old frame is kept as its shadow.
 *
 *      step:   for each page copied by the last step:  take it out;  flush once
 *                  stored to since:  put it back; copy it again in this step, at most `transaction_tries` times
 *                  else:             map the new frame.  Promoted: keep the old one as a shadow, forbid stores
 *              for each new order:
 *                  a demotion of a page with a shadow:  map the shadow, without a copy
 *                  else:  take D and wait for the next one;  flush once;  copy
 *      a store to a page with a shadow:  free the shadow, allow stores
 *      no frame left in the slow tier:   free a shadow
 *
 * After Nomad (Xiang and others, OSDI'24; nomad_module/async_promote_main.c of github.com/lingfenghsiang/Nomad). Differs:
 * pages are flushed for by the step and not one by one; demotions are transactions, too, where Nomad leaves them to the
 * kernel's unmap, copy, map; what was given up is told to the classifier and not queued again here. Cost: three locked
 * operations and the copy a page, two flushes with their shootdowns a step; a fault for the first store to a page with a
 * shadow. Known weak spot: a page that is stored to all the time is copied again and again, and then stays where it is.
 */
#include "kernel/panic.h"
#include "mm/bits.h"
#include "mm/move.h"

#define MAX_OPEN 512

KEY_NUMBER(transaction_tries, "transaction_tries", 10, 1, 1000,
                  "transaction: copies of a page that is stored to until it is given up; Nomad: 10");
KEY_NUMBER(transaction_shadows, "transaction_shadows", 1, 0, 1,
                  "transaction: 1: a promoted page's old frame is kept as its shadow; 0: it is freed");

struct transaction {
    struct move moves[MAX_OPEN];
    u16 tries[MAX_OPEN];
    u32 nr_open;
    u32 *shadow; /* by page: its shadow's frame + 1; 0: none */
    u32 hand;    /* where the search for a shadow goes on */
    volatile u8 *walked;
    /* Copies that a store made worthless; shadows kept, moved back to without a copy, lost to a store, given back. */
    u64 transaction_aborts, shadows_kept, shadow_demotions, shadow_faults, shadows_released;
};

static const struct migrator transaction;

static void drop_shadow(struct space *space, struct transaction *t, u32 page)
{
    pte_t *entry = space_entry(space, page);

    space_frame_free(space, TIER_SLOW, t->shadow[page] - 1);
    t->shadow[page] = 0;
    if (entry->bits & REASON_GUARDED)
        space_allow(space, page, entry, REASON_GUARDED);
}

/* No store can come any more: the copy is what the page holds. */
static void commit(struct space *space, struct transaction *t, const struct move *move)
{
    u32 page = move->order.page;
    bool keep = transaction_shadows && move->order.to == TIER_FAST;

    unwatch_dirty(move->entry);
    if (keep) {
        t->shadow[page] = move->from + 1;
        t->shadows_kept++;
        space_protect(space, page, move->entry, REASON_GUARDED);
    } else {
        space_frame_free(space, move->order.to ^ 1, move->from);
    }
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

/* A clean page goes back to where it came from: its shadow holds the same bytes. */
static void demote_to_shadow(struct space *space, struct transaction *t, struct order order)
{
    pte_t *entry = space_entry(space, order.page);
    pfn_t fast = pte_pfn(*entry), slow = t->shadow[order.page] - 1;

    t->shadow[order.page] = 0;
    t->shadow_demotions++;
    space_protect(space, order.page, entry, REASON_MOVING);
    tlb_flush_page(space_va(space, order.page), FLUSH_PER_PAGES);
    space_allow(space, order.page, entry, REASON_GUARDED);
    space_resume(space, order.page, entry, slow, TIER_SLOW);
    space_frame_free(space, TIER_FAST, fast);
    order_done(space, order, MOVED);
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
        if (move->order.to == TIER_SLOW && t->shadow[move->order.page]) {
            demote_to_shadow(space, t, move->order);
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
    t->shadow_faults++;
    drop_shadow(space, t, page);
    return SERVED;
}

static bool transaction_release(struct space *space, enum tier tier)
{
    struct transaction *t = space->own[MIGRATOR];

    for (u32 left = tier == TIER_SLOW ? space->nr_pages : 0; left; left--) {
        u32 page = t->hand;
        t->hand = page + 1 < space->nr_pages ? page + 1 : 0;
        if (!t->shadow[page])
            continue;
        t->shadows_released++;
        drop_shadow(space, t, page);
        return true;
    }
    return false;
}

static void transaction_start(struct space *space)
{
    struct transaction *t = space_own(space, MIGRATOR, &transaction, sizeof(*t));
    u32 *shadow = space_page_array(space, t->shadow, sizeof(u32));

    t->nr_open = t->hand = 0;
    t->shadow = shadow;
    t->walked = walked_bytes(space);
    t->transaction_aborts = t->shadows_kept = t->shadow_demotions = t->shadow_faults = t->shadows_released = 0;
}

static void transaction_stop(struct space *space)
{
    struct transaction *t = space->own[MIGRATOR];

    close_open(space, t, true);
    for (u32 page = 0; page < space->nr_pages; page++)
        if (t->shadow[page])
            drop_shadow(space, t, page);
}

static const struct migrator transaction = {
    .part = {.name = "transaction",
             .summary = "copies while mapped, takes the copy if nothing was stored; keeps shadows, as Nomad",
             .counters = {COUNTER(transaction, transaction_aborts), COUNTER(transaction, shadows_kept),
                          COUNTER(transaction, shadow_demotions), COUNTER(transaction, shadow_faults),
                          COUNTER(transaction, shadows_released)},
             .start = transaction_start,
             .stop = transaction_stop},
    .step = transaction_step,
    .fault = transaction_fault,
    .release = transaction_release,
};
REGISTER_MIGRATOR(transaction);
