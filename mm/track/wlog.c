/*
 * wlog: a log of written pages with the semantics of Intel's page-modification logging, by write protection.
 *
 *      first write to a page since it was armed:   log exhausted?  count a "full" event, drain
 *                                                  buffer[index--] = the page's address; let it be written
 *      each window:                                drain; report each written page and arm it again (not writable);
 *                                                  flush once
 *      drain:                                      from entry 511 down to the last one: mark the page written; index
 *                                                  = 511
 *
 * After the Intel SDM, vol. 3C, 29.3.6 (Page-Modification Logging): 512 entries of 4 KiB-aligned addresses, an index
 * that counts down from 511, and an event that finds the index out of range causes an exit before it is logged. So n
 * first writes between two drains are floor((n - 1) / 512) full events and a final drain. The drained pages go to a
 * bitmap, as in KVM (vmx_flush_pml_buffer()). Differs from the processor: it logs when D goes from 0 to 1; here the
 * right to write is taken away and each first write faults, at a cost that stands in fault_ns. Contents, order and
 * full events are the same; logging by hardware costs an exit a full event instead. D bits are left alone, they are
 * other parts' business. A page whose first touch is a load comes up write-protected. Cost: a fault a written page
 * and window, a locked AND to arm it, one flush a window; nothing for pages that are not written. Known weak spot: it
 * is blind to loads, and to how often a page is written.
 */
#include "mm/track/wlog.h"
#include "mm/mech.h"
#include "mm/memory.h"
#include "mm/tlb.h"

u64 wlog_buffer[WLOG_ENTRIES];
u16 wlog_index = WLOG_ENTRIES - 1;
u64 wlog_full, wlog_entries;

#define WORD_PAGES 64

static u64 *written; /* a bit a page: drained and not yet reported */
static u32 next_word;

static inline u32 nr_words(const struct space *space)
{
    return (space->nr_pages + WORD_PAGES - 1) / WORD_PAGES;
}

static void drain(const struct space *space)
{
    for (u32 i = WLOG_ENTRIES - 1; i != wlog_index && i < WLOG_ENTRIES; i--) {
        u32 page = (u32)((wlog_buffer[i] - space->base) >> PAGE_SHIFT);
        written[page / WORD_PAGES] |= (u64)1 << page % WORD_PAGES;
    }
    wlog_index = WLOG_ENTRIES - 1;
}

static void note(const struct space *space, u32 page)
{
    if (wlog_index >= WLOG_ENTRIES) { /* 0 - 1 in 16 bits */
        wlog_full++;
        drain(space);
    }
    wlog_buffer[wlog_index--] = space_va(space, page);
    wlog_entries++;
}

static void set_writable(struct space *space, bool writable)
{
    for (u32 page = 0; page < space->nr_pages; page++) {
        pte_t *entry = space_entry(space, page);
        if (!entry || !pte_has_frame(*entry))
            continue;
        if (writable)
            __atomic_fetch_or(&entry->bits, PTE_WRITE, __ATOMIC_SEQ_CST);
        else
            pte_clear_bits(entry, PTE_WRITE);
    }
}

static void wlog_start(struct space *space)
{
    if (!written)
        written = kmem_alloc(nr_words(space) * sizeof(u64));
    for (u32 word = 0; word < nr_words(space); word++)
        written[word] = 0;
    set_writable(space, false);
    tlb_flush_all(FLUSH_LOCAL);
    wlog_index = WLOG_ENTRIES - 1;
    next_word = 0;
}

static void wlog_stop(struct space *space)
{
    set_writable(space, true);
}

/* Reports and arms the pages of one word. */
static void report(struct space *space, u32 word, struct observations *out)
{
    for (u64 bits = written[word]; bits; bits &= bits - 1) {
        u32 page = word * WORD_PAGES + (u32)__builtin_ctzll(bits);
        pte_clear_bits(space_entry(space, page), PTE_WRITE);
        pte_visits++;
        out->list[out->count++] = (struct observation){.page = page, .weight = 1, .flags = OBSERVED_WRITTEN};
    }
    written[word] = 0;
}

static bool wlog_step(struct space *space, struct observations *out)
{
    bool whole = !next_word;

    if (whole)
        drain(space);
    for (; next_word < nr_words(space) && out->count <= OBSERVATIONS_PER_STEP - WORD_PAGES; next_word++)
        if (written[next_word])
            report(space, next_word, out);
    whole = whole && next_word == nr_words(space);
    if (out->count)
        tlb_flush_all(whole ? FLUSH_PER_WINDOW : FLUSH_PER_PAGES);
    if (next_word < nr_words(space))
        return false;
    next_word = 0;
    return true;
}

/* An untouched page: a store is logged and left to demand paging, a load gets a page that is not writable. */
static bool first_touch(struct space *space, u32 page, bool write)
{
    if (write) {
        note(space, page);
        return false;
    }
    if (space_populate(space, page))
        return false; /* demand paging will say so */
    space->first_touches++;
    pte_clear_bits(space_entry(space, page), PTE_WRITE);
    return true;
}

static bool wlog_fault(struct space *space, u32 page, bool write)
{
    pte_t *entry = space_entry(space, page);

    if (!entry || !entry->bits)
        return first_touch(space, page, write);
    if (!write || (entry->bits & (PTE_PRESENT | PTE_WRITE)) != PTE_PRESENT)
        return false;
    note(space, page);
    __atomic_fetch_or(&entry->bits, PTE_WRITE,
                      __ATOMIC_SEQ_CST); /* the fault has dropped its translation (SDM vol. 3A, 4.10.4.1) */
    return true;
}

static const struct tracker wlog = {
    .counters = {{"wlog_entries", &wlog_entries}, {"wlog_full", &wlog_full}},
    .name = "wlog",
    .summary = "a log of written pages, as page-modification logging keeps it, by write protection",
    .start = wlog_start,
    .step = wlog_step,
    .fault = wlog_fault,
    .stop = wlog_stop,
};
REGISTER_TRACKER(wlog);
