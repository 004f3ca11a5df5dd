/*
 * counters: counts samples of each page, loads and stores apart; hot from a threshold on, cooled by halving.
 *
 *      a sample:   page's clock behind?  halve its counts as often as that;  count it
 *                  a count above `counters_cool`:  the clock advances
 *                  stores >= `counters_write` or loads >= `counters_read`:  to its tier's hot list, else to the cold one
 *      each decision, if the clock has advanced:  the next `counters_look` hot pages are cooled and sorted again
 *      asked for a page to promote:  the slow tier's page that has been hot for longest
 *      asked for a page to demote:   the fast tier's page that has been cold for longest, if room is missing for those
 *
 * After HeMem (Raybuck and others, SOSP'21; src/pebs.c of github.com/cuhk-mass/hemem and its forks, with the constants of the
 * paper's time). They are a page's own, so nothing of them shrinks with the machine. Cooling is lazy: a page is halved when
 * it is next looked at, which gives what halving all pages at once would. Differs: samples come window by window; a page is
 * cooled before the sample counts; its pages are 2 MiB. Cost: eight bytes a page looked up and written a sample, a walk over
 * hot pages after cooling. Known weak spot: the constants; with few samples a page nothing is hot, with many everything.
 */
#include "mm/move.h"

KEY_NUMBER(counters_read, "counters_read", 8, 1, 250, "counters: sampled loads that make a page hot; HeMem 8 (4 in CUHK's copy)");
KEY_NUMBER(counters_write, "counters_write", 4, 1, 250, "counters: the same of stores; HeMem 4");
KEY_NUMBER(counters_cool, "counters_cool", 18, 1, 250, "counters: a count above this halves all; HeMem 18 (10 in CUHK's copy)");
KEY_NUMBER(counters_look, "counters_look", 8192, 1, 1 << 20, "counters: hot pages looked at again after cooling; HeMem 8192");

#define LOOK_STEP 1024 /* of them in a step: some 10 us */

KEY_MAY_CHANGE(counters_read);
KEY_MAY_CHANGE(counters_write);
KEY_MAY_CHANGE(counters_cool);
KEY_MAY_CHANGE(counters_look);

enum { COLD, HOT, NR_LISTS = 4 };
#define TAKEN 4u /* the migrator has it: it is on no list */

struct counted {
    u8 loads, stores, where; /* `where`: its list, 2 x tier + HOT or COLD; TAKEN */
    u32 clock;               /* when it was cooled last */
};

struct counters {
    struct page_list lists[NR_LISTS];
    struct counted *pages;
    u32 clock, looked_clock; /* now, and when hot pages were looked at last */
    u32 to_look[NR_TIERS];
    u32 to_promote, demoting; /* hot when this window was told, less those handed out; demotions that the migrator has */
    u64 counters_coolings;    /* times that the clock advanced */
};

static const struct classifier counters;

static void add(struct space *space, struct counters *s, u32 page, unsigned number)
{
    list_add_tail(&s->lists[number], space->pages, page);
    s->pages[page].where = (u8)number;
}

/* What halving every page at each turn of the clock would have left. */
static inline void cool(const struct counters *s, struct counted *c)
{
    u32 times = MIN(s->clock - c->clock, 8);

    c->loads = (u8)(c->loads >> times);
    c->stores = (u8)(c->stores >> times);
    c->clock = s->clock;
}

static inline bool is_hot(const struct counted *c)
{
    return c->loads >= counters_read || c->stores >= counters_write;
}

static inline void sort(struct space *space, struct counters *s, u32 page)
{
    struct counted *c = &s->pages[page];
    unsigned old = c->where, new = (old & ~(unsigned)HOT) | is_hot(c);

    if (new == old)
        return;
    c->where = (u8)new;
    if (old & TAKEN)
        return;
    list_remove(&s->lists[old], space->pages, page);
    add(space, s, page, new);
}

static void counters_start(struct space *space)
{
    struct counters *s = space_own(space, CLASSIFIER, &counters, sizeof(*s));

    *s = (struct counters){.pages = space_page_array(space, s->pages, sizeof(*s->pages))};
    for (unsigned number = 0; number < NR_LISTS; number++)
        list_init(&s->lists[number], space->pages, space->nr_pages + number);
}

static void counters_mapped(struct space *space, u32 page, enum tier tier)
{
    add(space, space->own[CLASSIFIER], page, 2 * tier + COLD);
}

static void count_sample(struct counters *s, struct counted *c, bool store)
{
    cool(s, c);
    if (++*(store ? &c->stores : &c->loads) > counters_cool) {
        s->clock++;
        s->counters_coolings++;
    }
}

