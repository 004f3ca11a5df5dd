/*
 * dbit: scan the leaf entries' dirty bits: which pages were written, once a window.
 *
 *      each window, each step:
 *          for each entry of the next `dbit_pages` pages:  if D is set: note the page as written, clear D
 *          flush the TLB if anything was cleared
 *
 * The processor sets D at the first store through an entry whose cached translation is not known to be dirty (Intel SDM
 * vol. 3A, 4.8); without the flush a cached one that is would hide further writes (4.10.4.2). As Linux's soft-dirty
 * tracking and KVM's dirty log without hardware support, but by the bit alone, without faults. It cross-checks the
 * write log: both must name the same pages in every window. A migrator that looks for stores finds what was cleared here (mm/bits.h). Cost: as abit, plus the walks by which stores set D anew, which the workload pays. Known weak spot: blind to
 * reads.
 */
#include "mm/bits.h"
#include "mm/table_log.h"
#include "mm/tlb.h"

KEY_NUMBER(dbit_pages, "dbit_pages", OBSERVATIONS_PER_STEP, PT_ENTRIES, OBSERVATIONS_PER_STEP,
                  "dbit: pages a step, in whole tables of 512; as abit_pages, so that the two compare");

struct dbit {
    u32 next_page;
    volatile u8 *walked; /* null without the model */
};

static const struct tracker dbit;

static void dbit_start(struct space *space)
{
    struct dbit *t = space_own(space, TRACKER, &dbit, sizeof(*t));

    *t = (struct dbit){.walked = walked_bytes(space)};
    drop_all_bits(space, PTE_DIRTY, WALKED_DIRTY);
    tlb_flush_all(FLUSH_LOCAL);
}

static bool dbit_step(struct space *space, struct observations *out)
{
    struct dbit *t = space->own[TRACKER];
    u32 page = t->next_page, end = step_end(space, page, dbit_pages);
    struct observation *at = out->list;
    bool whole = page == 0 && end == space->nr_pages;

    for (; page < end; page += PT_ENTRIES) {
        pte_t *table = table_to_scan(space, page / PT_ENTRIES);
        if (!table)
            continue;
        at = scan_table(table, page, at, true);
        space->pte_visits += PT_ENTRIES;
    }
    out->count = (u32)(at - out->list);
    forget_dirty(t->walked, out);
    if (out->count || table_log_unflushed(space))
        tlb_flush_all(whole ? FLUSH_PER_WINDOW : FLUSH_PER_PAGES);
    t->next_page = page < space->nr_pages ? page : 0;
    return !t->next_page;
}

static const struct tracker dbit = {
    .part = {.name = "dbit",
             .summary = "scans and clears the leaf entries' dirty bits every window, then flushes: written pages only",
             .start = dbit_start},
    .sees = SEES_EVERY_WINDOW,
    .step = dbit_step,
};
REGISTER_TRACKER(dbit);
