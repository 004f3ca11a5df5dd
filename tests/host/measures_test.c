/* sources: tests/host/host.c score/scores.c */
/*
 * Every score, set and cause of a summary, by hand: six pages, k = 2, three cycles. In the first a tie at the cut, an
 * observation too early, one that is stale, one said twice; in the second fewer seen pages than k and no request; in the third
 * no access at all, so that it is left out of the means.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/host/host.h"

#include "score/measures.c"

enum { PAGES = 6, CAPACITY = 2 };

static struct space space = {.nr_pages = PAGES, .resident = {4, 2}, .pte_visits = 1000};
static struct measures measures;
static struct model_header header;

const volatile struct model_header *model_header(void)
{
    return &header;
}

void *kmem_alloc(size_t bytes)
{
    return calloc(1, bytes);
}

/* Pages 1, 2 and 5. */
static bool is_declared(u32 page)
{
    return page == 1 || page == 2 || page == 5;
}

static u32 nr_declared(void)
{
    return 3;
}

static const struct workload workload = {.declared = is_declared, .nr_declared = nr_declared};

struct program program = {.workload = &workload};

/* The record's fields, as they were told. */
static struct {
    const char *key;
    s64 value;
} fields[64];
static unsigned nr_fields;
static s64 points[(RANKED_POINTS + 1) * 3];
static unsigned nr_points;

void record_u64(const char *key, u64 value)
{
    if (!key)
        points[nr_points++] = (s64)value;
    else
        fields[nr_fields].key = key, fields[nr_fields++].value = (s64)value;
}

void record_millionths(const char *key, s64 value)
{
    fields[nr_fields].key = key, fields[nr_fields++].value = value;
}

void record_begin(const char *kind)
{
    CHECK(!strcmp(kind, "event"));
}

void record_text(const char *key, const char *value)
{
    CHECK(!strcmp(key, "event") && !strcmp(value, "ranked"));
}

void record_array(const char *key)
{
    (void)key;
}

void record_close(void)
{
}

void record_end(void)
{
}

static void expect(const char *key, s64 want)
{
    for (unsigned i = 0; i < nr_fields; i++) {
        if (strcmp(fields[i].key, key))
            continue;
        if (fields[i].value != want)
            host_fail(__FILE__, __LINE__, "%s: want=%lld got=%lld", key, (long long)want, (long long)fields[i].value);
        return;
    }
    host_fail(__FILE__, __LINE__, "%s is not in the record", key);
}

static void epoch(bool looked_at, const u32 counts[PAGES])
{
    struct page_truth truth[PAGES] = {0};

    for (u32 page = 0; page < PAGES; page++) { /* even pages are loaded, odd ones stored to */
        truth[page].loads = page % 2 ? 0 : counts[page];
        truth[page].stores = page % 2 ? counts[page] : 0;
    }
    measures_epoch(&measures, truth, PAGES, looked_at);
}

static void observe(u32 page, u32 weight)
{
    struct observation o = {.page = page, .weight = weight};

    measures_observed(&measures, &o, 1);
}

static void end_cycle(const u32 accesses[PAGES], const u32 requests[PAGES], const u32 estimates[PAGES], u64 visits,
                      u64 fast_requests, u64 slow_requests)
{
    struct cycle_counts counts = {accesses, accesses, requests, estimates, PAGES, CAPACITY};

    space.pte_visits += visits;
    header.account[ACCOUNT_WORKLOAD].requests[TIER_FAST] += fast_requests;
    header.account[ACCOUNT_WORKLOAD].requests[TIER_SLOW] += slow_requests;
    measures_end(&measures, &counts, true);
    nr_fields = 0;
    measures_record_cycle(&measures);
    measures_begin(&measures);
}

