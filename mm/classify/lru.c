/*
 * lru: two lists a tier, active and inactive, after Linux's (mm/vmscan.c, folio_check_references() and
 * shrink_active_list()).
 *
 *      a new page:                                  joins its tier's inactive list
 *      a page seen in `lru_streak` windows running: becomes active
 *      each cycle: an active page not seen in one of the last `lru_idle` windows:  becomes inactive again
 *      plan:  promote the slow tier's active pages, most recently activated first;
 *             demote the fast tier's inactive pages, longest inactive first, as many as room is missing
 *
 * Differs from Linux: accessed bits come from a tracker's regular windows and not from reclaim pressure, so the second
 * chance is a number of windows (lru_streak=2 is Linux's two references); every active page is looked at each cycle and
 * not only the tail; nothing is evicted, the slow tier is the end. Cost: a packed word an observation, list operations
 * where a page changes sides, a walk over the active lists a cycle. Known weak spot: one bit a window, so what is
 * accessed once a window looks as hot as what is accessed a thousand times; the window's length decides what "hot"
 * means.
 */
#include "mm/mech.h"
#include "mm/memory.h"

enum { INACTIVE, ACTIVE, NR_LISTS = 4 };
static struct page_list lists[NR_LISTS]; /* by tier and activity: see list_number() */

/*
 * Per page, packed: the list that it is on (2 bits), windows running in which it was seen (4 bits), the last such
 * window (10 bits).
 */
static u16 *seen;
#define SEEN_LIST    3u
#define STREAK_SHIFT 2
#define STREAK_MAX   15u
#define WINDOW_SHIFT 6
#define WINDOW_MASK  0x3ffu

static KEY_NUMBER(lru_streak, "lru_streak", 4, 1, STREAK_MAX,
                  "lru: windows running in which a page must be seen to become active; Linux's two references would be "
                  "2, but what is "
                  "accessed in every fourth window passes that too often");
static KEY_NUMBER(
    lru_idle, "lru_idle", 1, 1, 1000,
    "lru: windows without an access after which an active page becomes inactive; arbitrary: the strictest");
static KEY_NUMBER(lru_step, "lru_step", 4096, 64, 1 << 20,
                  "lru: pages looked at in a deciding step; arbitrary: some 10 us");

static u32 window;
static u32 to_age[NR_TIERS]; /* active pages still to look at in this cycle */
static bool aging;

static inline unsigned list_number(enum tier tier, unsigned active)
{
    return 2 * tier + active;
}

static inline void add(struct space *space, u32 page, unsigned number)
{
    list_add_head(&lists[number], space->pages, page);
    seen[page] = (u16)((seen[page] & ~SEEN_LIST) | number);
}

/* Moves a page from the list that it is on to another. */
static inline void put(struct space *space, u32 page, unsigned number)
{
    list_remove(&lists[seen[page] & SEEN_LIST], space->pages, page);
    add(space, page, number);
}

static void lru_start(struct space *space)
{
    if (!seen)
        seen = kmem_alloc(space->nr_pages * sizeof(u16));
    for (u32 page = 0; page < space->nr_pages; page++)
        seen[page] = (u16)(WINDOW_MASK << WINDOW_SHIFT); /* no streak has this window before its first */
    for (unsigned number = 0; number < NR_LISTS; number++)
        list_init(&lists[number], space->pages, space->nr_pages + number);
    window = 0;
    aging = false;
}

static void lru_mapped(struct space *space, u32 page, enum tier tier)
{
    add(space, page, list_number(tier, INACTIVE));
}

static void lru_observe(struct space *space, const struct observation *list, u32 count, u32 now)
{
    window = now;
    for (u32 i = 0; i < count; i++) {
        u32 page = list[i].page, streak = 1, old = seen[page];

        if (old >> WINDOW_SHIFT == ((now - 1) & WINDOW_MASK))
            streak = MIN((old >> STREAK_SHIFT & STREAK_MAX) + 1, STREAK_MAX);
        seen[page] = (u16)((now & WINDOW_MASK) << WINDOW_SHIFT | streak << STREAK_SHIFT | (old & SEEN_LIST));
        if (streak >= lru_streak && !(old & ACTIVE))
            put(space, page, (old & SEEN_LIST) | ACTIVE);
    }
}

static inline u32 windows_since(u32 page)
{
    return (window - (seen[page] >> WINDOW_SHIFT)) & WINDOW_MASK;
}

/* Looks at up to `budget` active pages from the tail; what is still in use goes to the head. */
static u32 age(struct space *space, enum tier tier, u32 budget)
{
    const struct page_list *active = &lists[list_number(tier, ACTIVE)];

    for (; budget && to_age[tier] && active->count; budget--, to_age[tier]--) {
        u32 page = list_tail(active, space->pages);
        put(space, page, list_number(tier, windows_since(page) < lru_idle ? ACTIVE : INACTIVE));
    }
    return budget;
}

/* The first or last `limit` pages of a list. */
static u32 take_from(struct space *space, const struct page_list *list, bool from_tail, u32 *to, u32 limit)
{
    const struct page *pages = space->pages;
    u32 n = 0;

    for (u32 page = from_tail ? list_tail(list, pages) : list_head(list, pages); page != list->end && n < limit;
         page = from_tail ? pages[page].prev : pages[page].next)
        to[n++] = page;
    return n;
}

static bool lru_decide(struct space *space, struct plan *plan, u32 capacity)
{
    const struct page_list *up = &lists[list_number(TIER_SLOW, ACTIVE)],
                           *down = &lists[list_number(TIER_FAST, INACTIVE)];
    u32 budget = (u32)lru_step, room, wanted;

    if (!aging) {
        aging = true;
        for (unsigned tier = 0; tier < NR_TIERS; tier++)
            to_age[tier] = lists[list_number(tier, ACTIVE)].count;
    }
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        budget = age(space, tier, budget);
    if (!budget)
        return false;
    aging = false;
    room = capacity - MIN(space->resident[TIER_FAST], capacity);
    wanted = MIN(up->count, room + down->count);
    plan->nr_promote = take_from(space, up, false, plan->promote, wanted);
    plan->nr_demote = take_from(space, down, true, plan->demote, wanted > room ? wanted - room : 0);
    return true;
}

static void lru_moved(struct space *space, u32 page, enum tier to)
{
    put(space, page, list_number(to, seen[page] & ACTIVE));
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
