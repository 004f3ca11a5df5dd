/*
 * mine: reads and clears the accessed bits of all pages, each window in steps of whole tables, and flushes once a step.
 *
 *      step:   for each entry of the next tables:  if A is set: report the page, clear A
 *              if anything was cleared: flush the TLB, since a translation that stays there hides the next access
 */
#include "mm/bits.h"
#include "mm/tlb.h"

struct mine {
    u32 next_page;
};

static const struct tracker mine;

static void mine_start(struct space *space)
{
    struct mine *t = space_own(space, TRACKER, &mine, sizeof(*t));

    t->next_page = 0;
    drop_all_bits(space, PTE_ACCESSED, WALKED_ACCESSED);
    tlb_flush_all(FLUSH_LOCAL);
}

static bool mine_step(struct space *space, struct observations *out)
{
    struct mine *t = space->own[TRACKER];
    u32 page = t->next_page, end = step_end(space, page, OBSERVATIONS_PER_STEP);
    struct observation *at = out->list;

    for (; page < end; page += PT_ENTRIES) {
        pte_t *table = space_scanned(space, page / PT_ENTRIES);
        if (!table)
            continue;
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
