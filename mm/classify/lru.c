/*
 * lru: two lists a tier, active and inactive, after Linux's (mm/vmscan.c, folio_check_references() and
 * shrink_active_list()).
 *
 *      a new page:                                  joins its tier's inactive list
 *      a page seen in `lru_streak` windows running: becomes active
 *      each cycle: an active page not seen in one of the last `lru_idle` windows:  becomes inactive again
 *      each decision also counts the slow tier's active pages; until the next one no more than these are handed out:
 *      asked for a page to promote:  the slow tier's active page that has been so for longest
 *      asked for a page to demote:   the fast tier's page that has been inactive for longest, if room is missing for
 *                                    those that wait to be promoted
 *
 * Differs from Linux: accessed bits come from a tracker's regular windows and not from reclaim pressure, so the second
 * chance is a number of windows (lru_streak=2 is Linux's two references); every active page is looked at each cycle and
 * not only the tail; nothing is evicted, the slow tier is the end. Cost: a packed word an observation, list operations
 * where a page changes sides, a walk over the active lists a cycle. Known weak spot: one bit a window, so what is
 * accessed once a window looks as hot as what is accessed a thousand times; the window's length decides what "hot"
 * means.
 */
#include "mm/memory.h"
#include "mm/parts.h"

enum { INACTIVE, ACTIVE, NR_LISTS = 4 };

/*
 * Per page, packed: the list that it is on (2 bits, list_number()), whether the migrator has it (1 bit: it is on no list
 * then), windows running in which it was seen (4 bits), the last such window (9 bits).
 */
#define SEEN_LIST    3u
#define SEEN_TIER    2u /* of the list's number */
#define SEEN_TAKEN   4u
#define STREAK_SHIFT 3
#define STREAK_MAX   15u
#define WINDOW_SHIFT 7
#define WINDOW_MASK  0x1ffu

static KEY_NUMBER(lru_streak, "lru_streak", 4, 1, STREAK_MAX,
                  "lru: windows running in which a page must be seen to become active; Linux's two references would be "
                  "2, but what is "
                  "accessed in every fourth window passes that too often");
static KEY_NUMBER(
    lru_idle, "lru_idle", 1, 1, 500,
    "lru: windows without an access after which an active page becomes inactive; arbitrary: the strictest");
static KEY_NUMBER(lru_step, "lru_step", 4096, 64, 1 << 20,
                  "lru: pages looked at in a deciding step; arbitrary: some 10 us");

KEY_MAY_CHANGE(lru_streak);
KEY_MAY_CHANGE(lru_idle);
KEY_MAY_CHANGE(lru_step);

struct lru {
    struct page_list lists[NR_LISTS];
    u16 *seen;
    u32 window;
    u32 to_age[NR_TIERS]; /* active pages still to look at in this decision */
    bool aging;
    u32 to_promote; /* of the slow tier's active pages: those that the last decision found, less those handed out */
    u32 demoting;   /* demotions that the migrator has */
};

enum { SEEN_RUNNING, LONGEST_INACTIVE, GIVEN, NAMED };
static const char *const reasons[] = {[SEEN_RUNNING] = "seen in lru_streak windows running",
                                      [LONGEST_INACTIVE] = "longest inactive, and room is needed",
                                      [GIVEN] = "longest inactive, or active, and the space's share has become smaller",
                                      [NAMED] = "its machine gives it, as the space's share has become smaller"};

static const struct classifier lru;

static inline unsigned list_number(enum tier tier, unsigned active)
{
    return 2 * tier + active;
}

static inline void add(struct space *space, struct lru *s, u32 page, unsigned number)
{
    list_add_head(&s->lists[number], space->pages, page);
    s->seen[page] = (u16)((s->seen[page] & ~SEEN_LIST) | number);
}

/* Moves a page from the list that it is on to another. */
static inline void put(struct space *space, struct lru *s, u32 page, unsigned number)
{
    list_remove(&s->lists[s->seen[page] & SEEN_LIST], space->pages, page);
    add(space, s, page, number);
}

/* At the tail: what waited at the last decision comes before what became active since. */
static void activate(struct space *space, struct lru *s, u32 page, unsigned number)
{
    list_remove(&s->lists[number & ~ACTIVE], space->pages, page);
    list_add_tail(&s->lists[number], space->pages, page);
    s->seen[page] = (u16)((s->seen[page] & ~SEEN_LIST) | number);
}

static void lru_start(struct space *space)
{
    struct lru *s = space_own(space, CLASSIFIER, &lru, sizeof(*s));

    *s = (struct lru){.seen = space_page_array(space, s->seen, sizeof(u16))};
    for (u32 page = 0; page < space->nr_pages; page++)
        s->seen[page] = (u16)(WINDOW_MASK << WINDOW_SHIFT); /* no streak has this window before its first */
    for (unsigned number = 0; number < NR_LISTS; number++)
        list_init(&s->lists[number], space->pages, space->nr_pages + number);
}

static void lru_mapped(struct space *space, u32 page, enum tier tier)
{
    add(space, space->own[CLASSIFIER], page, list_number(tier, INACTIVE));
}

static void lru_observe(struct space *space, const struct observation *list, u32 count, u32 now)
{
    struct lru *s = space->own[CLASSIFIER];

    s->window = now;
    for (u32 i = 0; i < count; i++) {
        u32 page = list[i].page, streak = 1, old = s->seen[page];

        if (old >> WINDOW_SHIFT == ((now - 1) & WINDOW_MASK))
            streak = MIN((old >> STREAK_SHIFT & STREAK_MAX) + 1, STREAK_MAX);
        s->seen[page] = (u16)((now & WINDOW_MASK) << WINDOW_SHIFT | streak << STREAK_SHIFT |
                              (old & (SEEN_LIST | SEEN_TAKEN)));
        if (streak < lru_streak || old & ACTIVE)
            continue;
        if (old & SEEN_TAKEN)
            s->seen[page] |= ACTIVE;
        else
            activate(space, s, page, (old & SEEN_LIST) | ACTIVE);
    }
}

