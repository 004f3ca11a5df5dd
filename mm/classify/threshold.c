/*
 * threshold: a page is hot when its temperature over a cycle reaches a fixed number.
 *
 *      temperature, placement:  mm/classify/buckets.h, with two buckets:  hot from `threshold_hot` on, and cold
 *
 * What vTMM's ablation puts in the place of its bucket sort (Sha and others, EuroSys'23, figure 4; the artefact named in
 * mm/classify/buckets.h keeps the variant). Differs: the number that it used is not published. Cost: as bucket. Known weak
 * spot: the constant. Set too low, more is hot than fits, and which of it comes up is chance; too high, the fast tier keeps
 * what is cold.
 */
#include "mm/classify/buckets.h"

static KEY_NUMBER(threshold_hot, "threshold_hot", 8, 1, NR_TEMPERATURES - 1,
                  "threshold: temperature from which on a page is hot, 1 a read and 3 a written window of a cycle; "
                  "arbitrary: read in each of eight windows");

static const struct classifier threshold;

static void threshold_start(struct space *space)
{
    struct buckets *b = space_own(space, CLASSIFIER, &threshold, sizeof(*b));

    for (u32 t = 0; t < NR_TEMPERATURES; t++)
        b->value[t] = t >= threshold_hot;
    buckets_start(space, b);
}

static void threshold_observe(struct space *space, const struct observation *list, u32 count, u32 window)
{
    (void)window;
    buckets_observe(space->own[CLASSIFIER], list, count);
}

static bool threshold_decide(struct space *space)
{
    return buckets_decide(space, space->own[CLASSIFIER]);
}

static struct order threshold_next(struct space *space, enum tier to)
{
    struct buckets *b = space->own[CLASSIFIER];

    return ranking_next(&b->ranking, to);
}

static const char *const reasons[] = {"hot pages, from threshold_hot on, take the place of cold ones"};

static const struct classifier threshold = {
    .part = {.name = "threshold",
             .summary = "hot is what reaches a fixed temperature in a cycle: vTMM's ablation",
             .counters = {COUNTER(buckets, bucket_rests)},
             .start = threshold_start},
    .reasons = REASONS(reasons),
    .observe = threshold_observe,
    .decide = threshold_decide,
    .next = threshold_next,
    .done = ranking_done,
};
REGISTER_CLASSIFIER(threshold);
