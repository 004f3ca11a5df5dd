/* What all migrators share. */
#include "mm/move.h"
#include "kernel/err.h"

struct migration_counts migration_counts;
void (*migration_listener)(struct space *space, u32 page, enum tier to);

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

void move_finish(struct space *space, const struct move *move)
{
    enum tier to = move->to_tier;

    space_resume(space, move->page, move->entry, move->to, to);
    frame_pool_free(&frame_pools[to ^ 1], move->from);
    if (to == TIER_FAST)
        migration_counts.promoted++;
    else
        migration_counts.demoted++;
    if (migration_listener)
        migration_listener(space, move->page, to);
}
