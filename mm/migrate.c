/* What all migrators share. */
#include "kernel/err.h"
#include "kernel/cpu.h"
#include "mm/direct.h"
#include "mm/memory.h"
#include "mm/move.h"

struct migration_counts migration_counts;
const struct classifier *migration_listener;

int move_take(struct space *space, u32 page, enum tier to, struct move *move)
{
    pte_t *entry = space_entry(space, page);

    if (!entry || !pte_present(*entry))
        return ERR_NOENT;
    move->from = pte_pfn(*entry);
    if (frame_tier(move->from) == to)
        return ERR_NOENT;
    move->to = frame_alloc(to);
    if (move->to == PFN_INVALID)
        return ERR_NOMEM;
    move->page = page;
    move->to_tier = to;
    move->entry = entry;
    space_suspend(space, page, entry);
    return 0;
}

void move_copy(const struct move *move)
{
    copy_page(pfn_to_virt(move->to), pfn_to_virt(move->from));
}

void move_finish(struct space *space, const struct move *move)
{
    enum tier to = move->to_tier;

    space_resume(space, move->page, move->entry, move->to, to);
    frame_pool_free(&frame_pools[to ^ 1], move->from);
    if (to == TIER_FAST)
        migration_counts.promoted++;
    else
        migration_counts.demoted++;
    if (migration_listener && migration_listener->moved)
        migration_listener->moved(space, move->page, to);
}

bool plan_next(struct plan_cursor *cursor, u32 *page, enum tier *to)
{
    const struct plan *plan = cursor->plan;
    bool room = frame_pool(TIER_FAST)->nr_free > 0;

    if (cursor->promoted < plan->nr_promote && room) {
        *to = TIER_FAST;
        *page = plan->promote[cursor->promoted++];
        return true;
    }
    /* No room, and nothing left that makes some: the rest must wait until open demotions are finished, or cannot be done. */
    if (cursor->demoted == plan->nr_demote)
        return false;
    *to = TIER_SLOW;
    *page = plan->demote[cursor->demoted++];
    return true;
}
