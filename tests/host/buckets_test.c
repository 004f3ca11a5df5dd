/* sources: tests/host/host.c mm/classify/buckets.c */
/*
 * Buckets against a full sort: the same hot set, hottest first up and coldest first down, whether the hot set fits or not,
 * with a bucket for each temperature and with two of them; and the decisions that are sat out.
 */
#include <stdlib.h>

#include "lib/string.h"
#include "mm/classify/buckets.h"
#include "mm/memory.h"
#include "tests/host/host.h"

#define NR_PAGES 700
#define ABSENT   NR_TIERS

struct frame_pool frame_pools[NR_TIERS] = {{.first = 1000, .nr_frames = NR_PAGES}, {.first = 5000, .nr_frames = NR_PAGES}};
static pte_t entries[2 * PT_ENTRIES], *tables[2] = {entries, entries + PT_ENTRIES};
static struct space space = {.nr_pages = NR_PAGES, .tables = tables};
static struct buckets b;
static u32 temperature[NR_PAGES], coming[NR_PAGES]; /* of this decision, and of the next one */

void *space_page_array(const struct space *s, void *array, size_t bytes_per_page)
{
    (void)s;
    free(array);
    return calloc(NR_PAGES, bytes_per_page);
}

static int tier_of(u32 page)
{
    return pte_has_frame(entries[page]) ? (int)frame_tier(pte_pfn(entries[page])) : ABSENT;
}

static void place_at_random(void)
{
    u32 absent = host_below(10), slow = 1 + host_below(9);

    for (u32 page = 0; page < NR_PAGES; page++) {
        u32 n = host_below(10);
        entries[page] = n < absent               ? (pte_t){0}
                        : host_below(10) < slow ? pte_make(5000 + page, PTE_PRESENT)
                                                : pte_make(1000 + page, PTE_PRESENT);
    }
}

static void observe_at_random(u32 *heat, u32 windows)
{
    static struct observation seen[NR_PAGES];

    for (u32 window = 0; window < windows; window++) {
        u32 n = 0, share = host_below(100);
        for (u32 page = 0; page < NR_PAGES; page++) {
            bool written = host_below(4) == 0;
            if (tier_of(page) == ABSENT || host_below(100) >= (page % 7 ? share / 3 : share))
                continue;
            seen[n++] = (struct observation){
                .page = page, .weight = 1, .flags = written ? OBSERVED_READ | OBSERVED_WRITTEN : OBSERVED_READ};
            heat[page] = MIN(heat[page] + (written ? 3 : 1), NR_TEMPERATURES - 1);
        }
        buckets_observe(&b, seen, n);
    }
}

/* Hottest first; of equals those of the fast tier, then by number. */
static int by_temperature(const void *one, const void *other)
{
    u32 p = *(const u32 *)one, q = *(const u32 *)other;

    if (b.value[temperature[p]] != b.value[temperature[q]])
        return b.value[temperature[p]] > b.value[temperature[q]] ? -1 : 1;
    if (tier_of(p) != tier_of(q))
        return tier_of(p) - tier_of(q);
    return p < q ? -1 : 1;
}

