/*
 * lru: two lists a tier, active and inactive, with a second chance, after Linux's (mm/vmscan.c, folio_check_references() and
 * shrink_active_list(); Documentation/mm/multigen_lru.rst names it the classic LRU).
 *
 *      a page seen for the first time:              joins its tier's inactive list
 *      a page seen in two windows running:          becomes active
 *      each cycle: an active page not seen in one of the last `lru_idle` windows:  becomes inactive again
 *      plan:  promote the slow tier's active pages, most recently activated first;
 *             demote the fast tier's inactive pages, longest inactive first, as many as room is missing
 *
 * Differs from Linux: accessed bits come from a tracker's regular windows and not from reclaim pressure; every active page is looked
 * at each cycle and not only the tail; nothing is evicted, the slow tier is the end. Cost: a few instructions an observation, a walk
 * over the active lists a cycle. Known weak spot: one bit a window, so what is accessed once a window looks as hot as what is
 * accessed a thousand times; the window's length decides what "hot" means.
 */
#include "mm/mech.h"

static KEY_NUMBER(lru_idle, "lru_idle", 1, 1, 1000,
                  "lru: windows without an access after which an active page becomes inactive; arbitrary: the strictest");
static KEY_NUMBER(lru_step, "lru_step", 4096, 64, 1 << 20, "lru: pages looked at in a deciding step; arbitrary: some 10 us");

/* page->list: 0 none, else 1 + 2 x tier + active. */
enum { INACTIVE, ACTIVE };
static struct page_list lists[NR_TIERS][2];
static u32 window;
static u32 to_age[NR_TIERS]; /* active pages still to look at in this cycle */
static bool aging;

static inline struct page_list *list_of(const struct page *page)
{
    return &lists[(page->list - 1) / 2][(page->list - 1) % 2];
}

static inline void put(struct space *space, u32 page, enum tier tier, int active)
{
    struct page *p = &space->pages[page];

    if (p->list)
        list_remove(list_of(p), space->pages, page);
    p->list = (u8)(1 + 2 * tier + (unsigned)active);
    list_add_head(&lists[tier][active], space->pages, page);
}

static inline enum tier tier_of(const struct page *page)
{
    return (enum tier)((page->list - 1) / 2);
}

static inline bool is_active(const struct page *page)
{
    return (page->list - 1) % 2 == ACTIVE;
}

static void lru_start(struct space *space)
{
    (void)space;
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        for (unsigned active = 0; active < 2; active++)
            list_init(&lists[tier][active]);
    window = 0;
    aging = false;
}

static void lru_mapped(struct space *space, u32 page, enum tier tier)
{
    put(space, page, tier, INACTIVE);
}

static void lru_observe(struct space *space, const struct observation *list, u32 count, u32 now)
{
    window = now;
    for (u32 i = 0; i < count; i++) {
        struct page *p = &space->pages[list[i].page];
        bool seen_before = p->stamp && p->stamp + 1 == now; /* stamp 0: never seen */
        p->stamp = now;
        if (seen_before && !is_active(p))
            put(space, list[i].page, tier_of(p), ACTIVE);
    }
}

/* Looks at up to `budget` active pages from the tail; what is still in use goes to the head. */
static u32 age(struct space *space, enum tier tier, u32 budget)
{
    struct page_list *active = &lists[tier][ACTIVE];

    for (; budget && to_age[tier]; budget--, to_age[tier]--) {
        u32 page = active->tail;
        if (page == PAGE_NONE) /* the workload's faults may have moved some away in between */
            break;
        put(space, page, tier, window - space->pages[page].stamp < lru_idle ? ACTIVE : INACTIVE);
    }
    return budget;
}

static u32 take_from(struct space *space, const struct page_list *list, bool from_tail, u32 *to, u32 limit)
{
    u32 n = 0;

    for (u32 page = from_tail ? list->tail : list->head; page != PAGE_NONE && n < limit;
         page = from_tail ? space->pages[page].prev : space->pages[page].next)
        to[n++] = page;
    return n;
}

static bool lru_decide(struct space *space, struct plan *plan, u32 capacity)
{
    u32 budget = (u32)lru_step, room, wanted;

    if (!aging) {
        aging = true;
        for (unsigned tier = 0; tier < NR_TIERS; tier++)
            to_age[tier] = lists[tier][ACTIVE].count;
    }
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        budget = age(space, tier, budget);
    if (!budget)
        return false;
    aging = false;
    room = capacity - MIN(space->resident[TIER_FAST], capacity);
    wanted = MIN(lists[TIER_SLOW][ACTIVE].count, room + lists[TIER_FAST][INACTIVE].count);
    plan->nr_promote = take_from(space, &lists[TIER_SLOW][ACTIVE], false, plan->promote, wanted);
    plan->nr_demote =
        take_from(space, &lists[TIER_FAST][INACTIVE], true, plan->demote, wanted > room ? wanted - room : 0);
    return true;
}

static void lru_moved(struct space *space, u32 page, enum tier to)
{
    put(space, page, to, is_active(&space->pages[page]));
}

static const struct classifier lru = {
    .name = "lru",
    .summary = "active and inactive lists with a second chance, as Linux's two lists",
    .start = lru_start,
    .mapped = lru_mapped,
    .observe = lru_observe,
    .decide = lru_decide,
    .moved = lru_moved,
};
REGISTER_CLASSIFIER(lru);
