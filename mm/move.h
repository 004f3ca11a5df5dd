/*
 * Moving one page, in the three acts that every migrator is made of. What differs between migrators is the order in
 * which they act on many pages, and when they flush.
 */
#pragma once

#include "kernel/cpu.h"
#include "mm/direct.h"
#include "mm/parts.h"
#include "mm/tlb.h"

struct move {
    struct order order; /* where it comes from is the other tier */
    pfn_t from, to;
    pte_t *entry;
};

/*
 * The next order: to the fast tier while it has room, else what makes room there. Its page is NO_PAGE when nothing is left
 * that can be done now; demotions in flight may make room for more. The period's `moves` are counted here.
 */
static inline struct order order_next(struct space *space)
{
    const struct classifier *classifier = space->classifier;
    struct order order;

    if (space_room(space, TIER_FAST) && space->moves_left[TIER_FAST]) {
        order = classifier->next(space, TIER_FAST);
        if (order.page != NO_PAGE) {
            space->moves_left[TIER_FAST]--;
            return order;
        }
    }
    if (!space->moves_left[TIER_SLOW])
        return (struct order){.page = NO_PAGE};
    order = classifier->next(space, TIER_SLOW);
    if (order.page != NO_PAGE)
        space->moves_left[TIER_SLOW]--;
    return order;
}

/* For who exchanges: the next order that brings a page to that tier, room or not. */
static inline struct order order_to(struct space *space, enum tier to)
{
    struct order order = {.page = NO_PAGE};

    if (space->moves_left[to])
        order = space->classifier->next(space, to);
    if (order.page != NO_PAGE)
        space->moves_left[to]--;
    return order;
}

/* Counts what became of an order and tells the classifier. */
static inline void order_done(struct space *space, struct order order, enum outcome outcome)
{
    if (outcome == MOVED)
        space->migration.moved_to[order.to]++;
    else
        space->migration.failed++;
    space->classifier->done(space, order, outcome);
}

/* For classifiers: there is something to do again. */
static inline void migration_wake(struct space *space)
{
    space->awake = true;
}

/* What a page's entry has while a migrator holds the page, or a copy of it that a store would make stale: it cannot be
 * taken a second time. */
#define IN_FLIGHT (PTE_MOVING | PTE_GUARD_WRITE | PTE_MIGRATOR_LOOKS)

/* Finds the page of move->order, and a frame for it in the other tier. The page stays in use. Returns MOVED, or why not. */
static inline enum outcome move_target(struct space *space, struct move *move)
{
    pte_t *entry = space_entry(space, move->order.page);
    pte_t pte = entry ? *entry : (pte_t){0};

    if (!pte_has_frame(pte) || pte.bits & IN_FLIGHT)
        return GONE;
    move->from = pte_pfn(pte);
    if (frame_tier(move->from) == move->order.to)
        return GONE;
    if (!space_has_room(space, move->order.to))
        return NO_ROOM;
    move->to = space_frame_take(space, move->order.to);
    move->entry = entry;
    return MOVED;
}

/*
 * The same, and takes the page out: its entry faults (REASON_MOVING). The caller flushes before it copies; until then a
 * stale translation may still write.
 */
static inline enum outcome move_take(struct space *space, struct move *move)
{
    enum outcome outcome = move_target(space, move);

    if (outcome == MOVED)
        space_protect(space, move->order.page, move->entry, REASON_MOVING);
    return outcome;
}

/*
 * Asks for orders until one has a page and a frame (move_target()); those that have not are refused. Each counts against
 * the budget. False when it is used up or no order is left.
 */
static inline bool move_next_target(struct space *space, struct move *move, u32 *budget)
{
    for (; *budget; --*budget) {
        enum outcome outcome;

        move->order = order_next(space);
        if (move->order.page == NO_PAGE)
            return false;
        outcome = move_target(space, move);
        if (outcome == MOVED) {
            --*budget;
            return true;
        }
        order_done(space, move->order, outcome);
    }
    return false;
}

/* Copies the contents through the direct map. */
static inline void move_copy(const struct move *move)
{
    copy_page(pfn_to_virt(move->to), pfn_to_virt(move->from));
}

/* Maps the new frame, frees the old one, counts, tells the classifier. No flush is needed: nothing was present. */
static inline void move_finish(struct space *space, const struct move *move)
{
    enum tier to = move->order.to;

    space_resume(space, move->order.page, move->entry, move->to, to);
    space_frame_free(space, to ^ 1, move->from);
    order_done(space, move->order, MOVED);
}

/*
 * One order from beginning to end, with a flush of that page alone, unless its entry faults already: who protected it has
 * flushed, and a missing right is not cached (SDM vol. 3A, 4.10.2.3; so Linux, ptep_clear_flush() of an entry that is not
 * pte_accessible()). The caller tells order_done().
 */
enum outcome move_now(struct space *space, struct order order);

/* Two pages that are to swap places: each lies in the tier where the other is to go. */
struct pair {
    struct order up, down;
    pte_t *high, *low; /* of the page that goes up, down */
};

/* Takes both out, if they are as they should be: returns MOVED, or GONE. The caller flushes before it goes on. */
enum outcome pair_take(struct space *space, struct pair *pair);

/* Swaps their contents through a buffer, so three copies and no free frame, maps both, and tells order_done(). */
void pair_finish(struct space *space, const struct pair *pair);
