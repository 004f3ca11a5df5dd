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
 * write log: both must name the same pages in every window. Clears D, and so is not to be combined with a migrator that
 * tests D. Cost: as abit, plus the walks by which stores set D anew, which the workload pays. Known weak spot: blind to
 * reads.
 */
#include "mm/tlb.h"
#include "mm/track/bits.h"

static KEY_NUMBER(dbit_pages, "dbit_pages", OBSERVATIONS_PER_STEP, PT_ENTRIES, OBSERVATIONS_PER_STEP,
                  "dbit: pages a step, in whole tables of 512; as abit_pages, so that the two compare");

static u32 next_page;
static volatile u8 *walked; /* null without the model */

static void dbit_start(struct space *space)
{
    walked = walked_bytes(space);
    drop_all_bits(space, PTE_DIRTY, WALKED_DIRTY);
    tlb_flush_all(FLUSH_LOCAL);
    next_page = 0;
}

static bool dbit_step(struct space *space, struct observations *out)
{
    u32 end = step_end(space, next_page, dbit_pages);
    struct observation *at = out->list;
    bool whole = next_page == 0 && end == space->nr_pages;

    for (; next_page < end; next_page += PT_ENTRIES) {
        pte_t *table = space_scanned(space, next_page / PT_ENTRIES);
        if (!table)
            continue;
        at = scan_table(table, next_page, at, PTE_DIRTY, OBSERVED_WRITTEN);
        pte_visits += PT_ENTRIES;
    }
    out->count = (u32)(at - out->list);
    forget_dirty(walked, out, NULL);
    if (out->count)
        tlb_flush_all(whole ? FLUSH_PER_WINDOW : FLUSH_PER_PAGES);
    if (next_page < space->nr_pages)
        return false;
    next_page = 0;
    return true;
}

static const struct tracker dbit = {
    .name = "dbit",
    .summary = "scans and clears the leaf entries' dirty bits every window, then flushes: written pages only",
    .start = dbit_start,
    .step = dbit_step,
};
REGISTER_TRACKER(dbit);
