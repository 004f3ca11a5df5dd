/* sources: tests/host/host.c */
/*
 * Counters: lazy cooling against halving every page at each turn of the clock, and the lists against what the counts say;
 * pages come and go as a migrator would move them.
 */
#include <stdlib.h>

#include "lib/string.h"
#include "tests/host/host.h"

#include "mm/classify/counters.c"

#define NR_PAGES 80

static struct page links[NR_PAGES + MAX_PAGE_LISTS];
static struct space space = {.nr_pages = NR_PAGES, .pages = links};
static struct counters state;

void *space_own(struct space *s, enum part_kind kind, const void *part, size_t bytes)
{
    CHECK(part == &counters && bytes == sizeof(state));
    s->own[kind] = &state;
    return &state;
}

void *space_page_array(const struct space *s, void *array, size_t bytes_per_page)
{
    (void)s;
    free(array);
    return calloc(NR_PAGES, bytes_per_page);
}

/* The model halves at once. `sorted_hot`: as it was when the page was last looked at. */
static u32 loads[NR_PAGES], stores[NR_PAGES];
static int tier_of_page[NR_PAGES]; /* -1: not mapped */
static bool sorted_hot[NR_PAGES], taken[NR_PAGES];
static struct order open[NR_PAGES];
static u32 nr_open, to_promote; /* pages that were hot in the slow tier when the last samples were told, less those handed out */
static u64 coolings;

static bool hot_now(u32 page)
{
    return loads[page] >= counters_read || stores[page] >= counters_write;
}

static void sample(u32 page, bool store, u32 weight)
{
    struct observation o = {.page = page, .weight = weight & 0xffffff, .flags = store ? OBSERVED_WRITTEN : OBSERVED_READ};

    counters_observe(&space, &o, 1, 1);
    to_promote = state.lists[2 * TIER_SLOW + HOT].count;
    while (weight--) {
        u32 *count = store ? &stores[page] : &loads[page];
        if (++*count <= counters_cool)
            continue;
        coolings++;
        for (u32 p = 0; p < NR_PAGES; p++) {
            loads[p] /= 2;
            stores[p] /= 2;
        }
    }
    /* The sample that turned the clock is looked at before its own page is halved. */
}

static u32 value(u32 page, bool store)
{
    struct counted c = state.pages[page];

    cool(&state, &c);
    return store ? c.stores : c.loads;
}

static void check_counts(void)
{
    CHECK_EQ(coolings, state.counters_coolings);
    for (u32 page = 0; page < NR_PAGES; page++) {
        CHECK_EQ(loads[page], value(page, false));
        CHECK_EQ(stores[page], value(page, true));
    }
}

/* Every page is on the list that its `where` names, and each list holds only such. */
static void check_lists(void)
{
    u32 listed = 0;

    for (unsigned number = 0; number < NR_LISTS; number++) {
        const struct page_list *list = &state.lists[number];
        u32 n = 0;
        for (u32 page = list_head(list, links); page != list->end && n <= NR_PAGES; page = links[page].next, n++) {
            CHECK_EQ(number, state.pages[page].where);
            CHECK_EQ(tier_of_page[page], number / 2);
        }
        CHECK_EQ(list->count, n);
        listed += n;
    }
    for (u32 page = 0; page < NR_PAGES; page++)
        listed += tier_of_page[page] < 0 || taken[page];
    CHECK_EQ(NR_PAGES, listed);
}

/* After a decision that looks at all hot pages, hot is what eager halving says. */
static void check_hot(void)
{
    for (u32 page = 0; page < NR_PAGES; page++)
        if (tier_of_page[page] >= 0 && !taken[page] && counters_look >= NR_PAGES)
            CHECK_EQ(hot_now(page), state.pages[page].where & HOT);
}

static void ask(enum tier to)
{
    struct order order;
    const struct page_list *up = &state.lists[2 * TIER_SLOW + HOT], *down = &state.lists[2 * TIER_FAST + COLD];
    u32 want = NO_PAGE, demoting = 0, waiting = MIN(to_promote, up->count);

    for (u32 i = 0; i < nr_open; i++)
        demoting += open[i].to == TIER_SLOW;
    if (to == TIER_FAST && waiting)
        want = list_head(up, links);
    if (to == TIER_SLOW && down->count && waiting > space_room(&space, TIER_FAST) + demoting)
        want = list_head(down, links);
    order = counters_next(&space, to);
    CHECK_EQ(want, order.page);
    if (order.page >= NR_PAGES)
        return;
    to_promote -= to == TIER_FAST;
    CHECK_EQ(to, order.to);
    CHECK(!taken[order.page]);
    taken[order.page] = true;
    open[nr_open++] = order;
}

