/*
 * Moving one page, in the three acts that every migrator is made of. What differs between migrators is the order in
 * which they act on many pages, and when they flush.
 */
#pragma once

#include "kernel/cpu.h"
#include "mm/direct.h"
#include "mm/mech.h"
#include "mm/memory.h"

struct move {
    u32 page;
    enum tier to_tier; /* the other one is where it comes from */
    pfn_t from, to;
    pte_t *entry;
};

/*
 * Takes the page out: a frame in the other tier, and an entry that faults (PTE_MOVING). The caller flushes before it
 * copies; until then a stale translation may still write. Returns 0, ERR_NOENT (no frame, in flight, or in that tier
 * already) or ERR_NOMEM (tier full).
 */
int move_take(struct space *space, u32 page, enum tier to, struct move *move);

/* Copies the contents through the direct map. */
static inline void move_copy(const struct move *move)
{
    copy_page(pfn_to_virt(move->to), pfn_to_virt(move->from));
}

/* Maps the new frame, frees the old one, counts, tells the classifier. No flush is needed: nothing was present. */
void move_finish(struct space *space, const struct move *move);

/* How far a migrator has come in a plan. */
struct plan_cursor {
    const struct plan *plan;
    u32 promoted, demoted;
};

/*
 * The next page of the plan and where it goes: promotions while the fast tier has room, else the demotion that makes
 * some. False when nothing is left that can be done now; demotions in flight may make room for more.
 */
static inline bool plan_next(struct plan_cursor *cursor, u32 *page, enum tier *to)
{
    const struct plan *plan = cursor->plan;
    bool room = frame_pool(TIER_FAST)->nr_free > 0;

    if (cursor->promoted < plan->nr_promote && room) {
        *to = TIER_FAST;
        *page = plan->promote[cursor->promoted++];
        return true;
    }
    if (cursor->demoted == plan->nr_demote)
        return false;
    *to = TIER_SLOW;
    *page = plan->demote[cursor->demoted++];
    return true;
}
