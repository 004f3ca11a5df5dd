/*
 * ideal: the whole plan at once, free of charge. No mechanism, but the bound for all of them: what remains of a run's
 * time is then due to knowing and deciding. Pages are exchanged in place where no frame is free.
 */
#include "kernel/string.h"
#include "kernel/cpu.h"
#include "mm/direct.h"
#include "mm/memory.h"
#include "mm/move.h"
#include "mm/tlb.h"

static const struct plan *plan;

static void ideal_begin(struct space *space, const struct plan *new_plan)
{
    (void)space;
    plan = new_plan;
}

static bool move_now(struct space *space, u32 page, enum tier to)
{
    struct move move;

    if (move_take(space, page, to, &move))
        return false;
    move_copy(&move);
    move_finish(space, &move);
    return true;
}

/* Both tiers are full: the two pages swap contents and entries, and each frame keeps its tier. */
static void exchange(struct space *space, u32 up, u32 down)
{
    static u64 buffer[PAGE_SIZE / 8];
    pfn_t slow = space_pfn(space, up), fast = space_pfn(space, down);

    copy_page(buffer, pfn_to_virt(slow));
    copy_page(pfn_to_virt(slow), pfn_to_virt(fast));
    copy_page(pfn_to_virt(fast), buffer);
    /* Protections and A and D bits stay with the page. */
    space_replace(space, up, pte_make(fast, space_entry(space, up)->bits & ~PTE_ADDRESS));
    space_replace(space, down, pte_make(slow, space_entry(space, down)->bits & ~PTE_ADDRESS));
    migration_counts.promoted++;
    migration_counts.demoted++;
    migration_listener(space, up, TIER_FAST);
    migration_listener(space, down, TIER_SLOW);
}

static bool ideal_step(struct space *space, u32 budget)
{
    u32 down = 0;

    (void)budget;
    for (u32 up = 0; up < plan->nr_promote; up++) {
        if (!frame_pool(TIER_FAST)->nr_free) {
            if (down == plan->nr_demote)
                break; /* no room, and nothing left that would make some */
            if (!frame_pool(TIER_SLOW)->nr_free) {
                exchange(space, plan->promote[up], plan->demote[down++]);
                continue;
            }
            move_now(space, plan->demote[down++], TIER_SLOW);
        }
        if (!move_now(space, plan->promote[up], TIER_FAST))
            migration_counts.failed++;
    }
    while (down < plan->nr_demote)
        if (!move_now(space, plan->demote[down++], TIER_SLOW))
            migration_counts.failed++;
    tlb_flush_all(FLUSH_LOCAL);
    return true;
}

static void ideal_finish(struct space *space)
{
    (void)space;
}

static const struct migrator ideal = {
    .name = "ideal",
    .summary = "moves everything at once and free of charge: the bound of all migrators",
    .is_free = true,
    .begin = ideal_begin,
    .step = ideal_step,
    .finish = ideal_finish,
};
REGISTER_MIGRATOR(ideal);