/* A page for whoever has too many: of the fast tier's, cold ones first, that for longest. */
static void give(void)
{
    const struct page_list *cold = &state.lists[2 * TIER_FAST + COLD], *hot = &state.lists[2 * TIER_FAST + HOT];
    u32 want = cold->count ? list_head(cold, links) : hot->count ? list_head(hot, links) : NO_PAGE;
    struct order order = counters_give(&space);

    CHECK_EQ(want, order.page);
    if (order.page >= NR_PAGES)
        return;
    CHECK_EQ(TIER_SLOW, order.to);
    taken[order.page] = true;
    open[nr_open++] = order;
}

/* A page that another has chosen: whichever list it is on, unless the migrator has it. */
static void give_page(void)
{
    u32 page = host_below(NR_PAGES);
    struct order order;

    if (tier_of_page[page] != TIER_FAST)
        return;
    order = counters_give_page(&space, page);
    CHECK_EQ(taken[page] ? NO_PAGE : page, order.page);
    if (taken[page])
        return;
    CHECK_EQ(TIER_SLOW, order.to);
    taken[page] = true;
    open[nr_open++] = order;
}

static void finish(u32 i, enum outcome outcome)
{
    struct order order = open[i];

    open[i] = open[--nr_open];
    if (outcome == MOVED) {
        tier_of_page[order.page] = order.to;
        space.left[TIER_FAST] += order.to == TIER_SLOW ? 1 : -1;
    }
    taken[order.page] = false;
    counters_done(&space, order, outcome);
}

static void start(void)
{
    memset(links, 0, sizeof(links));
    memset(loads, 0, sizeof(loads));
    memset(stores, 0, sizeof(stores));
    memset(taken, 0, sizeof(taken));
    nr_open = 0;
    coolings = 0;
    counters_start(&space);
    for (u32 page = 0; page < NR_PAGES; page++)
        tier_of_page[page] = -1;
}

static void map_page(u32 page, enum tier tier)
{
    counters_mapped(&space, page, tier);
    tier_of_page[page] = tier;
    space.left[TIER_FAST] -= tier == TIER_FAST;
}

static void random_run(void)
{
    start();
    counters_read = 1 + host_below(12);
    counters_write = 1 + host_below(6);
    counters_cool = counters_read + host_below(20);
    counters_look = host_below(3) ? NR_PAGES : 1 + host_below(20);
    space.left[TIER_FAST] = 30;
    for (u32 page = 0; page < NR_PAGES - 5; page++)
        map_page(page, space.left[TIER_FAST] > 5 ? TIER_FAST : TIER_SLOW);
    for (u32 n = 0; n < 500; n++) {
        u32 page = host_below(host_below(2) ? NR_PAGES - 5 : 20);
        sample(page, host_below(4) == 0, 1 + host_below(host_below(20) ? 3 : 60));
        if (host_below(3) == 0)
            ask(space.left[TIER_FAST] > 0 && host_below(3) ? TIER_FAST : TIER_SLOW);
        if (host_below(16) == 0)
            host_below(2) ? give() : give_page();
        if (host_below(3) == 0 && nr_open)
            finish(host_below(nr_open), host_below(4) ? MOVED : GAVE_UP);
        check_counts();
        check_lists();
        if (host_below(10) == 0) {
            while (!counters_decide(&space))
                ;
            check_lists();
            check_hot();
        }
    }
}

int main(void)
{
    host_case("counters.thresholds");
    start();
    space.left[TIER_FAST] = 5;
    map_page(1, TIER_SLOW);
    sample(1, false, 7);
    CHECK_EQ(0, state.lists[2 * TIER_SLOW + HOT].count);
    sample(1, false, 1);
    CHECK_EQ(1, state.lists[2 * TIER_SLOW + HOT].count);
    map_page(2, TIER_SLOW);
    sample(2, true, 3);
    CHECK_EQ(1, state.lists[2 * TIER_SLOW + HOT].count);
    sample(2, true, 1);
    CHECK_EQ(2, state.lists[2 * TIER_SLOW + HOT].count);
    CHECK_EQ(1, list_head(&state.lists[2 * TIER_SLOW + HOT], links)); /* the first one to be hot comes first */
    CHECK_EQ(0, coolings);
    sample(1, false, 11); /* 19: more than 18 */
    CHECK_EQ(1, coolings);
    CHECK_EQ(9, loads[1]);
    check_counts();

    host_case("counters.lazy_is_eager");
    for (u64 seed = 1; seed <= 200; seed++) {
        host_seed(seed);
        random_run();
    }
    return host_done();
}
