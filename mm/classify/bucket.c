/*
 * bucket: vTMM's classifier: pages in buckets by temperature, the fast tier filled from the hottest one down.
 *
 *      temperature, hot set, placement:  mm/classify/buckets.h
 *
 * The bucket sort finds the threshold that fills the tier, anew in each cycle: no constant says what is hot. Cost: an
 * addition an observation, two passes over all pages a decision, in steps. Known weak spot: a cycle's temperatures are
 * forgotten, so what was hot all day counts no more than what was hot since the last decision, and a page touched once
 * is hotter than one that was not touched.
 */
#include "mm/classify/buckets.h"

static const struct classifier bucket;

static void bucket_start(struct space *space)
{
    struct buckets *b = space_own(space, CLASSIFIER, &bucket, sizeof(*b));

    for (u32 t = 0; t < NR_TEMPERATURES; t++)
        b->value[t] = (u8)t;
    buckets_start(space, b);
}

static void bucket_observe(struct space *space, const struct observation *list, u32 count, u32 window)
{
    (void)window;
    buckets_observe(space->own[CLASSIFIER], list, count);
}

static bool bucket_decide(struct space *space)
{
    return buckets_decide(space, space->own[CLASSIFIER]);
}

static struct order bucket_next(struct space *space, enum tier to)
{
    struct buckets *b = space->own[CLASSIFIER];

    return ranking_next(&b->ranking, to);
}

static const char *const reasons[] = {"by temperature: the hottest pages fill the fast tier, the coldest make room"};

static const struct classifier bucket = {
    .part = {.name = "bucket",
             .summary = "buckets by temperature, 1 a read and 3 a written window; fills the fast tier from the top, as vTMM",
             .counters = {COUNTER(buckets, bucket_rests)},
             .start = bucket_start},
    .reasons = REASONS(reasons),
    .observe = bucket_observe,
    .decide = bucket_decide,
    .next = bucket_next,
    .done = ranking_done,
};
REGISTER_CLASSIFIER(bucket);
