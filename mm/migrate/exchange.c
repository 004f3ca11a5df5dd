/*
 * exchange: pages swap places, so that nothing waits for a free frame.
 *
 *      step:   up to `budget` times:
 *                  while the fast tier has room:  promote one page, as sync does
 *                  else:                          ask for a page each way and take both out
 *                                                 (a demotion without a partner is moved alone)
 *              flush once;  for each pair:  swap contents through a buffer, map
 *
 * After Nimble (Yan and others, ASPLOS'19), which exchanges lists of pairs in place instead of two migrations with a free
 * page between them; Demeter (SOSP'25) swaps its lists the same way: unmap, swap, map. Differs from both: one processor
 * copies; Nimble copies a page with four threads. Nothing is in flight between steps. Cost: four entry writes and three
 * copies a pair, one flush with its shootdown a step. Known weak spot: three copies where two migrations need two.
 */
#include "mm/move.h"

#define MAX_PAIRS 512

struct exchange {
    struct pair pairs[MAX_PAIRS];
    u32 nr_open;
};

static const struct migrator exchange;

static void exchange_start(struct space *space)
{
    struct exchange *x = space_own(space, MIGRATOR, &exchange, sizeof(*x));

    x->nr_open = 0;
}

/* Opens a pair; a demotion without a partner is moved alone. False when nothing was moved or will be. */
static bool open_pair(struct space *space, struct exchange *x)
{
    struct pair *pair = &x->pairs[x->nr_open];
    enum outcome outcome;

    pair->down = order_to(space, TIER_SLOW);
    if (pair->down.page == NO_PAGE)
        return false;
    pair->up = order_to(space, TIER_FAST);
    if (pair->up.page == NO_PAGE) {
        outcome = move_now(space, pair->down);
    } else {
        outcome = pair_take(space, pair);
        if (outcome == MOVED) {
            x->nr_open++;
            return true;
        }
        order_done(space, pair->up, outcome);
    }
    order_done(space, pair->down, outcome);
    return outcome == MOVED;
}

static void close_pairs(struct space *space, struct exchange *x)
{
    if (!x->nr_open)
        return;
    tlb_flush_all(FLUSH_PER_PAGES);
    for (u32 i = 0; i < x->nr_open; i++)
        pair_finish(space, &x->pairs[i]);
    x->nr_open = 0;
}

static bool exchange_step(struct space *space, u32 budget)
{
    struct exchange *x = space->own[MIGRATOR];
    bool more = false;

    for (budget = MIN(budget, MAX_PAIRS); budget; budget--) {
        struct order up = {.page = NO_PAGE};
        if (space_room(space, TIER_FAST))
            up = order_to(space, TIER_FAST);
        if (up.page != NO_PAGE)
            order_done(space, up, move_now(space, up));
        else if (!open_pair(space, x))
            break;
        more = true;
    }
    close_pairs(space, x);
    return !more;
}

static const struct migrator exchange = {
    .part = {.name = "exchange",
             .summary = "swaps pairs of pages in place: moves without a free frame, as Nimble",
             .start = exchange_start},
    .step = exchange_step,
};
REGISTER_MIGRATOR(exchange);
