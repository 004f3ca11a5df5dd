/* What all migrators share. */
#include "mm/move.h"
#include "mm/tlb.h"

enum outcome move_now(struct space *space, struct order order)
{
    struct move move = {.order = order};
    enum outcome outcome = move_target(space, &move);
    bool cached;

    if (outcome != MOVED)
        return outcome;
    cached = pte_present(*move.entry);
    space_protect(space, order.page, move.entry, REASON_MOVING);
    if (cached)
        tlb_flush_page(space_va(space, order.page), FLUSH_PER_PAGES);
    move_copy(&move);
    space_resume(space, order.page, move.entry, move.to, order.to);
    space_frame_free(space, order.to ^ 1, move.from);
    return MOVED;
}

static bool lies_in(const struct space *space, u32 page, enum tier tier)
{
    const pte_t *entry = space_entry(space, page);

    return entry && pte_has_frame(*entry) && !(entry->bits & IN_FLIGHT) && frame_tier(pte_pfn(*entry)) == tier;
}

enum outcome move_exchange(struct space *space, struct order up, struct order down,
                           enum flush_reach reach)
{
    static u64 buffer[PAGE_SIZE / 8] __attribute__((aligned(PAGE_SIZE)));
    pte_t *high, *low;
    pfn_t slow, fast;

    if (!lies_in(space, up.page, up.to ^ 1) || !lies_in(space, down.page, down.to ^ 1))
        return GONE;
    high = space_entry(space, up.page);
    low = space_entry(space, down.page);
    slow = pte_pfn(*high);
    fast = pte_pfn(*low);
    space_protect(space, up.page, high, REASON_MOVING);
    space_protect(space, down.page, low, REASON_MOVING);
    tlb_flush_page(space_va(space, up.page), reach);
    tlb_flush_page(space_va(space, down.page), reach);
    copy_page(buffer, pfn_to_virt(slow));
    copy_page(pfn_to_virt(slow), pfn_to_virt(fast));
    copy_page(pfn_to_virt(fast), buffer);
    space_resume(space, up.page, high, fast, up.to);
    space_resume(space, down.page, low, slow, down.to);
    return MOVED;
}
