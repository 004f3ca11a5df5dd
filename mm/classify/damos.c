/*
 * damos: two schemes over access counts, one a way, each with a quota that goes to the pages of the highest score.
 *
 *      observed:      the page's frequency is what the last window that reported anything has told
 *      each decision (the schemes' interval), in two passes over all pages:
 *          age:       decisions without a change of the frequency by more than a tenth of the highest one
 *          hotness:   half by frequency, half by the logarithm of the age; without accesses the colder the older
 *          promote:   pages of the slow tier that were accessed, the hottest first
 *          demote:    pages of the fast tier that were not, the coldest first
 *      asked to promote:  the next one, if less than 99.7 % of the fast tier is used; one not accessed since anybody looked stays
 *      asked to demote:   the next one, if less than 0.5 % is free; one that was accessed stays
 *      after `damos_quota` of them, each way:  none before the next decision
 *
 * After DAMON-based schemes of Linux since 6.16: samples/damon/mtier.c (schemes, quotas, goals, the filter `young`),
 * mm/damon/ops-common.c (damon_hot_score(), damon_cold_score()). Differs: pages are scored and not regions; the goals switch the whole quota, as the newer
 * `temporal` tuner, where mtier.c's quotas begin at a byte and grow by what the goal is missed by, so that into a full tier
 * next to nothing comes up; what the filter keeps is not charged. Cost: an addition an observation, two passes over all pages a decision, in steps. Known weak
 * spots: pages of a region that were not sampled; a quota too small for the hot set.
 */
#include "lib/string.h"
#include "mm/bits.h"
#include "mm/classify/hotness.h"
#include "mm/move.h"
#include "mm/ranking.h"

static KEY_NUMBER(damos_quota, "damos_quota", 51, 1, 1 << 20, "damos: pages a decision each way; mtier.c: 200 MiB a second (x 1024)");
static KEY_NUMBER(damos_used, "damos_used", 9970, 0, 10000, "damos: 1/10000 of the fast tier that promotion fills; mtier.c: 9970");
static KEY_NUMBER(damos_free, "damos_free", 50, 0, 10000, "damos: 1/10000 of the fast tier that demotion keeps free; mtier.c: 50");

#define LOOK_STEP  4096 /* pages a deciding step: some 20 us */
#define LOOKS      64   /* pages that the filter keeps before next() gives up for now */
struct scored {
    u8 frequency, report, last, age, score; /* of the report with that number; at the last decision; SCORES: neither way */
};

struct damos {
    struct ranking ranking;
    struct scored *pages;
    u32 at[NR_TIERS][SCORES + 1]; /* by where they are to go: pages of a score, then where in the ranking the next one stands */
    u32 left[NR_TIERS];           /* of the quotas */
    u32 next_page, demoting;      /* demotions that the migrator has */
    u32 window;                   /* of the last report */
    u8 report;                    /* its number */
    u32 highest, rising;          /* of all frequencies, at the last decision and in this pass */
    bool picking;                 /* the second pass */
    u64 damos_filtered;           /* pages that stayed since they were young, or were not */
};

static const char *const reasons[] = {"among the hottest for which the quota suffices, and accessed again",
                                      "among the coldest for which the quota suffices, and little is free"};

static const struct classifier damos;

static void damos_start(struct space *space)
{
    struct damos *s = space_own(space, CLASSIFIER, &damos, sizeof(*s));
    u32 *up = s->ranking.promote, *down = s->ranking.demote;

    *s = (struct damos){.pages = space_page_array(space, s->pages, sizeof(*s->pages)), .highest = 1};
    s->ranking.promote = space_page_array(space, up, sizeof(u32));
    s->ranking.demote = space_page_array(space, down, sizeof(u32));
}

static void damos_observe(struct space *space, const struct observation *list, u32 count, u32 window)
{
    struct damos *s = space->own[CLASSIFIER];

    s->report = (u8)(s->report + (count && window != s->window));
    s->window = count ? window : s->window;
    for (u32 i = 0; i < count; i++) {
        struct scored *p = &s->pages[list[i].page];
        p->frequency = (u8)MIN((p->report == s->report ? p->frequency : 0) + list[i].weight, 255);
        p->report = s->report;
    }
}

