/* sources: tests/host/host.c mm/watermarks.c */
/*
 * The clock's three lists against arrays: pages accessed at random, reported by a tracker or not, passes of limited length,
 * and a migrator that asks, keeps orders open, and fails some.
 */
#include "tests/host/classifier_rig.h"

#include "mm/classify/clock_promote.c"

enum { NOWHERE = NR_LISTS };

static u32 where[RIG_PAGES], listed[RIG_PAGES], turn; /* the slow tier's pages: their list, and when they were put there */
static bool noted[RIG_PAGES], reported[RIG_PAGES];

static void put_in(u32 page, u32 list, bool note)
{
    where[page] = list;
    listed[page] = ++turn;
    noted[page] = note;
    reported[page] = false;
}

static u32 first_of(u32 list)
{
    u32 first = NO_PAGE;

    for (u32 page = 0; page < RIG_PAGES; page++)
        if (where[page] == list && (first == NO_PAGE || listed[page] < listed[first]))
            first = page;
    return first;
}

static u32 count_of(u32 list)
{
    u32 count = 0;

    for (u32 page = 0; page < RIG_PAGES; page++)
        count += where[page] == list;
    return count;
}

static void one_pass(void)
{
    u32 looks[] = {(u32)MIN(count_of(INACTIVE), clock_scan), (u32)MIN(count_of(ACTIVE), clock_scan)};
    static pte_t before[RIG_PAGES];

    memcpy(before, rig_entries, sizeof(before));
    for (u32 list = INACTIVE; list <= ACTIVE; list++)
        for (; looks[list]; looks[list]--) {
            u32 page = first_of(list);
            bool accessed = before[page].bits & PTE_ACCESSED || reported[page];
            before[page].bits &= ~PTE_ACCESSED;
            if (list == ACTIVE)
                put_in(page, accessed ? PROMOTE : INACTIVE, false);
            else if (accessed && noted[page])
                put_in(page, ACTIVE, false);
            else
                put_in(page, INACTIVE, accessed);
        }
    while (!clock_decide(&rig))
        ;
    CHECK(!memcmp(before, rig_entries, sizeof(before))); /* bits were taken of these pages alone */
}

static void map_page(u32 page)
{
    rig_map(page);
    if (rig_tier[page] == TIER_SLOW)
        put_in(page, INACTIVE, false);
}

static void ask_up(void)
{
    u32 want = first_of(PROMOTE);

    CHECK_EQ(want, rig_ask(TIER_FAST).page);
    if (want != NO_PAGE)
        where[want] = NOWHERE;
}

/* What a tracker has told of since it was last looked at stays, where another page of the fast tier is idle. */
static void ask_down(void)
{
    bool told[RIG_PAGES], idle = false;
    struct order order;

    for (u32 page = 0; page < RIG_PAGES; page++) {
        told[page] = ((struct clock_promote *)rig.own[CLASSIFIER])->pages[page] & REPORTED;
        idle |= rig_tier[page] == TIER_FAST && !rig_taken[page] && !told[page] && !(rig_entries[page].bits & PTE_ACCESSED);
    }
    order = rig_ask(TIER_SLOW);
    CHECK(order.page == NO_PAGE || !told[order.page] || !idle);
}

static void end_one(void)
{
    struct order order = rig_end_one();

    where[order.page] = NOWHERE;
    if (rig_tier[order.page] == TIER_SLOW)
        put_in(order.page, order.to == TIER_FAST ? ACTIVE : INACTIVE, false);
}

static void random_run(void)
{
    clock_scan = host_below(2) ? 1024 : 1 + host_below(10);
    rig_start(&clock_promote, 5 + host_below(30));
    for (u32 page = 0; page < RIG_PAGES; page++)
        where[page] = NOWHERE;
    for (u32 page = 0; page < RIG_PAGES - 10; page++)
        map_page(page);
    for (u32 n = 0; n < 80; n++) {
        if (n % 8 == 7)
            map_page(RIG_PAGES - 10 + n / 8);
        for (u32 i = host_below(25); i; i--) {
            u32 page = host_below(RIG_PAGES);
            struct observation o = {.page = page, .weight = host_below(2)};
            if (rig_tier[page] < 0)
                continue;
            rig_entries[page].bits |= PTE_ACCESSED;
            if (host_below(3) == 0 && !rig_taken[page]) { /* a tracker takes the bit, and tells */
                rig_entries[page].bits &= ~PTE_ACCESSED;
                clock_observe(&rig, &o, 1, n);
                reported[page] |= o.weight;
            }
        }
        if (host_below(2))
            one_pass();
        for (u32 i = host_below(8); i; i--) {
            if (host_below(2))
                ask_up();
            else
                ask_down();
            if (rig_nr_open && host_below(2))
                end_one();
        }
        for (u32 list = INACTIVE; list < NR_LISTS; list++)
            CHECK_EQ(count_of(list), ((struct clock_promote *)rig.own[CLASSIFIER])->lists[list].count);
    }
}

int main(void)
{
    host_case("clock_promote.random");
    for (u64 seed = 1; seed <= 400; seed++) {
        host_seed(seed);
        random_run();
    }
    return host_done();
}
