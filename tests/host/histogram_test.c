/* sources: tests/host/host.c */
/*
 * The histogram's thresholds against trying every one; its lazy cooling against halving all counts at once; its lists
 * against the counts, while pages are mapped and moved.
 */
#include <stdlib.h>

#include "lib/string.h"
#include "tests/host/host.h"

#include "mm/classify/histogram.c"

#define NR_PAGES 90

static struct page links[NR_PAGES + MAX_PAGE_LISTS];
static struct space space = {.nr_pages = NR_PAGES, .pages = links};
static struct histogram state;

void *space_own(struct space *s, enum part_kind kind, const void *part, size_t bytes)
{
    CHECK(part == &histogram && bytes == sizeof(state));
    s->own[kind] = &state;
    return &state;
}

void *space_page_array(const struct space *s, void *array, size_t bytes_per_page)
{
    (void)s;
    free(array);
    return calloc(NR_PAGES, bytes_per_page);
}

/* The lowest threshold, by trying each, with which what is hot fits. */
static u32 brute_hot(const u32 *pages, u32 room)
{
    for (u32 hot = 1; hot < NR_BINS; hot++) {
        u32 sum = 0;
        for (u32 bin = hot; bin < NR_BINS; bin++)
            sum += pages[bin];
        if (sum <= room)
            return hot;
    }
    return NR_BINS - 1;
}

static void check_thresholds(void)
{
    struct bins b = {.hot = 1 + host_below(15), .warm = 1, .cooled = host_below(2)};
    u32 room = host_below(1000), old = b.hot, hot, sum = 0;
    bool cooled = b.cooled;

    for (u32 bin = 0; bin < NR_BINS; bin++)
        b.pages[bin] = host_below(3) ? host_below(400) : 0;
    bins_adapt(&b, room);
    hot = brute_hot(b.pages, room);
    for (u32 bin = hot; bin < NR_BINS; bin++)
        sum += b.pages[bin];
    CHECK_EQ(cooled && hot + 1 < old ? old - 1 : hot, b.hot);
    CHECK(!b.cooled);
    CHECK_EQ((sum > room ? 0 : sum) < room / 4 * 3 && b.hot > 1 ? b.hot - 1 : b.hot, b.warm);
}

/* The model: counts, halved at once. */
static u32 counts[NR_PAGES];
static int tier_of_page[NR_PAGES]; /* -1: not mapped */
static bool taken[NR_PAGES];
static struct order open[NR_PAGES];
static u32 nr_open, to_promote;
static u64 to_cool, coolings;

static unsigned naive_bin(u32 count)
{
    unsigned bin = 0;

    while (bin < NR_BINS - 1 && count + 1 >= 2u << bin)
        bin++;
    return bin;
}

static void sample(u32 page, u32 weight)
{
    struct observation o = {.page = page, .weight = weight & 0xffffff, .flags = OBSERVED_READ};

    counts[page] += weight * (u32)histogram_unit;
    histogram_observe(&space, &o, 1, 1);
    to_cool -= MIN(weight, to_cool);
    if (to_cool)
        return;
    to_cool = histogram_cool;
    coolings++;
    for (u32 p = 0; p < NR_PAGES; p++)
        counts[p] /= 2;
}

static void map_page(u32 page, enum tier tier)
{
    histogram_mapped(&space, page, tier);
    tier_of_page[page] = tier;
    counts[page] = tier == TIER_FAST ? (1u << MIN(state.bins.hot + 1, 15)) - 1 : 0;
    space.left[TIER_FAST] -= tier == TIER_FAST;
}

static void check_counts(void)
{
    u32 bins[NR_BINS] = {0};

    CHECK_EQ(coolings, state.histogram_coolings);
    for (u32 page = 0; page < NR_PAGES; page++) {
        struct binned lazy = state.pages[page];
        if (tier_of_page[page] < 0)
            continue;
        CHECK_EQ(counts[page], lazy.count >> MIN((u16)(state.bins.clock - lazy.clock), 31));
        if (lazy.clock == state.bins.clock)
            bins[naive_bin(counts[page])]++;
    }
    for (u32 bin = 0; bin < NR_BINS; bin++)
        CHECK_EQ(bins[bin], state.bins.pages[bin]);
}

