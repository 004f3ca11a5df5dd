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
 * visited and cleared as ever: the cost is the same less the flush. Cost: one load and a branch an entry, a locked
 * AND for each accessed one, the flushes. Known weak spot: it tells how recently, not how often; pages accessed once
 * a window and a thousand times look alike.
 */
#include "kernel/exit.h"
#include "mm/tlb.h"
#include "mm/track/bits.h"

static KEY_NUMBER(abit_pages, "abit_pages", OBSERVATIONS_PER_STEP, PT_ENTRIES, OBSERVATIONS_PER_STEP,
                  "abit: pages a step, in whole tables of 512; each step that clears a bit flushes");
KEY_TEXT(abit_flush, "flush", "full", "full|page|none",
         "abit: after clearing, flush the whole TLB once a step, each cleared page, or nothing (needs the model)");

static u32 next_page;
static bool flushed; /* in this window already */
static bool by_page;
static volatile u8 *walked; /* flush=none: where the accesses are looked up; else null */

static void abit_start(struct space *space)
{
    by_page = abit_flush[0] == 'p';
    walked = abit_flush[0] == 'n' ? walked_bytes(space) : NULL;
    if (abit_flush[0] == 'n' && !walked)
        refuse("flush=none: without a flush only the model's TLB says what is seen: run it without --no-model");
    drop_all_bits(space, PTE_ACCESSED, WALKED_ACCESSED);
    tlb_flush_all(FLUSH_LOCAL);
    next_page = 0;
}

/*
 * Makes the entries of a table's `count` pages say what they would if the modelled TLB's walks were the only ones. This
 * is the laboratory's doing, not the tracker's: the clock stands still.
 */
static void show_walked(pte_t *table, u32 first_page, u32 count)
{
    booking_t booking = clock_book(BOOK_OFF);
    volatile u8 *bytes = walked + first_page;

    for (u32 i = 0; i < count; i++) {
        bool accessed = bytes[i] & WALKED_ACCESSED;
        if (accessed)
            bytes[i] &= (u8)~WALKED_ACCESSED;
        if (accessed == has_bits(&table[i], PTE_ACCESSED))
            continue;
        if (!accessed)
            drop_bits(&table[i], PTE_ACCESSED);
        else if (pte_has_frame(table[i]))
            __atomic_fetch_or(&table[i].bits, PTE_ACCESSED, __ATOMIC_SEQ_CST);
    }
    clock_book(booking);
}

/* The first flush of a window would be there however large memory is; the further ones grow with it. */
static void flush_after(struct space *space, const struct observations *cleared)
{
    if (walked || !cleared->count)
        return;
    if (!by_page)
        tlb_flush_all(flushed ? FLUSH_PER_PAGES : FLUSH_PER_WINDOW), flushed = true;
    else
        for (u32 i = 0; i < cleared->count; i++)
            tlb_flush_page(space_va(space, cleared->list[i].page), FLUSH_PER_PAGES);
}

static bool abit_step(struct space *space, struct observations *out)
{
    u32 end = step_end(space, next_page, abit_pages);
    struct observation *at = out->list;

    if (!next_page)
        flushed = false;

    for (; next_page < end; next_page += PT_ENTRIES) {
        pte_t *table = space_scanned(space, next_page / PT_ENTRIES);
        if (!table)
            continue;
        if (__builtin_expect(walked != NULL, 0))
            show_walked(table, next_page, MIN(PT_ENTRIES, end - next_page));
        at = scan_table(table, next_page, at, PTE_ACCESSED, OBSERVED_READ);
        pte_visits += PT_ENTRIES;
    }
    out->count = (u32)(at - out->list);
    flush_after(space, out);
    if (next_page < space->nr_pages)
        return false;
    next_page = 0;
    return true;
}

static const struct tracker abit = {
    .name = "abit",
    .summary = "scans and clears the leaf entries' accessed bits every window, then flushes",
    .start = abit_start,
    .step = abit_step,
};
REGISTER_TRACKER(abit);