static void score_page(const struct space *space, struct damos *s, u32 page)
{
    struct scored *p = &s->pages[page];
    u32 now = p->report == s->report ? p->frequency : 0, change = now > p->last ? now - p->last : p->last - now, hot;
    enum tier to;

    p->age = change > s->highest / 10 ? 0 : (u8)MIN(p->age + 1, 255);
    p->last = (u8)now;
    p->frequency = (u8)now; /* numbers come again */
    p->score = SCORES;
    s->rising = MAX(s->rising, now);
    if (!space_resident(space, page))
        return;
    to = space_tier(space, page) ^ 1;
    hot = hotness(now, s->highest, p->age);
    if ((to == TIER_FAST) == (now > 0))
        p->score = (u8)(to == TIER_FAST ? hot : SCORES - 1 - hot);
    s->at[to][p->score]++;
}

static void pick_page(const struct space *space, struct damos *s, u32 page)
{
    u32 score = s->pages[page].score, to = score == SCORES ? 0 : space_tier(space, page) ^ 1;

    if (score < SCORES)
        (to == TIER_FAST ? s->ranking.promote : s->ranking.demote)[s->at[to][score]++] = page;
}

static bool damos_decide(struct space *space)
{
    struct damos *s = space->own[CLASSIFIER];
    u32 end = MIN(s->next_page + LOOK_STEP, space->nr_pages);

    if (!s->picking && !s->next_page)
        memset(s->at, 0, sizeof(s->at));
    for (; s->next_page < end; s->next_page++)
        (s->picking ? pick_page : score_page)(space, s, s->next_page);
    if (end < space->nr_pages)
        return false;
    s->next_page = s->ranking.promoted = s->ranking.demoted = 0;
    if (!s->picking) {
        s->ranking.nr_promote = place_scores(s->at[TIER_FAST]);
        s->ranking.nr_demote = place_scores(s->at[TIER_SLOW]);
        s->highest = MAX(s->rising, 1);
        s->rising = 0;
        s->left[TIER_FAST] = s->left[TIER_SLOW] = (u32)damos_quota;
    }
    s->picking = !s->picking;
    return !s->picking;
}

static struct order damos_next(struct space *space, enum tier to)
{
    struct damos *s = space->own[CLASSIFIER];
    u64 free = space_room(space, TIER_FAST) + (to == TIER_SLOW ? s->demoting : 0), share = space->share[TIER_FAST];
    bool wanted = to == TIER_FAST ? free * 10000 > share * (10000 - damos_used) : free * 10000 < share * damos_free;

    for (u32 looks = LOOKS; s->left[to] && wanted; looks--) {
        struct order order = ranking_next(&s->ranking, to);
        if (order.page != NO_PAGE && take_accessed(space, order.page) != (to == TIER_FAST)) {
            s->damos_filtered++;
            if (looks)
                continue;
            migration_wake(space); /* goes on at the next tick */
            break;
        }
        s->left[to] -= order.page != NO_PAGE;
        s->demoting += order.page != NO_PAGE && to == TIER_SLOW;
        order.reason = (u8)to;
        return order;
    }
    return (struct order){.page = NO_PAGE};
}

static void damos_done(struct space *space, struct order order, enum outcome outcome)
{
    struct damos *s = space->own[CLASSIFIER];

    (void)outcome;
    s->demoting -= order.to == TIER_SLOW;
}

static const struct classifier damos = {
    .part = {.name = "damos",
             .summary = "scores by frequency and age, a quota each way for the highest, as DAMON's tiering schemes",
             .counters = {COUNTER(damos, damos_filtered)},
             .start = damos_start},
    .reasons = REASONS(reasons),
    .observe = damos_observe,
    .decide = damos_decide,
    .next = damos_next,
    .done = damos_done,
};
REGISTER_CLASSIFIER(damos);
