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

/* The page's entry if it lies in that tier and can be taken out, else null. */
static inline pte_t *entry_in(const struct space *space, u32 page, enum tier tier)
{
    pte_t *entry = space_entry(space, page);

    if (!entry || !pte_has_frame(*entry) || entry->bits & IN_FLIGHT || frame_tier(pte_pfn(*entry)) != tier)
        return NULL;
    return entry;
}

enum outcome pair_take(struct space *space, struct pair *pair)
{
    pte_t *high = entry_in(space, pair->up.page, TIER_SLOW), *low = entry_in(space, pair->down.page, TIER_FAST);

    if (!high || !low)
        return GONE;
    space_protect(space, pair->up.page, high, REASON_MOVING);
    space_protect(space, pair->down.page, low, REASON_MOVING);
    pair->high = high;
    pair->low = low;
    return MOVED;
}

void pair_finish(struct space *space, const struct pair *pair)
{
    static u64 buffer[PAGE_SIZE / 8] __attribute__((aligned(PAGE_SIZE)));
    pfn_t slow = pte_pfn(*pair->high), fast = pte_pfn(*pair->low);

    copy_page(buffer, pfn_to_virt(slow));
    copy_page(pfn_to_virt(slow), pfn_to_virt(fast));
    copy_page(pfn_to_virt(fast), buffer);
    space_resume(space, pair->up.page, pair->high, fast, TIER_FAST);
    space_resume(space, pair->down.page, pair->low, slow, TIER_SLOW);
    order_done(space, pair->up, MOVED);
    order_done(space, pair->down, MOVED);
}
