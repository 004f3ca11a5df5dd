/*
 * fault-recent: a page that is in use some faults after its own is hot; promotion in the background.
 *
 *      touched:   for each of the last `recent_looks` pages of the slow tier that were touched so:
 *                     it has been moved:        forget it
 *                     accessed, and active:     queue it for promotion, forget it
 *                     accessed, not active:     mark it; the second mark makes it active
 *                 remember this page, and forget the oldest
 *      asked for a page to promote:   the queue's first
 *      asked for a page to demote:    by watermarks (mm/watermarks.h)
 *
 * After Nomad (Xiang and others, OSDI'24; decide_queue_page() in nomad_module/async_promote_main.c of
 * github.com/lingfenghsiang/Nomad): looks back 20 faults, queues 512 pages. As there, A is read and not taken, so that the
 * access that faulted counts as well; two marks are Linux's mark_page_accessed(). Differs: activation is not delayed until
 * fifteen pages wait for it (pagevec). Cost: some ten instructions a page looked back at, in the fault. Known weak spot:
 * since A is not taken, three further faults promote almost any page that was touched once.
 */
#include "mm/move.h"
#include "mm/watermarks.h"

#define MAX_LOOKS    64
#define QUEUE_LENGTH 512 /* PROMOTE_QUEUE_LEN */

static KEY_NUMBER(recent_looks, "recent_looks", 20, 1, MAX_LOOKS,
                  "fault-recent: pages that faulted before which a fault looks back at; Nomad: 20");

enum { MARKED = 1, ACTIVE = 2, QUEUED = 4 };

struct recent {
    struct watermarks watermarks;
    u32 pages[MAX_LOOKS], nr_pages; /* that faulted lately, the oldest first */
    u32 queue[QUEUE_LENGTH], first, nr_queued;
    u8 *state;                           /* by page */
    u64 queued_touches, dropped_touches; /* pages that were queued; that found the queue full */
};

enum { STILL_IN_USE, NOT_ACCESSED };
static const char *const reasons[] = {[STILL_IN_USE] = "active, and accessed when later faults looked back at it",
                                      [NOT_ACCESSED] = "little is free, and it was not accessed since last looked at"};

static const struct classifier fault_recent;

static void recent_start(struct space *space)
{
    struct recent *s = space_own(space, CLASSIFIER, &fault_recent, sizeof(*s));

    *s = (struct recent){.state = space_page_array(space, s->state, sizeof(*s->state))};
    watermarks_start(space, &s->watermarks, 0);
}

static void recent_mapped(struct space *space, u32 page, enum tier tier)
{
    struct recent *s = space->own[CLASSIFIER];

    if (tier == TIER_FAST)
        watermarks_add(space, &s->watermarks, page);
    watermarks_allocated(space, &s->watermarks);
}

static void enqueue(struct space *space, struct recent *s, u32 page)
{
    if (s->state[page] & QUEUED)
        return;
    if (s->nr_queued == QUEUE_LENGTH) {
        s->dropped_touches++;
        return;
    }
    s->state[page] |= QUEUED;
    s->queue[(s->first + s->nr_queued++) % QUEUE_LENGTH] = page;
    s->queued_touches++;
    migration_wake(space);
}

/* What becomes of one of the last pages; whether it is remembered. */
static bool look_at(struct space *space, struct recent *s, u32 page)
{
    u8 *state = &s->state[page];

    if (space_tier(space, page) == TIER_FAST)
        return false;
    if (!was_accessed(space, page))
        return true;
    if (*state & ACTIVE) {
        enqueue(space, s, page);
        return false;
    }
    *state = *state & MARKED ? ACTIVE : MARKED;
    return true;
}

static void recent_touched(struct space *space, struct touch *touch)
{
    struct recent *s = space->own[CLASSIFIER];
    u32 kept = 0;

    if (space_tier(space, touch->page) == TIER_FAST)
        return;
    for (u32 i = 0; i < s->nr_pages; i++)
        if (look_at(space, s, s->pages[i]))
            s->pages[kept++] = s->pages[i];
    for (u32 i = 0; kept == recent_looks && i + 1 < kept; i++)
        s->pages[i] = s->pages[i + 1];
    kept -= kept == recent_looks;
    s->pages[kept] = touch->page;
    s->nr_pages = kept + 1;
}

static struct order recent_next(struct space *space, enum tier to)
{
    struct recent *s = space->own[CLASSIFIER];
    struct order order = {.page = NO_PAGE, .to = (u8)to, .reason = STILL_IN_USE};

    if (to == TIER_SLOW)
        return (struct order){watermarks_next(space, &s->watermarks), TIER_SLOW, NOT_ACCESSED};
    if (s->nr_queued) {
        order.page = s->queue[s->first];
        s->first = (s->first + 1) % QUEUE_LENGTH;
        s->nr_queued--;
    }
    return order;
}

static void recent_done(struct space *space, struct order order, enum outcome outcome)
{
    struct recent *s = space->own[CLASSIFIER];

    if (order.to == TIER_SLOW)
        watermarks_done(space, &s->watermarks, order.page, outcome == MOVED);
    else if (outcome == MOVED)
        watermarks_add(space, &s->watermarks, order.page);
    s->state[order.page] = outcome == MOVED ? 0 : s->state[order.page] & ACTIVE;
    watermarks_promoted(space, &s->watermarks);
}

static void recent_explain(const struct space *space, u32 page, u64 *values)
{
    u8 state = ((const struct recent *)space->own[CLASSIFIER])->state[page];

    values[0] = state & ACTIVE ? 2 : state & MARKED;
    values[1] = state & QUEUED ? 1 : 0;
}

static const struct classifier fault_recent = {
    .part = {.name = "fault-recent",
             .summary = "promotes what is in use some faults after its own; demotes by watermarks, as Nomad",
             .counters = {COUNTER(recent, queued_touches), COUNTER(recent, dropped_touches)},
             .facts = {{"marks", "later faults that found it accessed: with two it is active"},
                       {"queued", "1: it waits for its promotion"}},
             .explain = recent_explain,
             .start = recent_start},
    .wants = SEES_TOUCHES,
    .reasons = REASONS(reasons),
    .mapped = recent_mapped,
    .touched = recent_touched,
    .next = recent_next,
    .done = recent_done,
};
REGISTER_CLASSIFIER(fault_recent);
