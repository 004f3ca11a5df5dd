/*
 * slowdown: as much of the memory lies in the slow tier as costs the program an allowed slowdown, as Thermostat.
 *
 *      touched, idle:  one access after so much waiting for it; none in all of the window
 *      decide:         a page's rate = accesses / time waited; the slow tier's = its watched pages' sum, for all of the tier;
 *                      the allowed one = slowdown / the slow tier's latency
 *          slow tier above the allowed rate:  its busiest pages come up until it is not; when the fast tier is full, each for the
 *              coldest that was watched there, if that is accessed less
 *          else:  the coldest that were watched in the fast tier go down, up to the sample's share of the allowed rate, and
 *              no further than what is left of it
 *
 * After Thermostat (Agarwal and Wenisch, ASPLOS'17): the slowdown (3 %), rate by sampled faults, coldest first up to the sample's
 * share, and what was classified wrongly comes back, busiest first. Constants are recalled, not checked against the paper's text. The
 * slow tier's latency is the preset's; Thermostat emulates 1 us (`slowdown_ns=1000`, and without the model), hence its 30,000 accesses
 * a second. A rate is a core's, so nothing is scaled. Differs: there all is DRAM at first, so that what comes back never lacks room;
 * here pages may be exchanged, and what is left of the allowed rate counts as well. Pages are of 4 KiB (mm/track/poison.c). Cost: some
 * thirty instructions an observation, a sort a decision. Known weak spot: of the fast tier it knows the sample only.
 */
#include "kernel/clock.h"
#include "kernel/model.h"
#include "mm/ranking.h"
#include "lib/sort.h"

static KEY_NUMBER(slowdown_percent, "slowdown_percent", 3, 1, 1000, "slowdown: % of time that accesses to the slow tier may cost; Thermostat: 3");
static KEY_NUMBER(slowdown_ns, "slowdown_ns", 0, 0, 1000000, "slowdown: ns that such an access costs; 0: the slow tier's latency; Thermostat emulates 1000");

struct slowdown {
    struct ranking ranking;
    u64 *waited_ps, *accesses; /* by page, since the last decision */
    u32 window;              /* whose observations came last, */
    u64 began_ps, window_ps; /* when it ended, and how long it was */
    u64 busy_decisions;      /* that found the slow tier above the allowed rate */
};

enum { TOO_BUSY, COLDEST };
static const char *const reasons[] = {"the slow tier is accessed more often than the slowdown allows, this page oftenest",
                                      "it is among the coldest that were watched, and the slowdown allows it, or one comes up for it"};

static const struct classifier slowdown;

static void slowdown_start(struct space *space)
{
    struct slowdown *s = space_own(space, CLASSIFIER, &slowdown, sizeof(*s));

    ranking_start(space, &s->ranking);
    s->waited_ps = space_page_array(space, s->waited_ps, sizeof(u64));
    s->accesses = space_page_array(space, s->accesses, sizeof(u64));
    s->began_ps = clock_now_ps();
    s->window = s->busy_decisions = 0;
}

static void slowdown_touched(struct space *space, struct touch *touch)
{
    struct slowdown *s = space->own[CLASSIFIER];

    s->waited_ps[touch->page] += touch->waited_ps;
    s->accesses[touch->page]++; /* one a window */
}

static void slowdown_observe(struct space *space, const struct observation *list, u32 count, u32 window)
{
    struct slowdown *s = space->own[CLASSIFIER];

    if (window != s->window) {
        s->window_ps = clock_now_ps() - s->began_ps;
        s->began_ps += s->window_ps;
        s->window = window;
    }
    for (u32 i = 0; i < count; i++)
        if (!list[i].weight) /* the others were told as touches */
            s->waited_ps[list[i].page] += s->window_ps;
}

/* Accesses a second, cached or not; at most as many as fit the high half of a ranking's key. */
static u32 rate_of(const struct slowdown *s, u32 page)
{
    return (u32)MIN(s->accesses[page] * 1000000 / MAX(s->waited_ps[page] / 1000000, 1), UINT32_MAX);
}

