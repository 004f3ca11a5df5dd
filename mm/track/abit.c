/*
 * abit: scan the leaf entries' accessed bits.
 *
 *      each window, each step:
 *          for each entry of the next `abit_pages` pages:  if A is set: note the page, clear A
 *          flush=full: flush the TLB if anything was cleared;  flush=page: flush each page that was cleared;
 *              flush=none: nothing
 *
 * The processor sets A in an entry when it loads it into the TLB (Intel SDM vol. 3A, 4.8), so a page counts as
 * accessed once a window, however often it was. Without the flush a translation that stays in the TLB hides the
 * page's further accesses (4.10.4.2): Linux on x86 accepts that (arch/x86/mm/pgtable.c, ptep_clear_flush_young()),
 * KVM's clear_flush_young() flushes. With flush=none the modelled TLB decides, not QEMU's: a page counts as accessed
 * when the model has walked to it since its bit was cleared. The entries are made to say so, free of charge, then
 * visited and cleared as ever: the cost is the same less the flush. In a machine with scan=guest-log it visits only the
 * tables that were walked (mm/table_log.h). Cost: one load and a branch an entry, a locked
 * AND for each accessed one, the flushes. Known weak spot: it tells how recently, not how often; pages accessed once
 * a window and a thousand times look alike.
 */
#include "kernel/exit.h"
#include "mm/bits.h"
#include "mm/table_log.h"
#include "mm/tlb.h"

KEY_NUMBER(abit_pages, "abit_pages", OBSERVATIONS_PER_STEP, PT_ENTRIES, OBSERVATIONS_PER_STEP,
                  "abit: pages a step, in whole tables of 512; each step that clears a bit flushes");
KEY_TEXT(abit_flush, "flush", "full", "full|page|none",
         "abit: after clearing, flush the whole TLB once a step, each cleared page, or nothing (needs the model)");

struct abit {
    u32 next_page;
    bool flushed; /* in this window already */
    bool by_page;
    volatile u8 *walked; /* flush=none: where the accesses are looked up; else null */
};

static const struct tracker abit;

static void abit_start(struct space *space)
{
    struct abit *t = space_own(space, TRACKER, &abit, sizeof(*t));

    *t = (struct abit){.by_page = abit_flush[0] == 'p', .walked = abit_flush[0] == 'n' ? walked_bytes(space) : NULL};
    if (abit_flush[0] == 'n' && !t->walked)
        refuse("flush=none: without a flush only the model's TLB says what is seen: run it without --no-model");
    if (abit_flush[0] == 'n' && space->table_log.on)
        refuse("flush=none: without a flush a machine's log names too few of its tables; scan=guest needs none");
    drop_all_bits(space, PTE_ACCESSED, WALKED_ACCESSED);
    tlb_flush_all(FLUSH_LOCAL);
}

/* The first flush of a window would be there however large memory is; the further ones grow with it. */
static void flush_after(struct space *space, struct abit *t, const struct observations *cleared)
{
    if (t->walked || !cleared->count)
        return;
    if (t->by_page) {
        for (u32 i = 0; i < cleared->count; i++)
            tlb_flush_page(space_va(space, cleared->list[i].page), FLUSH_PER_PAGES);
        return;
    }
    tlb_flush_all(t->flushed ? FLUSH_PER_PAGES : FLUSH_PER_WINDOW);
    t->flushed = true;
}

static bool abit_step(struct space *space, struct observations *out)
{
    struct abit *t = space->own[TRACKER];
    u32 page = t->next_page, end = step_end(space, page, abit_pages);
    struct observation *at = out->list;

    if (!page)
        t->flushed = false;
    for (; page < end; page += PT_ENTRIES) {
        pte_t *table = table_to_scan(space, page / PT_ENTRIES);
        if (!table)
            continue;
        if (__builtin_expect(t->walked != NULL, 0))
            show_walked(t->walked, table, page, MIN(PT_ENTRIES, end - page));
        at = scan_table(table, page, at, false);
        space->pte_visits += PT_ENTRIES;
    }
    out->count = (u32)(at - out->list);
    flush_after(space, t, out);
    t->next_page = page < space->nr_pages ? page : 0;
    return !t->next_page;
}

static const struct tracker abit = {
    .part = {.name = "abit",
             .summary = "scans and clears the leaf entries' accessed bits every window, then flushes",
             .start = abit_start},
    .sees = SEES_EVERY_WINDOW,
    .step = abit_step,
};
REGISTER_TRACKER(abit);
