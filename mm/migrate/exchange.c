/*
 * exchange: pages swap places, so that nothing waits for a free frame.
 *
 *      step:   while the fast tier has room:  promote one page, as sync does
 *              else:                          ask for a page each way; take both out, flush both, swap contents through
 *                                             a buffer, map (a demotion without a partner is moved alone)
 *
 * After Nimble (Yan and others, ASPLOS'19), which exchanges pairs in place instead of two migrations with a free page
 * between them; Demeter (SOSP'25) swaps lists of pages the same way. Differs from both: a pair at a time and one
 * processor copies; Nimble copies a page with four threads. Nothing is in flight between steps. Cost: four entry writes
 * and three copies a pair, two page flushes with their shootdowns. Known weak spot: three copies where two migrations
 * need two.
 */
#include "mm/move.h"

/* Swaps a page each way; a demotion without a partner is moved alone. False when there was none. */
static bool exchange_pair(struct space *space)
{
    struct order down = order_to(space, TIER_SLOW), up;
    enum outcome outcome;

    if (down.page == NO_PAGE)
        return false;
    up = order_to(space, TIER_FAST);
    if (up.page == NO_PAGE) {
        outcome = move_now(space, down);
    } else {
        outcome = move_exchange(space, up, down, FLUSH_PER_PAGES);
        order_done(space, up, outcome);
    }
    order_done(space, down, outcome);
    return outcome == MOVED;
}

static bool exchange_step(struct space *space, u32 budget)
{
    bool more = false;

    for (; budget; budget--) {
        struct order up = {.page = NO_PAGE};
        if (space_room(space, TIER_FAST))
            up = order_to(space, TIER_FAST);
        if (up.page != NO_PAGE)
            order_done(space, up, move_now(space, up));
        else if (!exchange_pair(space))
            return !more;
        more = true;
    }
    return !more;
}

static const struct migrator exchange = {
    .part = {.name = "exchange", .summary = "swaps pairs of pages in place: moves without a free frame, as Nimble"},
    .step = exchange_step,
};
REGISTER_MIGRATOR(exchange);
