#include "mm/classify/by_counts.h"
#include "mm/memory.h"
#include "mm/sort.h"

/* Count in the high half, so that sorting orders by it; equal counts go by page number. */
static u64 *sorted[NR_TIERS];

void plan_by_counts(struct space *space, const u32 *counts, u32 capacity, u32 move_gain, u32 swap_gain,
                    struct plan *plan)
{
    u32 nr[NR_TIERS] = {0}, room = capacity - MIN(space->resident[TIER_FAST], capacity);

    for (unsigned tier = 0; tier < NR_TIERS && !sorted[tier]; tier++)
        sorted[tier] = kmem_alloc(space->nr_pages * sizeof(u64));
    for (u32 page = 0; page < space->nr_pages; page++) {
        if (!space_resident(space, page))
            continue;
        enum tier tier = space_tier(space, page);
        sorted[tier][nr[tier]++] = (u64)counts[page] << 32 | page;
    }
    sort_u64(sorted[TIER_FAST], nr[TIER_FAST]);
    sort_u64(sorted[TIER_SLOW], nr[TIER_SLOW]);

    plan->nr_promote = plan->nr_demote = 0;
    while (plan->nr_promote < nr[TIER_SLOW]) {
        u64 up = sorted[TIER_SLOW][nr[TIER_SLOW] - 1 - plan->nr_promote];
        if (plan->nr_promote < room) {
            if (up >> 32 <= move_gain)
                break;
        } else {
            u64 down;
            if (plan->nr_demote == nr[TIER_FAST])
                break;
            down = sorted[TIER_FAST][plan->nr_demote];
            if (up >> 32 <= (down >> 32) + swap_gain)
                break;
            plan->demote[plan->nr_demote++] = (u32)down;
        }
        plan->promote[plan->nr_promote++] = (u32)up;
    }
}
