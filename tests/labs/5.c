/*
 * mine: looks into a table only if the accessed bit of the entry over it is set.
 *
 *      A walk sets A at every level, so where the upper bit is clear no page below was walked to. It is cleared only when all below it are
 *      looked at, and the full flush empties the caches for upper entries, too, so that the next walk sets it again.
 */
#include "mm/bits.h"
#include "mm/tlb.h"

struct mine {
    u32 next_page;
};

static const struct tracker mine;

/* The level-2 entry over a page (it stands for 512 of them), or null where there is no table yet. */
static inline pte_t *upper_entry(const struct space *space, u32 page)
{
    return pt_entry(space->root, space->root_base + ((vaddr_t)page << PAGE_SHIFT), 2, false);
}

static void mine_start(struct space *space)
{
    struct mine *t = space_own(space, TRACKER, &mine, sizeof(*t));

    t->next_page = 0;
    drop_all_bits(space, PTE_ACCESSED, WALKED_ACCESSED);
    for (u32 page = 0; page < space->nr_pages; page += PT_ENTRIES) {
        pte_t *upper = upper_entry(space, page);
        if (upper)
            drop_accessed(upper);
    }
    tlb_flush_all(FLUSH_LOCAL);
}

static bool mine_step(struct space *space, struct observations *out)
{
    struct mine *t = space->own[TRACKER];
    u32 page = t->next_page, end = step_end(space, page, OBSERVATIONS_PER_STEP);
    struct observation *at = out->list;

    for (; page < end; page += PT_ENTRIES) {
        pte_t *table = space_scanned(space, page / PT_ENTRIES);
        pte_t *upper = table ? upper_entry(space, page) : NULL;
        if (!upper)
            continue;
        space->pte_visits++;
        if (!has_bits(upper, PTE_ACCESSED))
            continue;
        drop_accessed(upper);
        at = scan_table(table, page, at, false);
        space->pte_visits += PT_ENTRIES;
    }
    out->count = (u32)(at - out->list);
    if (out->count)
        tlb_flush_all(FLUSH_PER_WINDOW);
    t->next_page = end < space->nr_pages ? end : 0;
    return !t->next_page;
}

static const struct tracker mine = {
    .part = {.name = "mine", .summary = "a student's tracker", .start = mine_start},
    .sees = SEES_EVERY_WINDOW,
    .step = mine_step,
};
REGISTER_TRACKER(mine);
