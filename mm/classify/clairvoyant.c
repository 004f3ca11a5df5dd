/*
 * clairvoyant: knows the requests of the coming cycle, from a rehearsal of the same run. With the migrator `ideal` it is meant as the
 * bound of what a placement that changes once a cycle can serve fast; docs/experiments.md says where it is none, and of time it is none.
 */
#include "mm/ranking.h"
#include "mm/truth.h"

struct clairvoyant {
    struct ranking ranking;
    u32 *coming; /* requests, by page */
};

static const struct classifier clairvoyant;

static void clairvoyant_start(struct space *space)
{
    struct clairvoyant *s = space_own(space, CLASSIFIER, &clairvoyant, sizeof(*s));

    s->coming = space_page_array(space, s->coming, sizeof(u32));
    ranking_start(space, &s->ranking);
}

static bool clairvoyant_decide(struct space *space)
{
    struct clairvoyant *s = space->own[CLASSIFIER];

    space->truth->coming_requests(space, s->coming);
    ranking_by_counts(space, &s->ranking, s->coming, 0, 0);
    return true;
}

static struct order clairvoyant_next(struct space *space, enum tier to)
{
    struct clairvoyant *s = space->own[CLASSIFIER];

    return ranking_next(&s->ranking, to);
}

static const char *const reasons[] = {"will have more requests than the page whose place it takes"};

static void clairvoyant_explain(const struct space *space, u32 page, u64 *values)
{
    const struct clairvoyant *s = space->own[CLASSIFIER];

    values[0] = s->coming[page];
}

static const struct classifier clairvoyant = {
    .part = {.name = "clairvoyant",
             .summary = "ranks pages by the coming cycle's requests, from a rehearsal of the run",
             .uses_truth = true,
             .facts = {{"coming_requests", "true requests in the cycle that began with the decision"}},
             .explain = clairvoyant_explain,
             .start = clairvoyant_start},
    .knows_future = true,
    .reasons = REASONS(reasons),
    .decide = clairvoyant_decide,
    .next = clairvoyant_next,
    .done = ranking_done,
};
REGISTER_CLASSIFIER(clairvoyant);