/* Observations before the measured phase must not show; the epoch before it belongs to nothing. */
static void start(void)
{
    hot_rate = 2;
    rank_scores = ranked_key = 1;
    header.account[ACCOUNT_WORKLOAD].requests[TIER_FAST] = 500;
    header.account[ACCOUNT_WORKLOAD].requests[TIER_SLOW] = 700;
    header.ring_head = 30;
    header.ring_dropped = 2;
    measures_init(&measures, &space);
    epoch(true, (u32[PAGES]){9, 9, 9, 9, 9, 9});
    observe(5, 7);
    measures_restart(&measures);
    measures_begin(&measures);
}

/* Two windows. By truth the best two are 1 and 0; by estimate 1, and 0 and 3 with a half each. */
static void first_cycle(void)
{
    epoch(true, (u32[PAGES]){10, 6, 4, 0, 0, 0});
    observe(0, 1);
    observe(1, 3); /* 2 more than a bit would say */
    observe(3, 2); /* 1 more; not accessed before the next window: raced */
    observe(1, 2); /* said again */
    epoch(true, (u32[PAGES]){0, 5, 5, 8, 2, 0});
    observe(0, 1); /* nor in the next one: stale */
    observe(4, 1);
    observe(5, 1); /* raced again, so that there are more of these than stale ones */
    end_cycle((u32[PAGES]){10, 11, 9, 8, 2, 0}, (u32[PAGES]){1, 2, 8, 6, 2, 0}, (u32[PAGES]){2, 5, 0, 2, 1, 0}, 12, 5, 14);
    expect("cycle", 1);
    expect("precision", 750000);
    expect("recall", 750000);
    expect("declared_precision", 333333); /* 1 of 1, 0, 3 */
    expect("declared_recall", 333333);
    expect("weighted_recall", 952380);  /* (11 + 10 / 2 + 8 / 2) / 21 */
    expect("verdict_regret", 25000);    /* 1 / 40 */
    expect("placement_regret", 473684); /* (8 + 6 - 5) / 19 */
    expect("accessed_precision", 1000000);
    expect("accessed_recall", 800000);
    expect("rate_precision", 1000000); /* 0, 1, 3 of 0 to 4 */
    expect("rate_recall", 600000);
    expect("kendall_tau", 527046);      /* (7 - 2) / sqrt(10 x 9) */
    expect("spearman_rho", 615587);     /* 6 / sqrt(10 x 9.5) */
    expect("count_inflation", 1428571); /* 10 / (3 + 4) */
    expect("mapped_pages", 6);
    expect("visits", 12);
    expect("seen_pages", 4);
    expect("accessed_pages", 5);
    expect("hot_pages", 2);
    expect("declared_pages", 3);
    expect("seen_accessed_pages", 4);
    expect("seen_hot_pages", 2);
    expect("seen_declared_pages", 1);
}

/* One window; page 5 is all that is seen. */
static void second_cycle(void)
{
    epoch(true, (u32[PAGES]){0, 0, 4, 0, 0, 6});
    observe(5, 4);
    end_cycle((u32[PAGES]){0, 0, 4, 0, 0, 6}, (u32[PAGES]){0}, (u32[PAGES]){0, 0, 0, 0, 0, 4}, 3, 0, 0);
    expect("cycle", 2);
    expect("precision", 1000000);
    expect("recall", 500000);
    expect("declared_precision", 1000000);
    expect("declared_recall", 333333);
    expect("placement_regret", RATIO_NULL); /* no request */
    expect("count_inflation", 2000000);
}

static void empty_cycle(void)
{
    end_cycle((u32[PAGES]){0}, (u32[PAGES]){0}, (u32[PAGES]){0}, 4, 0, 0);
    expect("cycle", 3);
    expect("precision", RATIO_NULL);
    expect("count_inflation", RATIO_NULL);
    expect("mapped_pages", 6);
    expect("accessed_pages", 0);
}

