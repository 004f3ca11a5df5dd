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
    *move = (struct move){.page = page, .from = pte_pfn(*entry), .to = frame_alloc(to)};
    if (move->to == PFN_INVALID)
        return ERR_NOMEM;
    space_replace(space, page, pte_make(move->from, PTE_MOVING));
    return 0;
}

void move_copy(const struct move *move)
{
    copy_page(pfn_to_virt(move->to), pfn_to_virt(move->from));
}

void move_finish(struct space *space, const struct move *move)
{
    enum tier to = frame_tier(move->to);

    space_replace(space, move->page, pte_make(move->to, PTE_PRESENT | PTE_WRITE | PTE_NO_EXECUTE));
    frame_free(move->from);
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

    if (cursor->promoted < plan->nr_promote && (room || cursor->demoted == plan->nr_demote)) {
        *to = TIER_FAST;
        *page = plan->promote[cursor->promoted++];
        return room; /* no room, and nothing left that would make some: the rest cannot be done */
    }
    if (cursor->demoted == plan->nr_demote)
        return false;
    *to = TIER_SLOW;
    *page = plan->demote[cursor->demoted++];
    return true;
}
