/*
 * poison: faults on a sample of the pages, window after window, until the next sample is drawn; as Thermostat.
 *
 *      each window:  report the pages that faulted since the last one, and as idle (SEES_IDLE) those that did not
 *                    every `poison_windows` windows: draw another sample, by chance: `poison_fast` % of the fast tier's pages,
 *                        `poison_slow` % of the slow one's; give the others back
 *                    make the sample's entries not present, remember the time; flush once
 *      fault:        note it and the time since then, and tell the classifier at once
 *
 * After Thermostat (Agarwal and Wenisch, ASPLOS'17), whose samples are huge pages: it splits 5 % of them, and poisons at most 50
 * of each one's 512 base pages, of those that are accessed, to scale their faults up to the whole; what lies in slow memory stays
 * poisoned. Constants are recalled, not checked against the paper's text. A page of 4 KiB here is four MiB of the machine that is
 * modelled, more than a huge page: it stands for one, and there is nothing to split and to scale up. Differs, too: there a fault
 * loads the translation and leaves the entry poisoned (BadgerTrap), so that every TLB miss is counted. Here a page faults once
 * a window, and the time that this took tells its rate, as long as accesses come at random. Cost: as `hint`, for the sample; all
 * of the slow tier's pages once a window. Known weak spot: a page of which few are sampled waits for many samples.
 */
#include "mm/track/hint.h"
#include "mm/tlb.h"

static KEY_NUMBER(poison_fast, "poison_fast", 5, 0, 100, "poison: % of the fast tier's pages that a sample has; Thermostat: 5");
static KEY_NUMBER(poison_slow, "poison_slow", 100, 0, 100,
                  "poison: % of the slow tier's pages that a sample has; Thermostat: all of them");
static KEY_NUMBER(poison_windows, "poison_windows", 8, 1, 10000,
                  "poison: windows for which a sample stays; as many as a decision has");

struct poison {
    struct hint hint; /* first: what hint's functions work on */
    u8 *sampled;      /* by page */
    u64 random_state;
    u32 next_page, windows;
};

static const struct tracker poison;

static void poison_start(struct space *space)
{
    struct poison *t = space_own(space, TRACKER, &poison, sizeof(*t));

    hint_begin(space, &t->hint);
    t->sampled = space_page_array(space, t->sampled, 1);
    t->random_state = 1;
    t->next_page = t->windows = 0;
}

static bool drawn(struct poison *t, enum tier tier)
{
    t->random_state = t->random_state * 6364136223846793005ull + 1442695040888963407ull;
    return (t->random_state >> 32) * 100 >> 32 < (tier == TIER_FAST ? poison_fast : poison_slow);
}

/* What faulted, as long as there is room in the list. */
static bool report_faults(struct hint *t, struct observations *out)
{
    while (t->notes_end > t->notes && out->count < OBSERVATIONS_PER_STEP) {
        struct touch *note = --t->notes_end;
        out->list[out->count++] =
            (struct observation){.page = note->page, .weight = 1, .flags = note->write ? OBSERVED_WRITTEN : OBSERVED_READ};
        t->hint_latency_ps += note->waited_ps;
        t->hint_faults++;
    }
    return t->notes_end == t->notes;
}

static bool poison_step(struct space *space, struct observations *out)
{
    struct poison *t = space->own[TRACKER];
    bool idle = space->classifier && space->classifier->wants & SEES_IDLE, any = false;
    u32 now = hint_now(), page;

    if (!report_faults(&t->hint, out)) /* so that a page has one note at most */
        return false;
    for (page = t->next_page; page < space->nr_pages && out->count < OBSERVATIONS_PER_STEP; page++) {
        pte_t *entry = space_entry(space, page);
        if (!entry) {
            page |= PT_ENTRIES - 1;
            continue;
        }
        space->pte_visits++;
        if (entry->bits & REASON_TOUCH && idle)
            out->list[out->count++] = (struct observation){.page = page};
        if (t->windows % poison_windows == 0)
            t->sampled[page] = space_resident(space, page) && drawn(t, space_tier(space, page));
        if (t->sampled[page] && (pte_present(*entry) || entry->bits & REASON_TOUCH)) {
            hint_protect(space, &t->hint, page, now);
            any = true;
        } else if (entry->bits & REASON_TOUCH) {
            space_allow(space, page, entry, REASON_TOUCH);
        }
    }
    if (any)
        tlb_flush_all(FLUSH_PER_WINDOW);
    t->next_page = page < space->nr_pages ? page : 0;
    t->windows += !t->next_page;
    return !t->next_page;
}

static const struct tracker poison = {
    .part = {.name = "poison",
             .summary = "protects a random sample of the pages in every window; the next touch faults and tells the time since then",
             .counters = {COUNTER(hint, hint_protected), COUNTER(hint, hint_faults), COUNTER(hint, hint_latency_ps)},
             .facts = HINT_FACTS,
             .explain = hint_explain,
             .start = poison_start,
             .stop = hint_stop},
    .sees = SEES_TOUCHES | SEES_IDLE,
    .step = poison_step,
    .fault = hint_fault,
};
REGISTER_TRACKER(poison);
