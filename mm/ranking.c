#include "mm/ranking.h"
#include "mm/memory.h"
#include "lib/sort.h"

void ranking_start(const struct space *space, struct ranking *ranking)
{
    if (!ranking->promote) {
        ranking->promote = kmem_alloc(space->nr_pages * sizeof(u32));
        ranking->demote = kmem_alloc(space->nr_pages * sizeof(u32));
        for (unsigned tier = 0; tier < NR_TIERS; tier++)
            ranking->sorted[tier] = kmem_alloc((space->nr_pages + 1) * sizeof(u64));
    }
    ranking->sorted[TIER_FAST][0] = RANKING_END;
    ranking->nr_promote = ranking->nr_demote = ranking->promoted = ranking->demoted = 0;
}

void ranking_by_counts(const struct space *space, struct ranking *ranking, const u32 *counts, u32 move_gain,
                       u32 swap_gain)
{
    u64 *const *sorted = ranking->sorted; /* count in the high half; equal counts go by page number */
    u32 nr[NR_TIERS] = {0}, room = space_room(space, TIER_FAST);

    for (u32 page = 0; page < space->nr_pages; page++) {
        if (!space_resident(space, page))
            continue;
        enum tier tier = space_tier(space, page);
        sorted[tier][nr[tier]++] = (u64)counts[page] << 32 | page;
    }
    sort_u64(sorted[TIER_FAST], nr[TIER_FAST]);
    sort_u64(sorted[TIER_SLOW], nr[TIER_SLOW]);
    sorted[TIER_FAST][nr[TIER_FAST]] = RANKING_END;

    ranking->nr_promote = ranking->nr_demote = ranking->promoted = ranking->demoted = 0;
    while (ranking->nr_promote < nr[TIER_SLOW]) {
        u64 up = sorted[TIER_SLOW][nr[TIER_SLOW] - 1 - ranking->nr_promote];
        if (ranking->nr_promote < room) {
            if (up >> 32 <= move_gain)
                break;
        } else {
            u64 down;
            if (ranking->nr_demote == nr[TIER_FAST])
                break;
            down = sorted[TIER_FAST][ranking->nr_demote];
            if (up >> 32 <= (down >> 32) + swap_gain)
                break;
            ranking->demote[ranking->nr_demote++] = (u32)down;
        }
        ranking->promote[ranking->nr_promote++] = (u32)up;
    }
}

struct order ranking_give(struct ranking *ranking)
{
    u64 next = ranking->sorted[TIER_FAST][ranking->nr_demote];

    if (next != RANKING_END)
        ranking->demote[ranking->nr_demote++] = (u32)next;
    return ranking_next(ranking, TIER_SLOW);
}
