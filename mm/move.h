/*
 * Moving one page, in the three acts that every migrator is made of. What differs between migrators is the order in which they
 * act on many pages, and when they flush.
 */
#pragma once

#include "mm/mech.h"

struct move {
    u32 page;
    enum tier to_tier; /* the other one is where it comes from */
    pfn_t from, to;
    pte_t *entry;
};

/*
 * Takes the page out: a frame in the other tier, and an entry that faults (PTE_MOVING). The caller flushes before it copies; until
 * then a stale translation may still write. Returns 0, ERR_NOENT (no frame, in flight, or in that
 * tier already) or ERR_NOMEM (tier full).
 */
int move_take(struct space *space, u32 page, enum tier to, struct move *move);

/* Copies the contents through the direct map. */
void move_copy(const struct move *move);

/* Maps the new frame, frees the old one, counts, tells the classifier. No flush is needed: nothing was present. */
void move_finish(struct space *space, const struct move *move);

/*
 * The next page of the plan and where it goes: promotions while the fast tier has room, else the demotion that makes some. False
 * when nothing is left that can be done.
 */
struct plan_cursor {
    const struct plan *plan;
    u32 promoted, demoted; /* how far in each list */
};
bool plan_next(struct plan_cursor *cursor, u32 *page, enum tier *to);