static void check_against_sort(u32 capacity)
{
    static u32 sorted[NR_PAGES];
    bool hot[NR_PAGES] = {0}, moved[NR_PAGES] = {0};
    u32 n = 0, nr_hot = 0, nr_fast = 0, nr_up = 0, nr_down;

    for (u32 page = 0; page < NR_PAGES; page++) {
        if (tier_of(page) != ABSENT)
            sorted[n++] = page;
        nr_fast += tier_of(page) == TIER_FAST;
    }
    qsort(sorted, n, sizeof(u32), by_temperature);
    for (u32 i = 0; i < n && nr_hot < capacity && b.value[temperature[sorted[i]]]; i++) {
        u32 page = sorted[i];
        hot[page] = true;
        nr_hot++;
        if (tier_of(page) != TIER_SLOW)
            continue;
        CHECK(nr_up < b.ranking.nr_promote && b.ranking.promote[nr_up] == page); /* the set of the sort, in its order */
        nr_up++;
    }
    CHECK_EQ(nr_hot, b.nr_hot);
    CHECK_EQ(nr_up, b.ranking.nr_promote);
    nr_down = nr_fast + nr_up > capacity ? nr_fast + nr_up - capacity : 0;
    CHECK_EQ(nr_down, b.ranking.nr_demote);
    for (u32 i = 0; i < MIN(nr_down, b.ranking.nr_demote); i++) {
        u32 page = b.ranking.demote[i];
        CHECK_EQ(TIER_FAST, tier_of(page));
        CHECK(!hot[page] && !moved[page]);
        CHECK(!i || b.value[temperature[b.ranking.demote[i - 1]]] <= b.value[temperature[page]]);
        moved[page] = true;
    }
    for (u32 page = 0; page < NR_PAGES && nr_down; page++) /* who stays is not colder than who goes */
        CHECK(tier_of(page) != TIER_FAST || moved[page] || hot[page] ||
              b.value[temperature[page]] >= b.value[temperature[b.ranking.demote[nr_down - 1]]]);
}

static void start(u32 hot_from)
{
    for (u32 t = 0; t < NR_TEMPERATURES; t++)
        b.value[t] = (u8)(hot_from ? t >= hot_from : t);
    buckets_start(&space, &b);
    memset(temperature, 0, sizeof(temperature));
    memset(coming, 0, sizeof(coming));
}

extern u64 bucket_keep, bucket_least, bucket_rest, bucket_step;

static void random_run(void)
{
    start(host_below(2) ? 1 + host_below(20) : 0);
    bucket_keep = host_below(20);
    bucket_least = 0;
    bucket_step = 1 + host_below(300);
    for (u32 cycle = 0; cycle < 4; cycle++) {
        place_at_random();
        space.share[TIER_FAST] = host_below(3) ? host_below(NR_PAGES) : NR_PAGES;
        observe_at_random(temperature, host_below(50));
        while (!buckets_decide(&space, &b))
            if (host_below(4) == 0)
                observe_at_random(coming, 1);
        check_against_sort(space.share[TIER_FAST] - (u32)MIN(bucket_keep, space.share[TIER_FAST]));
        memcpy(temperature, coming, sizeof(temperature));
        memset(coming, 0, sizeof(coming));
    }
}

static void decide(void)
{
    while (!buckets_decide(&space, &b))
        ;
}

static void one_hot_page(void)
{
    const struct observation seen = {.page = 5, .weight = 1, .flags = OBSERVED_READ};

    buckets_observe(&b, &seen, 1);
    decide();
}

int main(void)
{
    host_case("buckets.as_full_sort");
    for (u64 seed = 1; seed <= 300; seed++) {
        host_seed(seed);
        random_run();
    }

    host_case("buckets.rests");
    start(0);
    bucket_keep = 0;
    bucket_least = 2;
    bucket_rest = 3;
    space.share[TIER_FAST] = 10;
    memset(entries, 0, sizeof(entries));
    entries[5] = pte_make(5005, PTE_PRESENT);
    one_hot_page();
    CHECK_EQ(0, b.ranking.nr_promote); /* one page is too few */
    bucket_least = 1;
    for (u32 i = 1; i <= 3; i++) {
        one_hot_page();
        CHECK_EQ(0, b.ranking.nr_promote);
        CHECK_EQ(i, b.bucket_rests);
    }
    one_hot_page();
    CHECK_EQ(1, b.ranking.nr_promote);
    CHECK_EQ(3, b.bucket_rests);

    host_case("buckets.forgets");
    decide();
    CHECK_EQ(0, b.ranking.nr_promote); /* nothing was seen since */
    return host_done();
}