static inline u32 windows_since(const struct lru *s, u32 page)
{
    return (s->window - (s->seen[page] >> WINDOW_SHIFT)) & WINDOW_MASK;
}

/* Looks at up to `budget` active pages from the tail; what is still in use goes to the head. */
static u32 age(struct space *space, struct lru *s, enum tier tier, u32 budget)
{
    const struct page_list *active = &s->lists[list_number(tier, ACTIVE)];

    for (; budget && s->to_age[tier] && active->count; budget--, s->to_age[tier]--) {
        u32 page = list_tail(active, space->pages);
        put(space, s, page, list_number(tier, windows_since(s, page) < lru_idle ? ACTIVE : INACTIVE));
    }
    return budget;
}

static bool lru_decide(struct space *space)
{
    struct lru *s = space->own[CLASSIFIER];
    u32 budget = (u32)lru_step;

    if (!s->aging) {
        s->aging = true;
        s->to_promote = 0;
        for (unsigned tier = 0; tier < NR_TIERS; tier++)
            s->to_age[tier] = s->lists[list_number(tier, ACTIVE)].count;
    }
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        budget = age(space, s, tier, budget);
    s->aging = !budget;
    s->to_promote = s->lists[list_number(TIER_SLOW, ACTIVE)].count;
    return budget;
}

/* Hands a page of that list out. */
static inline struct order take(struct space *space, struct lru *s, struct page_list *list, u32 page)
{
    bool down = list == &s->lists[list_number(TIER_FAST, INACTIVE)];

    list_remove(list, space->pages, page);
    s->seen[page] |= SEEN_TAKEN;
    return (struct order){page, down ? TIER_SLOW : TIER_FAST, down ? LONGEST_INACTIVE : SEEN_RUNNING};
}

static struct order lru_next(struct space *space, enum tier to)
{
    struct lru *s = space->own[CLASSIFIER];
    struct page_list *up = &s->lists[list_number(TIER_SLOW, ACTIVE)],
                     *down = &s->lists[list_number(TIER_FAST, INACTIVE)];

    if (to == TIER_FAST) {
        if (!s->to_promote)
            return (struct order){.page = NO_PAGE};
        s->to_promote--;
        return take(space, s, up, list_head(up, space->pages));
    }
    if (!down->count || s->to_promote <= space_room(space, TIER_FAST) + s->demoting)
        return (struct order){.page = NO_PAGE};
    s->demoting++;
    return take(space, s, down, list_tail(down, space->pages));
}

static struct order lru_give(struct space *space)
{
    struct lru *s = space->own[CLASSIFIER];

    for (unsigned active = INACTIVE; active <= ACTIVE; active++) {
        struct page_list *list = &s->lists[list_number(TIER_FAST, active)];
        struct order order;
        if (!list->count)
            continue;
        s->demoting++;
        order = take(space, s, list, list_tail(list, space->pages));
        order.to = TIER_SLOW;
        order.reason = GIVEN;
        return order;
    }
    return (struct order){.page = NO_PAGE};
}

static struct order lru_give_page(struct space *space, u32 page)
{
    struct lru *s = space->own[CLASSIFIER];

    if (s->seen[page] & SEEN_TAKEN)
        return (struct order){.page = NO_PAGE};
    s->demoting++;
    take(space, s, &s->lists[s->seen[page] & SEEN_LIST], page);
    return (struct order){page, TIER_SLOW, NAMED};
}

/* What could not be moved goes where its turn comes last. */
static void lru_done(struct space *space, struct order order, enum outcome outcome)
{
    struct lru *s = space->own[CLASSIFIER];
    u32 page = order.page;
    struct page_list *list;

    s->demoting -= order.to; /* TIER_SLOW is 1 */
    s->seen[page] ^= outcome == MOVED ? SEEN_TAKEN | SEEN_TIER : SEEN_TAKEN;
    list = &s->lists[s->seen[page] & SEEN_LIST];
    if (outcome == MOVED || order.to == TIER_SLOW)
        list_add_head(list, space->pages, page);
    else
        list_add_tail(list, space->pages, page);
}

static void lru_explain(const struct space *space, u32 page, u64 *values)
{
    const struct lru *s = space->own[CLASSIFIER];

    values[0] = (s->seen[page] & ACTIVE) != 0;
    values[1] = s->seen[page] >> STREAK_SHIFT & STREAK_MAX;
    values[2] = windows_since(s, page);
}

static const char *const lists[] SHOWN = {"fast, inactive", "fast, active", "slow, inactive", "slow, active", NULL};

static const struct classifier lru = {
    .part = {.name = "lru",
             .summary = "active and inactive lists with a second chance, as Linux's two lists",
             .facts = {{"active", "1: on its tier's active list"},
                       {"windows_running", "in which it was seen until it was seen last, at most 15"},
                       {"windows_ago", "since it was seen last, modulo 512"}},
             .explain = lru_explain,
             .start = lru_start},
    .wants = SEES_EVERY_WINDOW,
    .reasons = REASONS(reasons),
    .mapped = lru_mapped,
    .observe = lru_observe,
    .decide = lru_decide,
    .next = lru_next,
    .give = lru_give,
    .give_page = lru_give_page,
    .done = lru_done,
    .lists = lists,
};
REGISTER_CLASSIFIER(lru);