/* Sorts what was watched in each tier by rate; how many, and the slow tier's rate, taken for all of it. */
static u64 gather(struct space *space, struct slowdown *s, u32 *nr)
{
    u64 sum = 0;

    for (u32 page = 0; page < space->nr_pages; page++) {
        if (!(s->waited_ps[page] + s->accesses[page]) || !space_resident(space, page)) /* waits are in steps of 1 us */
            continue;
        enum tier tier = space_tier(space, page);
        s->ranking.sorted[tier][nr[tier]++] = (u64)rate_of(s, page) << 32 | page;
        sum += tier == TIER_SLOW ? rate_of(s, page) : 0;
    }
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        sort_u64(s->ranking.sorted[tier], nr[tier]);
    s->ranking.sorted[TIER_FAST][nr[TIER_FAST]] = RANKING_END;
    return nr[TIER_SLOW] ? sum * space->resident[TIER_SLOW] / nr[TIER_SLOW] : 0;
}

/* The slow tier's busiest come up, until `rate` of its accesses have gone; in exchange where there is no room. */
static void bring_up(struct space *space, struct ranking *r, const u32 *nr, u64 rate)
{
    u32 room = space_room(space, TIER_FAST);
    u64 gone = 0;

    for (u32 i = nr[TIER_SLOW]; i-- > 0 && gone < rate;) {
        u64 up = r->sorted[TIER_SLOW][i], down = 0;
        if (r->nr_promote >= room) {
            down = r->sorted[TIER_FAST][r->nr_demote]; /* or the end, which is above all */
            if (down >> 32 >= up >> 32)
                return;
            r->demote[r->nr_demote++] = (u32)down;
        }
        r->promote[r->nr_promote++] = (u32)up;
        gone += (up >> 32) - (down >> 32);
    }
}

/* The fast tier's coldest go down, as long as their accesses are no more than `rate`. */
static void take_down(struct ranking *r, u32 nr, u64 rate)
{
    u64 sum = 0;

    for (u32 i = 0; i < nr; i++) {
        if ((sum += r->sorted[TIER_FAST][i] >> 32) > rate)
            return;
        r->demote[r->nr_demote++] = (u32)r->sorted[TIER_FAST][i];
    }
}

static bool slowdown_decide(struct space *space)
{
    struct slowdown *s = space->own[CLASSIFIER];
    struct ranking *r = &s->ranking;
    u32 nr[NR_TIERS] = {0};
    u64 preset_ps = model_header()->tier[TIER_SLOW].read_ps; /* 0 without the model */
    u64 latency_ps = slowdown_ns ? slowdown_ns * 1000 : preset_ps ? preset_ps : 1000000, rate = gather(space, s, nr);
    u64 allowed = slowdown_percent * 10000000000ull / latency_ps; /* accesses a second, as `rate` */

    r->nr_promote = r->nr_demote = r->promoted = r->demoted = 0;
    s->busy_decisions += rate > allowed;
    if (rate > allowed) /* then there is a page that has one */
        bring_up(space, r, nr, (rate - allowed) * nr[TIER_SLOW] / space->resident[TIER_SLOW]);
    else if (nr[TIER_FAST])
        take_down(r, nr[TIER_FAST], MIN(allowed * nr[TIER_FAST] / space->resident[TIER_FAST], allowed - rate));
    for (u32 page = 0; page < space->nr_pages; page++)
        s->waited_ps[page] = s->accesses[page] = 0;
    return true;
}

static struct order slowdown_next(struct space *space, enum tier to)
{
    struct order order = ranking_next(&((struct slowdown *)space->own[CLASSIFIER])->ranking, to);

    order.reason = to == TIER_FAST ? TOO_BUSY : COLDEST;
    return order;
}

/* Of the watched pages the coldest that is not on its way yet: the fast tier's orders are the first of its sorted ones. */
static struct order slowdown_give(struct space *space)
{
    struct order order = ranking_give(&((struct slowdown *)space->own[CLASSIFIER])->ranking);

    order.reason = COLDEST;
    return order;
}

static const struct classifier slowdown = {
    .part = {.name = "slowdown",
             .summary = "the coldest of a sample go down as far as an allowed slowdown goes, the busiest come back, as Thermostat",
             .counters = {COUNTER(slowdown, busy_decisions)}, .start = slowdown_start},
    .wants = SEES_TOUCHES | SEES_IDLE,
    .frees_memory = true,
    .reasons = REASONS(reasons),
    .touched = slowdown_touched,
    .observe = slowdown_observe,
    .decide = slowdown_decide,
    .next = slowdown_next,
    .give = slowdown_give,
    .done = ranking_done,
};
REGISTER_CLASSIFIER(slowdown);
