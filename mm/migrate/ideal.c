/*
 * ideal: every order at once, free of charge. No mechanism, but the bound for all of them: what remains of a run's time
 * is then due to knowing and deciding. Pages are exchanged in place where no frame is free.
 */
#include "mm/move.h"
#include "mm/tlb.h"

static bool move(struct space *space, struct order order)
{
    struct move move = {.order = order};
    enum outcome outcome = move_take(space, &move);

    if (outcome == MOVED) {
        move_copy(&move);
        move_finish(space, &move);
    } else {
        order_done(space, order, outcome);
    }
    return outcome == MOVED;
}

/* Neither tier has room: the two pages swap places. */
static void swap(struct space *space, struct order up, struct order down)
{
    struct pair pair = {.up = up, .down = down};

    if (pair_take(space, &pair) != MOVED) {
        order_done(space, up, GONE);
        order_done(space, down, GONE);
        return;
    }
    tlb_flush_page(space_va(space, up.page), FLUSH_LOCAL);
    tlb_flush_page(space_va(space, down.page), FLUSH_LOCAL);
    pair_finish(space, &pair);
}

static bool take(struct space *space, enum tier to, struct order *order)
{
    *order = order_to(space, to);
    return order->page != NO_PAGE;
}

static bool ideal_step(struct space *space, u32 budget)
{
    struct order up, down;

    if (!budget)
        return true;
    while (take(space, TIER_FAST, &up)) {
        bool room = space_room(space, TIER_FAST);
        if (!room && !take(space, TIER_SLOW, &down)) {
            order_done(space, up, NO_ROOM);
            break;
        }
        if (!room && !space_room(space, TIER_SLOW)) {
            swap(space, up, down);
            continue;
        }
        if (!room)
            move(space, down);
        move(space, up);
    }
    while (take(space, TIER_SLOW, &down))
        if (!move(space, down))
            break;
    tlb_flush_all(FLUSH_LOCAL);
    return true;
}

static const struct migrator ideal = {
    .part = {.name = "ideal", .summary = "moves everything at once and free of charge: the bound of all migrators"},
    .is_free = true,
    .step = ideal_step,
};
REGISTER_MIGRATOR(ideal);
