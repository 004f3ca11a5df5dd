/*
 * clock-promote: CLOCK over the slow tier's pages with a third list, of those to come up.
 *
 *      a pass, each decision:   of each of the slow tier's lists at most `clock_scan` pages, from the head
 *          inactive:  accessed since it was last looked at?  once before, too: to the active list, else noted, to the tail;
 *                     not accessed: the note is gone, to the tail
 *          active:    accessed: to the promote list, else to the inactive one
 *      asked to promote:  the promote list's head
 *      asked to demote:   by watermarks, as kswapd of the fast tier does (mm/watermarks.h)
 *
 * After MULTI-CLOCK (HPCA'22; multi-clock.diff of github.com/sylab/multi-clock, Linux 5.3.1): kpromoted(), which sleeps for a
 * second and passes over 1024 pages of each list of the slow node, and shrink_active_list(), which puts what was accessed on
 * the promote list. Differs: the fast tier's two lists are one queue with a second chance; no list of file pages; nothing
 * wakes the daemon early, which in Linux only system calls on pages do (mark_page_accessed()). It looks at entries itself
 * and needs no tracker; with one, a page that was reported counts as accessed, too, since that one has taken the bit. Cost:
 * an entry and a list move a page of a pass. Known weak spot: whatever is touched between three looks running comes up, so a
 * scan through memory fills the fast tier; and at MULTI-CLOCK's pace a look is hours away from the next one.
 */
#include "mm/move.h"
#include "mm/watermarks.h"

static KEY_NUMBER(clock_scan, "clock_scan", 1024, 1, 1 << 20,
                  "clock-promote: pages of each list looked at in a pass; MULTI-CLOCK 1024 each second; with memory at 1/1024 that "
                  "is 1 each 23.4 ms");

enum { INACTIVE, ACTIVE, PROMOTE, NR_LISTS, FAST_QUEUE = NR_LISTS, TAKEN };
#define REFERENCED 8u /* found accessed once, on the inactive list */
#define REPORTED   16u /* by a tracker, since it was last looked at */
#define LOOK_STEP  1024

struct clock_promote {
    struct page_list lists[NR_LISTS];
    struct watermarks marks;
    u8 *pages;                     /* by page: its list or who has it, and notes */
    u32 to_look[ACTIVE + 1];       /* in this pass */
    bool passing;
    u64 clock_looks, clock_active; /* pages looked at; of these, that became active */
};

enum { ACTIVE_AGAIN, IDLE_IN_FAST };
static const char *const reasons[] = {[ACTIVE_AGAIN] = "accessed while it was active",
                                      [IDLE_IN_FAST] = "not accessed lately, and little is free"};

static const struct classifier clock_promote;

static void add(struct space *space, struct clock_promote *s, u32 page, u32 list)
{
    list_add_tail(&s->lists[list], space->pages, page);
    s->pages[page] = (u8)list;
}

static void clock_start(struct space *space)
{
    struct clock_promote *s = space_own(space, CLASSIFIER, &clock_promote, sizeof(*s));

    *s = (struct clock_promote){.pages = space_page_array(space, s->pages, 1)};
    watermarks_start(space, &s->marks, NR_LISTS);
    for (u32 list = 0; list < NR_LISTS; list++)
        list_init(&s->lists[list], space->pages, space->nr_pages + list);
}

/* A page that lies there and begins anew, on that list if it is the slow tier's. */
static void begin(struct space *space, struct clock_promote *s, u32 page, enum tier tier, u32 list)
{
    if (tier == TIER_SLOW) {
        add(space, s, page, list);
    } else {
        watermarks_add(space, &s->marks, page);
        s->pages[page] = FAST_QUEUE;
    }
}

static void clock_mapped(struct space *space, u32 page, enum tier tier)
{
    struct clock_promote *s = space->own[CLASSIFIER];

    begin(space, s, page, tier, INACTIVE);
    watermarks_allocated(space, &s->marks);
}

static void clock_observe(struct space *space, const struct observation *list, u32 count, u32 window)
{
    struct clock_promote *s = space->own[CLASSIFIER];

    (void)window;
    for (u32 i = 0; i < count; i++)
        s->pages[list[i].page] |= list[i].weight ? REPORTED : 0;
}

/* Looks at a list's head and puts it where it belongs. */
static void look(struct space *space, struct clock_promote *s, u32 list)
{
    u32 page = list_head(&s->lists[list], space->pages), notes = s->pages[page];
    bool accessed = take_accessed(space, page) || notes & REPORTED;

    list_remove(&s->lists[list], space->pages, page);
    s->clock_looks++;
    if (list == ACTIVE) {
        add(space, s, page, accessed ? PROMOTE : INACTIVE);
    } else if (accessed && notes & REFERENCED) {
        add(space, s, page, ACTIVE);
        s->clock_active++;
    } else {
        add(space, s, page, INACTIVE);
        s->pages[page] |= accessed ? REFERENCED : 0;
    }
}

static bool clock_decide(struct space *space)
{
    struct clock_promote *s = space->own[CLASSIFIER];
    u32 budget = LOOK_STEP;

    for (u32 list = INACTIVE; !s->passing && list <= ACTIVE; list++)
        s->to_look[list] = (u32)MIN(s->lists[list].count, clock_scan);
    for (u32 list = INACTIVE; list <= ACTIVE; list++)
        for (; budget && s->to_look[list]; budget--, s->to_look[list]--)
            look(space, s, list);
    s->passing = !budget;
    return budget;
}

static struct order clock_next(struct space *space, enum tier to)
{
    struct clock_promote *s = space->own[CLASSIFIER];
    struct page_list *up = &s->lists[PROMOTE];
    struct order order = {.page = NO_PAGE, .to = (u8)to, .reason = to == TIER_FAST ? ACTIVE_AGAIN : IDLE_IN_FAST};

    if (to == TIER_SLOW) {
        while ((order.page = watermarks_next(space, &s->marks)) != NO_PAGE && s->pages[order.page] & REPORTED) {
            s->pages[order.page] = FAST_QUEUE; /* a second chance for what a tracker has told of */
            watermarks_done(space, &s->marks, order.page, false);
        }
    } else if (up->count) {
        order.page = list_head(up, space->pages);
        list_remove(up, space->pages, order.page);
        watermarks_promoted(space, &s->marks);
    }
    if (order.page != NO_PAGE)
        s->pages[order.page] = TAKEN;
    return order;
}

static void clock_done(struct space *space, struct order order, enum outcome outcome)
{
    struct clock_promote *s = space->own[CLASSIFIER];

    if (order.to == TIER_SLOW)
        watermarks_done(space, &s->marks, order.page, outcome == MOVED);
    if (order.to == TIER_FAST || outcome == MOVED)
        begin(space, s, order.page, outcome == MOVED ? order.to : TIER_SLOW, order.to == TIER_FAST ? ACTIVE : INACTIVE);
    else
        s->pages[order.page] = FAST_QUEUE;
}

static const struct classifier clock_promote = {
    .part = {.name = "clock-promote",
             .summary = "CLOCK with a list of pages to come up, looked at in passes, as MULTI-CLOCK",
             .counters = {COUNTER(clock_promote, clock_looks), COUNTER(clock_promote, clock_active)},
             .start = clock_start},
    .reasons = REASONS(reasons),
    .mapped = clock_mapped,
    .observe = clock_observe,
    .decide = clock_decide,
    .next = clock_next,
    .done = clock_done,
};
REGISTER_CLASSIFIER(clock_promote);