static void check_lists(bool all_looked_at)
{
    u32 listed = 0;

    for (unsigned where = 0; where < NR_TIERS * NR_HEATS; where++) {
        const struct page_list *list = &state.lists[where];
        u32 n = 0;
        for (u32 page = list_head(list, links); page != list->end && n <= NR_PAGES; page = links[page].next, n++) {
            unsigned bin = naive_bin(counts[page]);
            CHECK_EQ(where, state.pages[page].where);
            CHECK_EQ(tier_of_page[page], where / NR_HEATS);
            if (all_looked_at)
                CHECK_EQ(bin >= state.bins.hot ? IS_HOT : bin >= state.bins.warm ? IS_WARM : IS_COLD, where % NR_HEATS);
        }
        CHECK_EQ(list->count, n);
        listed += n;
    }
    for (u32 page = 0; page < NR_PAGES; page++)
        listed += tier_of_page[page] < 0 || taken[page];
    CHECK_EQ(NR_PAGES, listed);
}

static void ask(enum tier to)
{
    u32 slow_hot = MIN(state.lists[NR_HEATS * TIER_SLOW + IS_HOT].count, to_promote), room = space_room(&space, TIER_FAST), demoting = 0;
    u32 low = space.share[TIER_FAST] * 2 / 100, high = space.share[TIER_FAST] * 3 / 100;
    struct order order = histogram_next(&space, to);

    for (u32 i = 0; i < nr_open; i++)
        demoting += open[i].to == TIER_SLOW;
    if (to == TIER_FAST)
        CHECK_EQ(slow_hot && room > high, order.page != NO_PAGE);
    else
        CHECK_EQ(state.lists[NR_HEATS * TIER_FAST + IS_COLD].count + (order.page != NO_PAGE) > 0 &&
                     room + demoting < (slow_hot ? slow_hot + high : low),
                 order.page != NO_PAGE);
    if (order.page == NO_PAGE)
        return;
    to_promote -= to == TIER_FAST;
    CHECK_EQ(to, order.to);
    CHECK_EQ(to ^ 1, tier_of_page[order.page]);
    CHECK(!taken[order.page]);
    taken[order.page] = true;
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
    histogram_done(&space, order, outcome);
}

static void random_run(void)
{
    histogram_unit = host_below(2) ? 1 : 512;
    histogram_adapt = 1 + host_below(30);
    histogram_cool = 20 + host_below(200);
    space.share[TIER_FAST] = 40;
    space.left[TIER_FAST] = 40;
    nr_open = to_promote = 0;
    coolings = 0;
    to_cool = histogram_cool;
    memset(links, 0, sizeof(links));
    memset(counts, 0, sizeof(counts));
    memset(taken, 0, sizeof(taken));
    histogram_start(&space);
    for (u32 page = 0; page < NR_PAGES; page++)
        tier_of_page[page] = -1;
    for (u32 page = 0; page < NR_PAGES - 10; page++)
        map_page(page, space.left[TIER_FAST] > 0 ? TIER_FAST : TIER_SLOW);
    for (u32 n = 0; n < 600; n++) {
        sample(host_below(host_below(2) ? NR_PAGES - 10 : 25), 1 + host_below(host_below(20) ? 3 : 40));
        if (n % 60 == 59)
            map_page(NR_PAGES - 10 + n / 60, TIER_SLOW);
        if (host_below(2))
            ask(host_below(2) ? TIER_FAST : TIER_SLOW);
        if (host_below(2) && nr_open)
            finish(host_below(nr_open), host_below(4) ? MOVED : GAVE_UP);
        check_counts();
        check_lists(false);
        if (host_below(10))
            continue;
        while (!histogram_decide(&space))
            ;
        to_promote = state.lists[NR_HEATS * TIER_SLOW + IS_HOT].count;
        check_counts();
        check_lists(true);
    }
}

int main(void)
{
    host_case("histogram.bins");
    for (u32 count = 0; count < 100000; count++)
        CHECK_EQ(naive_bin(count), bin_of(count));
    CHECK_EQ(15, bin_of(INT32_MAX));

    host_case("histogram.thresholds");
    for (u64 seed = 1; seed <= 20000; seed++) {
        host_seed(seed);
        check_thresholds();
    }

    host_case("histogram.lazy_is_eager");
    for (u64 seed = 1; seed <= 150; seed++) {
        host_seed(seed);
        random_run();
    }
    return host_done();
}
