/* sources: tests/host/host.c */
/*
 * The generations against a model that keeps, of each page, the walk with which it was listed and the order in which that
 * was done: random walks, accesses between them, and a migrator that asks, keeps orders open, and fails some.
 */
#include "tests/host/classifier_rig.h"

#include "mm/classify/mglru.c"

static u32 walk, turn;             /* the last walk; numbers the listings */
static u32 seen[RIG_PAGES];        /* the last walk that saw it; far below `walk`: none */
static u32 run[RIG_PAGES];         /* walks running until then */
static u32 listed_walk[RIG_PAGES]; /* of the fast tier: the generation whose list it is on... */
static bool is_oldest[RIG_PAGES];  /* ...until it joins the oldest */
static u32 listed[RIG_PAGES];      /* when: lower numbers come first */
static bool candidate[RIG_PAGES];

static void list_it(u32 page)
{
    listed[page] = ++turn;
}

static void begins(u32 page)
{
    run[page] = 0;
    candidate[page] = is_oldest[page] = false;
    seen[page] = rig_tier[page] == TIER_FAST ? walk : walk - 3;
    listed_walk[page] = walk;
    list_it(page);
}

static void map_page(u32 page)
{
    rig_map(page);
    begins(page);
}

static u32 nr_candidates(void)
{
    u32 nr = 0;

    for (u32 page = 0; page < RIG_PAGES; page++)
        nr += rig_tier[page] == TIER_SLOW && !rig_taken[page] && candidate[page];
    return nr;
}

/* Of the tier's pages that are on a list and `fit`, the one listed first; NO_PAGE: none. */
static u32 first_of(enum tier tier, bool (*fit)(u32 page))
{
    u32 first = NO_PAGE;

    for (u32 page = 0; page < RIG_PAGES; page++)
        if (rig_tier[page] == (int)tier && !rig_taken[page] && fit(page) && (first == NO_PAGE || listed[page] < listed[first]))
            first = page;
    return first;
}

static bool is_candidate(u32 page)
{
    return candidate[page];
}

static bool oldest(u32 page)
{
    return is_oldest[page];
}

static bool second_oldest(u32 page)
{
    return !is_oldest[page] && walk - listed_walk[page] == 2;
}

static bool joins_oldest(u32 page)
{
    return !is_oldest[page] && walk - listed_walk[page] == 3;
}

static void one_walk(u32 share)
{
    struct observation list[RIG_PAGES];
    u32 count = 0, page;

    walk++;
    while ((page = first_of(TIER_FAST, joins_oldest)) != NO_PAGE) {
        is_oldest[page] = true;
        list_it(page);
    }
    for (page = 0; page < RIG_PAGES; page++) {
        rig_entries[page].bits &= ~PTE_ACCESSED;
        if (rig_tier[page] < 0 || host_below(100) >= (page % 5 ? share : 90))
            continue;
        list[count++] = (struct observation){.page = page, .weight = 1, .flags = OBSERVED_READ};
        run[page] = seen[page] == walk - 1 ? MIN(run[page] + 1, 15) : 1;
        seen[page] = walk;
        if (rig_tier[page] == TIER_SLOW && !rig_taken[page] && !candidate[page] && run[page] >= mglru_young) {
            candidate[page] = true;
            list_it(page);
        }
    }
    mglru_observe(&rig, list, count / 2, walk); /* in two steps of one window */
    mglru_observe(&rig, list + count / 2, count - count / 2, walk);
}

static u32 wanted_up(void)
{
    for (u32 looks = (u32)mglru_looks; looks; looks--) {
        u32 page = first_of(TIER_SLOW, is_candidate);
        if (page == NO_PAGE || walk - seen[page] <= 1)
            return page;
        candidate[page] = false;
        list_it(page);
    }
    return NO_PAGE;
}

static u32 wanted_down(void)
{
    for (u32 looks = (u32)mglru_looks; looks && nr_candidates() > (u32)rig.left[TIER_FAST] + rig_demoting(); looks--) {
        u32 page = first_of(TIER_FAST, oldest), since;
        if (page == NO_PAGE)
            page = first_of(TIER_FAST, second_oldest);
        if (page == NO_PAGE)
            return page;
        since = rig_entries[page].bits & PTE_ACCESSED ? 0 : walk - seen[page];
        if (since >= 2)
            return page;
        listed_walk[page] = walk - since;
        is_oldest[page] = false;
        list_it(page);
    }
    return NO_PAGE;
}

static void random_run(void)
{
    mglru_young = 1 + host_below(4);
    mglru_looks = host_below(2) ? 64 : 1 + host_below(5);
    walk = host_below(2) ? 0 : 505; /* stamps wrap at 512 */
    rig_start(&mglru, 5 + host_below(30));
    ((struct mglru *)rig.own[CLASSIFIER])->walk = walk;
    for (u32 page = 0; page < RIG_PAGES - 10; page++)
        map_page(page);
    for (u32 n = 0; n < 80; n++) {
        if (host_below(3) == 0)
            one_walk(host_below(100));
        if (n % 8 == 7)
            map_page(RIG_PAGES - 10 + n / 8);
        for (u32 i = host_below(6); i; i--)
            rig_entries[host_below(RIG_PAGES)].bits |= PTE_ACCESSED;
        for (u32 i = host_below(8); i; i--) {
            enum tier to = host_below(2) ? TIER_FAST : TIER_SLOW;
            u32 want = to == TIER_FAST ? wanted_up() : wanted_down();
            CHECK_EQ(want, rig_ask(to).page);
            if (rig_nr_open && host_below(2))
                begins(rig_end_one().page);
        }
    }
}

int main(void)
{
    host_case("mglru.random");
    for (u64 seed = 1; seed <= 400; seed++) {
        host_seed(seed);
        random_run();
    }
    return host_done();
}
