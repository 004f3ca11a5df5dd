/* sources: tests/host/host.c */
/*
 * The lru classifier against arrays: random windows of observations, decisions in steps of random size, and a migrator that
 * asks for orders, keeps some of them open across windows, and carries out some.
 */
#include "tests/host/host.h"
#include "lib/string.h"

#include "mm/classify/lru.c"
#include "mm/move.h"

#define NR_PAGES 60

static struct page pages[NR_PAGES + MAX_PAGE_LISTS];
static struct space space = {.nr_pages = NR_PAGES, .pages = pages};
static struct lru state;
static u16 seen_words[NR_PAGES];
static s32 room;

void *space_own(struct space *s, enum part_kind kind, const void *part, size_t bytes)
{
    CHECK(part == &lru && bytes == sizeof(state));
    s->own[kind] = &state;
    return &state;
}

void *space_page_array(const struct space *s, void *array, size_t bytes_per_page)
{
    (void)s, (void)array;
    CHECK_EQ(sizeof(u16), bytes_per_page);
    memset(seen_words, 0, sizeof(seen_words));
    return seen_words;
}

/* The model: four arrays, head first, when each page was last seen (0: never), and in how many windows running. */
static u32 list[NR_TIERS][2][NR_PAGES], nr[NR_TIERS][2], last_seen[NR_PAGES], streak[NR_PAGES];
static int tier_of_page[NR_PAGES], active_page[NR_PAGES]; /* -1: not mapped */
static bool taken[NR_PAGES];                              /* by the migrator: on no list */
static struct order open[NR_PAGES];
static u32 nr_open, demoting, to_promote;

static void model_remove(u32 page)
{
    int t = tier_of_page[page], a = active_page[page];
    u32 at = 0;

    while (list[t][a][at] != page)
        at++;
    nr[t][a]--;
    memmove(&list[t][a][at], &list[t][a][at + 1], (nr[t][a] - at) * sizeof(u32));
}

static void model_insert(u32 page, int tier, int active, bool at_head)
{
    u32 at = at_head ? 0 : nr[tier][active];

    memmove(&list[tier][active][at + 1], &list[tier][active][at], (nr[tier][active] - at) * sizeof(u32));
    list[tier][active][at] = page;
    nr[tier][active]++;
    tier_of_page[page] = tier;
    active_page[page] = active;
}

static void model_put(u32 page, int tier, int active)
{
    if (tier_of_page[page] >= 0)
        model_remove(page);
    model_insert(page, tier, active, true);
}

