/* sources: tests/host/host.c mm/ranking.c lib/sort.c */
/*
 * slowdown against its definition: pages are watched with random waits and accesses, and what is ordered is what a search of all
 * pages would order: the busiest until the rate is allowed, or the coldest as long as it is.
 */
#define RIG_HAS_A_MODEL
#include "tests/host/classifier_rig.h"

#include "mm/classify/slowdown.c"

static struct model_header header = {.tier[TIER_SLOW] = {.read_ps = 250000}};
static u64 now_ps;
static u64 waited[RIG_PAGES], accesses[RIG_PAGES];

const volatile struct model_header *model_header(void)
{
    return &header;
}

u64 clock_now_ps(void)
{
    return now_ps;
}

void *kmem_alloc(size_t bytes)
{
    return calloc(1, bytes);
}

static u64 naive_rate(u32 page)
{
    u64 us = waited[page] / 1000000;

    return accesses[page] * 1000000 / (us ? us : 1);
}

static bool is_watched(u32 page)
{
    return waited[page] || accesses[page];
}

/* So many pages in the fast tier, the others in the slow one, and room for so many more. */
static void place(u32 fast, u32 room)
{
    rig_start(&slowdown, fast);
    for (u32 page = 0; page < RIG_PAGES; page++)
        rig_map(page);
    rig.left[TIER_FAST] = (s32)room;
    rig.resident[TIER_FAST] = fast;
    rig.resident[TIER_SLOW] = RIG_PAGES - fast;
    memset(waited, 0, sizeof(waited));
    memset(accesses, 0, sizeof(accesses));
}

static void touch_page(u32 page, u64 waited_us)
{
    struct touch touch = {.page = page, .waited_ps = waited_us * 1000000};

    slowdown.touched(&rig, &touch);
    waited[page] += touch.waited_ps;
    accesses[page]++;
}

/* A window of 5 ms ends; some pages were watched and not accessed. */
static void idle_window(u32 window, const u32 *pages, u32 nr)
{
    static struct observation list[RIG_PAGES];

    now_ps += 5000000000ull;
    for (u32 i = 0; i < nr; i++) {
        list[i] = (struct observation){.page = pages[i]};
        waited[pages[i]] += 5000000000ull;
    }
    slowdown.observe(&rig, list, nr, window);
}

static u32 ordered(enum tier to, u32 *pages)
{
    u32 nr = 0;
    struct order order;

    while ((order = rig_ask(to)).page != NO_PAGE)
        pages[nr++] = order.page;
    return nr;
}

/* Of the watched pages of a tier: the coldest or the busiest one that is not marked. */
static u32 extreme(enum tier tier, const bool *marked, bool busiest)
{
    u32 best = NO_PAGE;

    for (u32 page = 0; page < RIG_PAGES; page++)
        if (rig_tier[page] == (int)tier && is_watched(page) && !marked[page] &&
            (best == NO_PAGE || (busiest ? naive_rate(page) >= naive_rate(best) : naive_rate(page) < naive_rate(best))))
            best = page;
    return best;
}

static void test_random(void)
{
    u32 ups = 0, downs = 0, exchanges = 0;

    for (u32 round = 0; round < 4000; round++) {
        u32 fast = 1 + host_below(RIG_PAGES - 1), room = host_below(3) ? 0 : host_below(20), pages[RIG_PAGES], up[RIG_PAGES], down[RIG_PAGES];
        u64 watched[NR_TIERS] = {0}, sum = 0, budget = 3 * 10000000000ull / 250000; /* 3 % of a second of 250 ns */
        bool marked[RIG_PAGES] = {false}, busy = host_below(2);
        place(fast, room);
        for (u32 window = 1; window <= 4; window++) {
            u32 nr = 0;
            for (u32 page = 0; page < RIG_PAGES; page++)
                switch (host_below(3)) {
                case 0:
                    pages[nr++] = page;
                    break;
                case 1:
                    touch_page(page, host_below(busy && page % 3 == 0 ? 20 : 5000000)); /* 0: at once */
                }
            idle_window(window, pages, nr);
        }
        for (u32 page = 0; page < RIG_PAGES; page++) {
            watched[rig_tier[page]] += is_watched(page);
            sum += rig_tier[page] == TIER_SLOW && is_watched(page) ? naive_rate(page) : 0;
        }
        u64 slow = watched[TIER_SLOW] ? sum * (RIG_PAGES - fast) / watched[TIER_SLOW] : 0;
        CHECK(slowdown.decide(&rig));
        u32 nr_up = ordered(TIER_FAST, up), nr_down = ordered(TIER_SLOW, down), at_up = 0, at_down = 0;
        if (slow > budget) {
            u64 limit = (slow - budget) * watched[TIER_SLOW] / (RIG_PAGES - fast), gone = 0;
            for (u32 page; gone < limit && (page = extreme(TIER_SLOW, marked, true)) != NO_PAGE; at_up++) {
                if (at_up >= room) {
                    u32 cold = extreme(TIER_FAST, marked, false);
                    if (cold == NO_PAGE || naive_rate(cold) >= naive_rate(page))
                        break;
                    marked[cold] = true;
                    gone -= naive_rate(cold);
                    CHECK(at_down < nr_down && down[at_down] == cold);
                    at_down++;
                }
                marked[page] = true;
                gone += naive_rate(page);
                CHECK(at_up < nr_up && up[at_up] == page);
            }
        } else {
            u64 limit = watched[TIER_FAST] ? budget * watched[TIER_FAST] / fast : 0, taken = 0;
            limit = limit < budget - slow ? limit : budget - slow;
            for (u32 page; (page = extreme(TIER_FAST, marked, false)) != NO_PAGE; at_down++) {
                taken += naive_rate(page);
                if (taken > limit)
                    break;
                marked[page] = true;
                CHECK(at_down < nr_down && down[at_down] == page);
            }
        }
        CHECK_EQ(at_up, nr_up);
        CHECK_EQ(at_down, nr_down);
        ups += nr_up, downs += slow <= budget ? nr_down : 0, exchanges += slow > budget ? nr_down : 0;
        while (rig_nr_open)
            rig_end(0, GONE);
        CHECK(slowdown.decide(&rig)); /* what was decided from is gone */
        CHECK_EQ(NO_PAGE, rig_ask(TIER_SLOW).page);
        CHECK_EQ(NO_PAGE, rig_ask(TIER_FAST).page);
    }
    CHECK(ups > 1000 && downs > 1000 && exchanges > 1000);
}

/* Three per cent of a second are 120,000 accesses of 250 ns, and 30,000 of a microsecond. */
static void test_allowed(void)
{
    static const struct {
        u64 ns;
        u32 want;
    } cases[] = {{0, 12}, {1000, 3}};

    for (u32 i = 0; i < ARRAY_SIZE(cases); i++) {
        u32 pages[RIG_PAGES];
        slowdown_ns = cases[i].ns;
        place(RIG_PAGES, 0);
        for (u32 page = 0; page < RIG_PAGES; page++)
            touch_page(page, 100); /* 10,000 a second */
        slowdown.decide(&rig);
        CHECK_EQ(cases[i].want, ordered(TIER_SLOW, pages));
        u32 next = slowdown.give(&rig).page; /* when it has to */
        CHECK(next != NO_PAGE);
        for (u32 k = 0; k < cases[i].want; k++)
            CHECK(pages[k] != next);
        slowdown_ns = 0;
    }
}

int main(void)
{
    host_case("slowdown.as_defined");
    test_random();
    host_case("slowdown.allowed_rate");
    test_allowed();
    return host_done();
}
