#include "mm/migrate/shadows.h"
#include "mm/tlb.h"

void shadows_start(struct space *space, struct shadows *s)
{
    *s = (struct shadows){.frame = space_page_array(space, s->frame, sizeof(*s->frame))};
}

void shadows_stop(struct space *space, struct shadows *s)
{
    for (u32 page = 0; page < space->nr_pages; page++)
        if (shadow_is_kept(s, page))
            shadow_drop(space, s, page);
}

void shadow_drop(struct space *space, struct shadows *s, u32 page)
{
    pte_t *entry = space_entry(space, page);

    space_frame_free(space, TIER_SLOW, s->frame[page] - 1);
    s->frame[page] = 0;
    if (entry->bits & REASON_GUARDED)
        space_allow(space, page, entry, REASON_GUARDED);
}

void shadow_demote(struct space *space, struct shadows *s, struct order order)
{
    pte_t *entry = space_entry(space, order.page);
    pfn_t fast = pte_pfn(*entry), slow = s->frame[order.page] - 1;

    s->frame[order.page] = 0;
    s->demotions++;
    space_protect(space, order.page, entry, REASON_MOVING);
    tlb_flush_page(space_va(space, order.page), FLUSH_PER_PAGES);
    space_allow(space, order.page, entry, REASON_GUARDED);
    space_resume(space, order.page, entry, slow, TIER_SLOW);
    space_frame_free(space, TIER_FAST, fast);
    order_done(space, order, MOVED);
}

bool shadow_release(struct space *space, struct shadows *s)
{
    for (u32 left = space->nr_pages; left; left--) {
        u32 page = s->hand;
        s->hand = page + 1 < space->nr_pages ? page + 1 : 0;
        if (!shadow_is_kept(s, page))
            continue;
        s->released++;
        shadow_drop(space, s, page);
        return true;
    }
    return false;
}
