/*
 * hint: hint faults on a moving cursor, as Linux's NUMA balancing.
 *
 *      each window:                 report the pages that faulted since the last one
 *                                   for the next `hint_pages` mapped pages, and what the classifier wants again:
 *                                       make the entry not present, remember the time; flush once
 *      fault on a protected page:   note it and the time since it was protected, and tell the classifier at once
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

#define TIME_SHIFT 20

static const struct tracker hint;

void hint_stop(struct space *space)
{
    struct hint *t = space->own[TRACKER];

    for (u32 page = 0; page < space->nr_pages; page++) {
        pte_t *entry = space_entry(space, page);
        if (entry && entry->bits & REASON_TOUCH)
            space_allow(space, page, entry, REASON_TOUCH);
    }
    t->notes_end = t->notes;
}

void hint_begin(struct space *space, struct hint *t)
{
    *t = (struct hint){.notes = space_page_array(space, t->notes, sizeof(*t->notes)),
                       .protected_at = space_page_array(space, t->protected_at, sizeof(*t->protected_at))};
    hint_stop(space);
}

static void hint_start(struct space *space)
{
    hint_begin(space, space_own(space, TRACKER, &hint, sizeof(struct hint)));
}

u32 hint_now(void)
{
    return (u32)(clock_now_ps() >> TIME_SHIFT);
}

void hint_protect(struct space *space, struct hint *t, u32 page, u32 now)
{
    space_protect(space, page, space_entry(space, page), REASON_TOUCH);
    t->protected_at[page] = now;
    t->hint_protected++;
}

static bool protect(struct space *space, struct hint *t, u32 page, u32 now)
{
    const pte_t *entry = space_entry(space, page);

    if (!pte_present(*entry) || (!hint_fast && frame_tier(pte_pfn(*entry)) == TIER_FAST))
        return false;
    hint_protect(space, t, page, now);
    return true;
}

/* Protects from the cursor on, at most once around; true when there was something to protect. */
static bool protect_next(struct space *space, struct hint *t, struct observations *out, u32 now)
{
    u32 looks = (u32)hint_pages * 8, pages = (u32)hint_pages;
    bool idle = space->classifier && space->classifier->wants & SEES_IDLE; /* what is still protected was not accessed */

    for (u32 left = space->nr_pages, skip; left && looks && pages; left -= MIN(left, skip), t->cursor += skip) {
        if (t->cursor >= space->nr_pages)
            t->cursor = 0;
        pte_t *entry = space_entry(space, t->cursor);
        skip = entry ? 1 : PT_ENTRIES - t->cursor % PT_ENTRIES; /* what was never mapped is no part of Linux's areas */
        if (!entry)
            continue;
        space->pte_visits++;
        looks--;
        if (idle && entry->bits & REASON_TOUCH && out->count < OBSERVATIONS_PER_STEP)
            out->list[out->count++] = (struct observation){.page = t->cursor};
        pages -= protect(space, t, t->cursor, now);
    }
    return pages != hint_pages;
}

static u16 weigh(u32 latency)
{
    return hint_weight_us ? (u16)MIN(MAX(hint_weight_us / MAX(latency, 1u), 1), 0xffff) : 1;
}

static bool hint_step(struct space *space, struct observations *out)
{
    struct hint *t = space->own[TRACKER];
    u32 now = hint_now();
    bool any = false, all;

    while (t->notes_end > t->notes && out->count < OBSERVATIONS_PER_STEP) {
        struct touch *note = --t->notes_end;
        u32 latency = (u32)(note->waited_ps >> TIME_SHIFT);
        out->list[out->count++] = (struct observation){
            .page = note->page, .weight = weigh(latency), .flags = note->write ? OBSERVED_WRITTEN : OBSERVED_READ};
        t->hint_latency_ps += note->waited_ps;
        t->hint_faults++;
        if (note->again)
            any |= protect(space, t, note->page, now);
        note->again = false; /* for the next touch that is noted here */
    }
    all = t->notes_end == t->notes;
    if (all)
        any |= protect_next(space, t, out, now);
    if (any)
        tlb_flush_all(FLUSH_PER_WINDOW); /* at a pace in time, not in pages */
    return all;
}

/* Short: it stands in the workload's way. */
struct touch *hint_fault(struct space *space, u32 page, bool write)
{
    struct hint *t = space->own[TRACKER];
    /* When the fault began: its booking has just told the model. */
    u64 waited = (u32)(model_doorbells->now_ps >> TIME_SHIFT) - t->protected_at[page];
    struct touch *note = t->notes_end++;

    note->page = page;
    note->write = write;
    note->waited_ps = waited << TIME_SHIFT;
    return note;
}

static unsigned hint_tiers(void)
{
    return hint_fast ? 1u << TIER_FAST | 1u << TIER_SLOW : 1u << TIER_SLOW;
}

void hint_explain(const struct space *space, u32 page, u64 *values)
{
    const struct hint *t = space->own[TRACKER];

    values[0] = ((u64)t->protected_at[page] << TIME_SHIFT) / 1000;
}

static const struct tracker hint = {
    .part = {.name = "hint",
             .summary = "protects pages on a moving cursor; the next touch faults and tells the time since then",
             .counters = {COUNTER(hint, hint_protected), COUNTER(hint, hint_faults), COUNTER(hint, hint_latency_ps)},
             .facts = HINT_FACTS,
             .explain = hint_explain,
             .start = hint_start,
             .stop = hint_stop},
    .sees = SEES_TOUCHES | SEES_IDLE,
    .tiers = hint_tiers,
    .step = hint_step,
    .fault = hint_fault,
};
REGISTER_TRACKER(hint);