static void counters_observe(struct space *space, const struct observation *list, u32 count, u32 window)
{
    struct counters *s = space->own[CLASSIFIER];

    (void)window;
    for (u32 i = 0; i < count; i++) {
        for (u32 n = list[i].weight; n; n--)
            count_sample(s, &s->pages[list[i].page], list[i].flags & OBSERVED_WRITTEN);
        sort(space, s, list[i].page);
    }
    s->to_promote = s->lists[2 * TIER_SLOW + HOT].count;
    if (s->to_promote)
        migration_wake(space);
}

static bool counters_decide(struct space *space)
{
    struct counters *s = space->own[CLASSIFIER];
    u32 budget = LOOK_STEP;

    if (s->looked_clock != s->clock) {
        s->looked_clock = s->clock;
        for (unsigned tier = 0; tier < NR_TIERS; tier++)
            s->to_look[tier] = (u32)MIN(s->lists[2 * tier + HOT].count, counters_look);
    }
    for (unsigned tier = 0; tier < NR_TIERS; tier++) {
        struct page_list *hot = &s->lists[2 * tier + HOT];
        for (; budget && s->to_look[tier] && hot->count; budget--, s->to_look[tier]--) {
            u32 page = list_head(hot, space->pages);
            cool(s, &s->pages[page]);
            list_remove(hot, space->pages, page);
            add(space, s, page, 2 * tier + is_hot(&s->pages[page]));
        }
    }
    return budget;
}

static struct order counters_next(struct space *space, enum tier to)
{
    struct counters *s = space->own[CLASSIFIER];
    struct page_list *up = &s->lists[2 * TIER_SLOW + HOT], *down = &s->lists[2 * TIER_FAST + COLD],
                     *list = to == TIER_FAST ? up : down;
    u32 waiting = MIN(s->to_promote, up->count), page = list_head(list, space->pages);

    if (!list->count || (to == TIER_FAST ? !waiting : waiting <= space_room(space, TIER_FAST) + s->demoting))
        return (struct order){.page = NO_PAGE};
    *(to == TIER_FAST ? &s->to_promote : &s->demoting) += to == TIER_FAST ? -1u : 1u;
    list_remove(list, space->pages, page);
    s->pages[page].where |= TAKEN;
    return (struct order){page, (u8)to, (u8)to};
}

enum { GIVEN = NR_TIERS, NAMED }; /* the other reasons are the tiers */

static struct order counters_give(struct space *space)
{
    struct counters *s = space->own[CLASSIFIER];

    for (unsigned heat = 0; heat < 2; heat++) { /* cold ones first */
        struct page_list *list = &s->lists[2 * TIER_FAST + (heat ? HOT : COLD)];
        u32 page = list_head(list, space->pages);
        if (!list->count)
            continue;
        s->demoting++;
        list_remove(list, space->pages, page);
        s->pages[page].where |= TAKEN;
        return (struct order){page, TIER_SLOW, GIVEN};
    }
    return (struct order){.page = NO_PAGE};
}

static struct order counters_give_page(struct space *space, u32 page)
{
    struct counters *s = space->own[CLASSIFIER];

    if (s->pages[page].where & TAKEN)
        return (struct order){.page = NO_PAGE};
    s->demoting++;
    list_remove(&s->lists[s->pages[page].where], space->pages, page);
    s->pages[page].where |= TAKEN;
    return (struct order){page, TIER_SLOW, NAMED};
}

static void counters_done(struct space *space, struct order order, enum outcome outcome)
{
    struct counters *s = space->own[CLASSIFIER];
    struct counted *c = &s->pages[order.page];
    enum tier tier = outcome == MOVED ? order.to : order.to ^ 1;

    s->demoting -= order.to == TIER_SLOW;
    cool(s, c);
    add(space, s, order.page, 2 * tier + is_hot(c));
}

static const char *const reasons[] = {"hot for longest of the slow tier's pages", "cold for longest, and room is needed",
                                      [GIVEN] = "cold, or hot, for longest, and the space's share has become smaller",
                                      [NAMED] = "its machine gives it, as the space's share has become smaller"};

static const char *const lists[] SHOWN = {"fast, cold", "fast, hot", "slow, cold", "slow, hot", NULL};

static const struct classifier counters = {
    .part = {.name = "counters",
             .summary = "counts of sampled loads and stores, hot from a threshold on, cooled by a clock, as HeMem",
             .counters = {COUNTER(counters, counters_coolings)},
             .start = counters_start},
    .reasons = REASONS(reasons),
    .mapped = counters_mapped,
    .observe = counters_observe,
    .decide = counters_decide,
    .next = counters_next,
    .give = counters_give,
    .give_page = counters_give_page,
    .done = counters_done,
    .lists = lists,
};
REGISTER_CLASSIFIER(counters);
