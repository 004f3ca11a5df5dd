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
#include "lib/string.h"
#include "mm/memory.h"
#include "mm/tlb.h"

#define WORD_PAGES 64

static const struct tracker wlog;

static inline u32 nr_words(const struct space *space)
{
    return (space->nr_pages + WORD_PAGES - 1) / WORD_PAGES;
}

static void drain(const struct space *space, struct wlog *t)
{
    for (u32 i = WLOG_ENTRIES - 1; i != t->index && i < WLOG_ENTRIES; i--) {
        u32 page = (u32)((t->buffer[i] - space->base) >> PAGE_SHIFT);
        t->written[page / WORD_PAGES] |= (u64)1 << page % WORD_PAGES;
    }
    t->index = WLOG_ENTRIES - 1;
}

static void arm(struct space *space, u32 page)
{
    pte_t *entry = space_entry(space, page);

    if (entry && pte_has_frame(*entry))
        space_protect(space, page, entry, REASON_LOG);
}

static void wlog_start(struct space *space)
{
    struct wlog *t = space_own(space, TRACKER, &wlog, sizeof(*t));

    if (!t->written)
        t->written = kmem_alloc(nr_words(space) * sizeof(u64));
    memset(t->written, 0, nr_words(space) * sizeof(u64));
    t->index = WLOG_ENTRIES - 1;
    t->next_word = 0;
    t->wlog_full = t->wlog_entries = 0;
    for (u32 page = 0; page < space->nr_pages; page++)
        arm(space, page);
    space->new_reasons |= REASON_LOG;
    tlb_flush_all(FLUSH_LOCAL);
}

static void wlog_stop(struct space *space)
{
    for (u32 page = 0; page < space->nr_pages; page++) {
        pte_t *entry = space_entry(space, page);
        if (entry && entry->bits & REASON_LOG)
            space_allow(space, page, entry, REASON_LOG);
    }
    space->new_reasons &= ~REASON_LOG;
}

/* Reports and arms the pages of one word. */
static void report(struct space *space, struct wlog *t, u32 word, struct observations *out)
{
    for (u64 bits = t->written[word]; bits; bits &= bits - 1) {
        u32 page = word * WORD_PAGES + (u32)__builtin_ctzll(bits);
        arm(space, page);
        space->pte_visits++;
        out->list[out->count++] = (struct observation){.page = page, .weight = 1, .flags = OBSERVED_WRITTEN};
    }
    t->written[word] = 0;
}

static bool wlog_step(struct space *space, struct observations *out)
{
    struct wlog *t = space->own[TRACKER];
    bool whole = !t->next_word;

    if (whole)
        drain(space, t);
    for (; t->next_word < nr_words(space) && out->count <= OBSERVATIONS_PER_STEP - WORD_PAGES; t->next_word++)
        if (t->written[t->next_word])
            report(space, t, t->next_word, out);
    whole = whole && t->next_word == nr_words(space);
    if (out->count)
        tlb_flush_all(whole ? FLUSH_PER_WINDOW : FLUSH_PER_PAGES);
    if (t->next_word < nr_words(space))
        return false;
    t->next_word = 0;
    return true;
}

/* A first write: the fault has dropped the page's translation (SDM vol. 3A, 4.10.4.1). */
static struct touch *wlog_fault(struct space *space, u32 page, bool write)
{
    struct wlog *t = space->own[TRACKER];

    (void)write;
    if (t->index >= WLOG_ENTRIES) { /* 0 - 1 in 16 bits */
        t->wlog_full++;
        drain(space, t);
    }
    t->buffer[t->index--] = space_va(space, page);
    t->wlog_entries++;
    return NULL;
}

static const struct tracker wlog = {
    .part = {.name = "wlog",
             .summary = "a log of written pages, as page-modification logging keeps it, by write protection",
             .counters = {COUNTER(wlog, wlog_entries), COUNTER(wlog, wlog_full)},
             .start = wlog_start,
             .stop = wlog_stop},
    .sees = SEES_EVERY_WINDOW,
    .step = wlog_step,
    .fault = wlog_fault,
};
REGISTER_TRACKER(wlog);
