/* sources: tests/host/host.c */
/*
 * The lru classifier against arrays: random windows of observations, cycles that end with a decision in steps of random
 * size, and moves of some of the planned pages.
 */
#include "tests/host/host.h"
#include "kernel/string.h"

#include "mm/classify/lru.c"

#define NR_PAGES 60

static struct page pages[NR_PAGES + MAX_PAGE_LISTS];
static struct space space = {.nr_pages = NR_PAGES, .pages = pages};
static u32 promote[NR_PAGES], demote[NR_PAGES];

void *kmem_alloc(size_t bytes)
{
    static u64 memory[NR_PAGES];

    CHECK(bytes <= sizeof(memory));
    return memory;
}

/* The model: four arrays, head first, when each page was last seen (0: never), and in how many windows running. */
static u32 list[NR_TIERS][2][NR_PAGES], nr[NR_TIERS][2], last_seen[NR_PAGES], streak[NR_PAGES];
static int tier_of_page[NR_PAGES], active_page[NR_PAGES]; /* -1: not mapped */

static void model_put(u32 page, int tier, int active)
{
    if (tier_of_page[page] >= 0) {
        int t = tier_of_page[page], a = active_page[page];
        u32 at = 0;
        while (list[t][a][at] != page)
            at++;
        nr[t][a]--;
        memmove(&list[t][a][at], &list[t][a][at + 1], (nr[t][a] - at) * sizeof(u32));
    }
    memmove(&list[tier][active][1], &list[tier][active][0], nr[tier][active] * sizeof(u32));
    list[tier][active][0] = page;
    nr[tier][active]++;
    tier_of_page[page] = tier;
    active_page[page] = active;
}

static void check_lists(void)
{
    for (int t = 0; t < NR_TIERS; t++)
        for (int a = 0; a < 2; a++) {
            const struct page_list *l = &lists[list_number((enum tier)t, (unsigned)a)];
            u32 page = list_head(l, pages);
            CHECK_EQ(nr[t][a], l->count);
            for (u32 i = 0; i < nr[t][a]; i++) {
                CHECK_EQ(list[t][a][i], page);
                if (page >= NR_PAGES)
                    return;
                page = pages[page].next;
            }
            CHECK_EQ(l->end, page);
        }
}

static void map_page(u32 page, enum tier tier)
{
    lru_mapped(&space, page, tier);
    model_put(page, tier, INACTIVE);
    space.resident[tier]++;
}

static void observe_some(u32 now)
{
    struct observation seen_now[NR_PAGES];
    u32 n = 0, share = host_below(100);

    for (u32 page = 0; page < NR_PAGES; page++) {
        /* Some pages are favoured, so that there is something to find. */
        if (tier_of_page[page] < 0 || host_below(100) >= (page % 5 ? share / 2 : 90))
            continue;
        seen_now[n++] = (struct observation){.page = page, .weight = 1, .flags = OBSERVED_READ};
        streak[page] = last_seen[page] && last_seen[page] == now - 1 ? streak[page] + 1 : 1;
        last_seen[page] = now;
        if (streak[page] >= lru_streak && !active_page[page])
            model_put(page, tier_of_page[page], ACTIVE);
    }
    lru_observe(&space, seen_now, n, now);
}

/* Active pages from the tail: those not seen lately become inactive. */
static void model_age(u32 now)
{
    for (int t = 0; t < NR_TIERS; t++)
        for (u32 left = nr[t][ACTIVE]; left; left--) {
            u32 page = list[t][ACTIVE][nr[t][ACTIVE] - 1];
            model_put(page, t, now - last_seen[page] < lru_idle ? ACTIVE : INACTIVE);
        }
}

static void decide(u32 now, u32 capacity)
{
    struct plan plan = {.promote = promote, .demote = demote};
    u32 room = capacity > space.resident[TIER_FAST] ? capacity - space.resident[TIER_FAST] : 0, wanted;

    model_age(now);
    while (!lru_decide(&space, &plan, capacity))
        ;
    check_lists();
    wanted = MIN(nr[TIER_SLOW][ACTIVE], room + nr[TIER_FAST][INACTIVE]);
    CHECK_EQ(wanted, plan.nr_promote);
    CHECK_EQ(wanted > room ? wanted - room : 0, plan.nr_demote);
    for (u32 i = 0; i < plan.nr_promote; i++)
        CHECK_EQ(list[TIER_SLOW][ACTIVE][i], promote[i]);
    for (u32 i = 0; i < plan.nr_demote; i++)
        CHECK_EQ(list[TIER_FAST][INACTIVE][nr[TIER_FAST][INACTIVE] - 1 - i], demote[i]);
    /* The migrator carries out as much as it pleases. */
    for (u32 i = 0, n = plan.nr_demote ? host_below(plan.nr_demote + 1) : 0; i < n; i++) {
        lru_moved(&space, demote[i], TIER_SLOW);
        model_put(demote[i], TIER_SLOW, active_page[demote[i]]);
        space.resident[TIER_FAST]--, space.resident[TIER_SLOW]++;
    }
    for (u32 i = 0; i < plan.nr_promote && space.resident[TIER_FAST] < capacity; i++) {
        lru_moved(&space, promote[i], TIER_FAST);
        model_put(promote[i], TIER_FAST, active_page[promote[i]]);
        space.resident[TIER_SLOW]--, space.resident[TIER_FAST]++;
    }
}

static void start(void)
{
    memset(pages, 0, sizeof(pages));
    memset(nr, 0, sizeof(nr));
    memset(last_seen, 0, sizeof(last_seen));
    memset(streak, 0, sizeof(streak));
    space.resident[TIER_FAST] = space.resident[TIER_SLOW] = 0;
    for (u32 page = 0; page < NR_PAGES; page++)
        tier_of_page[page] = -1;
    lru_start(&space);
}

/* `offset` brings the window's number near where the packed one wraps. */
static void random_run(u32 offset)
{
    u32 capacity = 5 + host_below(30), cycle = 1 + host_below(4);

    start();
    lru_idle = 1 + host_below(3);
    lru_streak = 1 + host_below(5);
    lru_step = 1 + host_below(20);
    for (u32 page = 0; page < NR_PAGES - 10; page++)
        map_page(page, space.resident[TIER_FAST] < capacity ? TIER_FAST : TIER_SLOW);
    for (u32 n = 1; n <= 60; n++) {
        if (n > 20 && n <= 30)
            map_page(NR_PAGES - 31 + n, TIER_SLOW);
        observe_some(offset + n);
        check_lists();
        if (n % cycle == 0)
            decide(offset + n, capacity);
    }
}

int main(void)
{
    struct observation seen_now = {.page = 3, .weight = 1};

    host_case("lru.streak");
    start();
    lru_streak = 2;
    map_page(3, TIER_SLOW);
    CHECK_EQ(1, lists[list_number(TIER_SLOW, INACTIVE)].count);
    lru_observe(&space, &seen_now, 1, 1); /* once is not enough, also in the very first window */
    CHECK_EQ(0, lists[list_number(TIER_SLOW, ACTIVE)].count);
    lru_observe(&space, &seen_now, 1, 3); /* not in a row */
    CHECK_EQ(0, lists[list_number(TIER_SLOW, ACTIVE)].count);
    lru_observe(&space, &seen_now, 1, 4);
    CHECK_EQ(1, lists[list_number(TIER_SLOW, ACTIVE)].count);

    host_case("lru.random");
    for (u64 seed = 1; seed <= 200; seed++) {
        host_seed(seed);
        random_run(seed % 4 ? 0 : (u32)seed * 1024 - 30);
    }
    return host_done();
}