static void summary(void)
{
    measures_stop(&measures);
    epoch(true, (u32[PAGES]){0, 0, 0, 0, 0, 3}); /* settles the last window; page 5's is in no window of its own */
    header.ring_head += 70;
    header.ring_dropped += 5;
    nr_fields = 0;
    measures_record_scores(&measures);
    CHECK_EQ(7, nr_fields);
    measures_record_more(&measures);
    expect("precision", 875000);
    expect("recall", 625000);
    expect("declared_precision", 666666);
    expect("declared_recall", 333333);
    expect("weighted_recall", 776190);
    expect("verdict_regret", 212500);
    expect("placement_regret", 473684); /* of the cycle that has one */
    expect("accessed_precision", 1000000);
    expect("accessed_recall", 650000);
    expect("rate_precision", 1000000);
    expect("rate_recall", 550000);
    expect("kendall_tau", 763523);
    expect("spearman_rho", 807793);
    expect("count_inflation", 1714285);
    expect("mapped_pages", 6);
    expect("visits", 7);
    expect("seen_pages", 2);
    expect("accessed_pages", 3);
    expect("hot_pages", 2);
    expect("declared_pages", 3);
    expect("seen_accessed_pages", 2);
    expect("seen_hot_pages", 1);
    expect("seen_declared_pages", 1);
    /* Windows 1: 0 and 1, 2, 3 raced. 2: 4, 1 to 3 missed, 0 stale, 5 raced. 3: 5, 2 missed. */
    expect("right_windows", 4);
    expect("missed_windows", 5);
    expect("raced_windows", 2);
    expect("stale_windows", 1);
    expect("repeated_weights", 2);
    expect("extra_weights", 6); /* 2 + 1 + 3 */
    expect("samples", 70);
    expect("samples_dropped", 5);
}

/* Windows with an access in descending order: 3 2 1 1 1 1. Weights: 5 5 2 2 1 0. */
static void ranked(void)
{
    static const s64 want[3][3] = {{0, 3, 5}, {500, 1, 2}, {1000, 1, 0}};

    measures_record_ranked(&measures);
    CHECK_EQ(ARRAY_SIZE(points), nr_points);
    for (unsigned i = 0; i < 3; i++)
        for (unsigned j = 0; j < 3; j++)
            CHECK_EQ(want[i][j], points[i * RANKED_POINTS / 2 * 3 + j]);
}

/* Only the pages 1 to 3 are compared: of what is accessed and observed, one is right, one missed, one stale. */
static void compared(void)
{
    struct observation leaf = {.page = 2, .weight = 1, .flags = OBSERVED_LEAF};

    measures_compare(&measures, 1, 4);
    measures_restart(&measures);
    measures_begin(&measures);
    epoch(true, (u32[PAGES]){5, 5, 5, 0, 5, 5});
    for (u32 page = 0; page < PAGES; page++)
        if (page != 2)
            observe(page, 1);
    epoch(true, (u32[PAGES]){0});
    CHECK_EQ(3, measures_left_out(&measures));
    end_cycle((u32[PAGES]){5, 5, 5, 0, 5, 5}, (u32[PAGES]){5, 5, 5, 0, 5, 5}, (u32[PAGES]){1, 1, 0, 1, 1, 1}, 6, 10, 15);
    expect("accessed_pages", 2);
    expect("seen_pages", 2);
    expect("seen_accessed_pages", 1);
    nr_fields = 0;
    measures_record_more(&measures);
    expect("right_windows", 1);
    expect("missed_windows", 1);
    expect("stale_windows", 1);
    expect("raced_windows", 0);
    measures_observed(&measures, &leaf, 1);
    CHECK_EQ(3, measures_left_out(&measures));
    CHECK(measures.page_flags[2] & measures.page_flags[3] & WAS_OBSERVED);
    CHECK(!(measures.page_flags[4] & WAS_OBSERVED));
}

int main(void)
{
    host_case("measures.first_cycle");
    start();
    first_cycle();
    host_case("measures.fewer_than_k");
    second_cycle();
    host_case("measures.empty_cycle");
    empty_cycle();
    host_case("measures.summary");
    summary();
    host_case("measures.ranked");
    ranked();
    host_case("measures.compared");
    compared();
    return host_done();
}
