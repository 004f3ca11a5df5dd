/*
 * hint: hint faults on a moving cursor, as Linux's NUMA balancing.
 *
 *      each window:                 report the pages that faulted since the last one
 *                                   for the next `hint_pages` mapped pages:  make the entry not present, remember the
 *                                                                            time; flush once
 *      fault on a protected page:   note it and the time since it was protected; make the entry present again, with A
 *                                   set
 *
 * After Linux, kernel/sched/fair.c (task_numa_work(): a cursor, at most eight times as many entries looked at as are
 * protected) and mm/mprotect.c (change_pte_range()); the latency is that of memory tiering mode (commit 33024536bafd,
 * numa_hint_fault_latency()), which also passes over pages of the fast tier (hint_fast=0). A short time from
 * protection to fault means a frequent access: with hint_weight_us set a page weighs as often as its latency fits
 * into that time, at least 1; Linux instead compares with a threshold of 1000 ms (23,437 us here). Differs from
 * Linux: the pace is fixed and the same for all (Linux adapts it to the share of local faults); nothing is migrated
 * in the fault, a classifier decides; entries are made not present outright, while Linux's stay valid in software
 * only (PROT_NONE): the same to the processor, which caches no translation of a not present entry (Intel SDM vol. 3A,
 * 4.10.2.3), so giving an access back needs no flush. The times have a resolution of 2^20 ps (Linux: 1 ms, 23 us
 * here). Cost: an entry written twice, a fault on the workload's path for each page that is protected and touched,
 * one flush a window. Known weak spot: a fault tells of one access; how often the page is used until the cursor
 * returns is not seen, and going round a large space takes long.
 */
#include "mm/track/hint.h"
#include "kernel/clock.h"
#include "mm/mech.h"
#include "mm/memory.h"
#include "mm/tlb.h"

KEY_NUMBER(hint_pages, "hint_pages", 128, 1, UINT32_MAX / 8,
           "hint: pages protected a window; Linux protects at most 256 MB each 100 ms (MAX_SCAN_WINDOW): 64 pages each "
           "2.3 ms here, two such "
           "steps in a window of 4.7 ms");
KEY_NUMBER(hint_fast, "hint_fast", 1, 0, 1,
           "hint: 1: protects pages of both tiers (NUMA balancing); 0: passes over the fast tier (memory tiering)");
KEY_NUMBER(hint_weight_us, "hint_weight_us", 0, 0, 1000000,
           "hint: a page weighs as often as the time from protection to fault fits into this, at least 1; 0: each "
           "weighs 1, as in Linux's counts");

u64 hint_protected, hint_faults, hint_latency_ps;

#define TIME_SHIFT 20 /* times are kept in 2^20 ps, about a microsecond: 32 bits last for 75 minutes */

/* What a fault leaves behind for the next step, as it comes. */
struct note {
    u32 page;
    bool write;
    u64 time_ps;
};

static u32 *protected_at;              /* by page: when it was protected */
static struct note *notes, *notes_end; /* since the last step; a page faults once between two protections */
static u32 cursor;

static void protect(struct space *space, u32 page, pte_t *entry, u32 now)
{
    pte_exchange(entry, (pte_t){(entry->bits & ~PTE_PRESENT) | PTE_HINT});
    model_frames[space->first_page + page] = 0;
    protected_at[page] = now;
    hint_protected++;
}

/* The entry, whose bits are given, is not present, so no walker writes to it: a plain store does. */
static inline void give_back(struct space *space, u32 page, pte_t *entry, u64 bits)
{
    entry->bits = (bits & ~PTE_HINT) | PTE_PRESENT;
    model_frames[space->first_page + page] = pte_pfn((pte_t){bits}) + 1;
}

static void hint_stop(struct space *space)
{
    for (u32 page = 0; page < space->nr_pages; page++) {
        pte_t *entry = space_entry(space, page);
        if (!entry || !(entry->bits & PTE_HINT))
            continue;
        if (entry->bits & PTE_MOVING)
            entry->bits &= ~PTE_HINT; /* its migrator will make it present */
        else
            give_back(space, page, entry, entry->bits);
    }
    notes_end = notes;
}

static void hint_start(struct space *space)
{
    if (!notes) {
        notes = kmem_alloc(space->nr_pages * sizeof(*notes));
        protected_at = kmem_alloc(space->nr_pages * sizeof(*protected_at));
    }
    hint_stop(space);
    cursor = 0;
}

/* Protects from the cursor on, at most once around; true when there was something to protect. */
static bool protect_next(struct space *space)
{
    u32 now = (u32)(clock_now_ps() >> TIME_SHIFT), looks = (u32)hint_pages * 8, pages = (u32)hint_pages;

    for (u32 left = space->nr_pages, skip; left && looks && pages; left -= MIN(left, skip), cursor += skip) {
        if (cursor >= space->nr_pages)
            cursor = 0;
        pte_t *entry = space_entry(space, cursor);
        skip =
            entry ? 1 : PT_ENTRIES - cursor % PT_ENTRIES; /* what was never mapped is no part of Linux's areas either */
        if (!entry)
            continue;
        pte_visits++;
        looks--;
        if (!pte_present(*entry) || (!hint_fast && frame_tier(pte_pfn(*entry)) == TIER_FAST))
            continue;
        protect(space, cursor, entry, now);
        pages--;
    }
    return pages != hint_pages;
}

static u16 weigh(u32 latency)
{
    return hint_weight_us ? (u16)MIN(MAX(hint_weight_us / MAX(latency, 1u), 1), 0xffff) : 1;
}

static bool hint_step(struct space *space, struct observations *out)
{
    while (notes_end > notes && out->count < OBSERVATIONS_PER_STEP) {
        const struct note *note = --notes_end;
        u32 latency = (u32)(note->time_ps >> TIME_SHIFT) - protected_at[note->page];
        out->list[out->count++] = (struct observation){
            .page = note->page, .weight = weigh(latency), .flags = note->write ? OBSERVED_WRITTEN : OBSERVED_READ};
        hint_latency_ps += (u64)latency << TIME_SHIFT;
        hint_faults++;
    }
    if (notes_end > notes)
        return false;
    if (protect_next(space))
        tlb_flush_all(FLUSH_PER_WINDOW); /* at a pace in time, not in pages */
    return true;
}

/* Short: it stands in the workload's way. */
static bool hint_fault(struct space *space, u32 page, bool write)
{
    pte_t *entry = space_entry(space, page);
    u64 now_ps =
        model_doorbells->now_ps; /* the workload's clock when the fault began: its booking has just told the model */
    u64 bits = entry ? entry->bits : 0;

    if (__builtin_expect((bits & (PTE_HINT | PTE_MOVING)) != PTE_HINT, 0))
        return false;
    *notes_end++ = (struct note){page, write, now_ps};
    give_back(space, page, entry, bits | PTE_ACCESSED);
    return true;
}

static const struct tracker hint = {
    .counters = {{"hint_protected", &hint_protected},
                 {"hint_faults", &hint_faults},
                 {"hint_latency_ps", &hint_latency_ps}},
    .name = "hint",
    .summary = "protects pages on a moving cursor; the next touch faults and tells the time since then",
    .start = hint_start,
    .step = hint_step,
    .fault = hint_fault,
    .stop = hint_stop,
};
REGISTER_TRACKER(hint);