static void check_lists(void)
{
    for (int t = 0; t < NR_TIERS; t++)
        for (int a = 0; a < 2; a++) {
            const struct page_list *l = &state.lists[list_number((enum tier)t, (unsigned)a)];
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
    space.left[TIER_FAST] -= tier == TIER_FAST;
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
        if (streak[page] < lru_streak || active_page[page])
            continue;
        if (taken[page])
            active_page[page] = ACTIVE;
        else {
            model_remove(page);
            model_insert(page, tier_of_page[page], ACTIVE, false);
        }
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

/* What the migrator is given, against what it should be given: the head of the slow tier's active pages, or the tail of
 * the fast tier's inactive ones while room is missing for those. */
static void ask(enum tier to)
{
    u32 waiting = to_promote, last = nr[TIER_FAST][INACTIVE], want = NO_PAGE;
    struct order order = lru_next(&space, to);

    if (to == TIER_FAST && waiting)
        want = list[TIER_SLOW][ACTIVE][0];
    else if (to == TIER_SLOW && last && waiting > space_room(&space, TIER_FAST) + demoting)
        want = list[TIER_FAST][INACTIVE][last - 1];
    CHECK_EQ(want, order.page);
    if (order.page >= NR_PAGES)
        return;
    CHECK_EQ(to, order.to);
    CHECK(!taken[order.page]);
    model_remove(order.page);
    taken[order.page] = true;
    demoting += to == TIER_SLOW;
    to_promote -= to == TIER_FAST;
    open[nr_open++] = order;
}

/* A page for whoever has too many: the tail of the fast tier's inactive pages, or else of its active ones. */
static void give(void)
{
    int from = nr[TIER_FAST][INACTIVE] ? INACTIVE : ACTIVE;
    u32 last = nr[TIER_FAST][from], want = last ? list[TIER_FAST][from][last - 1] : NO_PAGE;
    struct order order = lru_give(&space);

    CHECK_EQ(want, order.page);
    if (order.page >= NR_PAGES)
        return;
    CHECK_EQ(TIER_SLOW, order.to);
    model_remove(order.page);
    taken[order.page] = true;
    demoting++;
    open[nr_open++] = order;
}

/* A page that another has chosen: whichever list it is on, unless the migrator has it. */
static void give_page(void)
{
    u32 page = host_below(NR_PAGES);
    struct order order;

    if (tier_of_page[page] != TIER_FAST)
        return;
    order = lru_give_page(&space, page);
    CHECK_EQ(taken[page] ? NO_PAGE : page, order.page);
    if (taken[page])
        return;
    CHECK_EQ(TIER_SLOW, order.to);
    model_remove(page);
    taken[page] = true;
    demoting++;
    open[nr_open++] = order;
}

static void finish(u32 i, enum outcome outcome)
{
    struct order order = open[i];
    u32 page = order.page;

    open[i] = open[--nr_open];
    if (outcome == MOVED)
        space.left[TIER_FAST] += order.to == TIER_SLOW ? 1 : -1;
    lru_done(&space, order, outcome);
    taken[page] = false;
    demoting -= order.to == TIER_SLOW;
    model_insert(page, outcome == MOVED ? order.to : tier_of_page[page], active_page[page],
                 outcome == MOVED || order.to == TIER_SLOW);
}

/* The migrator asks and finishes as it pleases. */
static void migrate(void)
{
    for (u32 n = host_below(30); n; n--) {
        if (host_below(3))
            ask(space.left[TIER_FAST] > 0 && host_below(5) ? TIER_FAST : TIER_SLOW);
        else if (!host_below(8))
            host_below(2) ? give() : give_page();
        else if (nr_open)
            finish(host_below(nr_open), host_below(4) ? MOVED : GAVE_UP);
    }
    check_lists();
}

static void decide(u32 now)
{
    model_age(now);
    while (!lru_decide(&space))
        ;
    to_promote = nr[TIER_SLOW][ACTIVE];
    check_lists();
}

static void start(void)
{
    memset(pages, 0, sizeof(pages));
    memset(nr, 0, sizeof(nr));
    memset(last_seen, 0, sizeof(last_seen));
    memset(streak, 0, sizeof(streak));
    memset(taken, 0, sizeof(taken));
    nr_open = demoting = to_promote = 0;
    space.left[TIER_FAST] = room;
    for (u32 page = 0; page < NR_PAGES; page++)
        tier_of_page[page] = -1;
    lru_start(&space);
}

/* `offset` brings the window's number near where the packed one wraps. */
static void random_run(u32 offset)
{
    u32 cycle = 1 + host_below(4);

    room = (s32)(5 + host_below(30));
    start();
    lru_idle = 1 + host_below(3);
    lru_streak = 1 + host_below(5);
    lru_step = 1 + host_below(20);
    for (u32 page = 0; page < NR_PAGES - 10; page++)
        map_page(page, space.left[TIER_FAST] > 0 ? TIER_FAST : TIER_SLOW);
    for (u32 n = 1; n <= 60; n++) {
        if (n > 20 && n <= 30)
            map_page(NR_PAGES - 31 + n, TIER_SLOW);
        observe_some(offset + n);
        check_lists();
        if (n % cycle == 0)
            decide(offset + n);
        migrate();
    }
}

int main(void)
{
    struct observation seen_now = {.page = 3, .weight = 1};

    host_case("lru.streak");
    start();
    lru_streak = 2;
    map_page(3, TIER_SLOW);
    CHECK_EQ(1, state.lists[list_number(TIER_SLOW, INACTIVE)].count);
    lru_observe(&space, &seen_now, 1, 1); /* once is not enough, also in the very first window */
    CHECK_EQ(0, state.lists[list_number(TIER_SLOW, ACTIVE)].count);
    lru_observe(&space, &seen_now, 1, 3); /* not in a row */
    CHECK_EQ(0, state.lists[list_number(TIER_SLOW, ACTIVE)].count);
    lru_observe(&space, &seen_now, 1, 4);
    CHECK_EQ(1, state.lists[list_number(TIER_SLOW, ACTIVE)].count);

    host_case("lru.random");
    for (u64 seed = 1; seed <= 200; seed++) {
        host_seed(seed);
        random_run(seed % 4 ? 0 : (u32)seed * 512 - 30);
    }
    return host_done();
}
