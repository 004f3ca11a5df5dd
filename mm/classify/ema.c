/*
 * ema: ranks pages by two moving averages of their samples, without any threshold, and swaps a pair when that pays the move.
 *
 *      each decision:  every page's averages take in the samples since the last one; pages are ranked by score (averages.h)
 *      pairs:  the slow tier's highest page that may, with a free frame, else with the fast tier's lowest page beyond rank k
 *              until  min(the one's averages) < max(the other's averages),
 *              or     (difference of scores) x age x `ema_period` x (slow - fast latency) < 1.5 x (a move up + one down)
 *      the slow tier's traffic rises (rise.h):  the short average weighs more for a while
 *
 * After ARMS (Yadalam and others, arXiv 2508.04417; src/arms.c of github.com/SujayYadalam94/tiering_solutions). Scaled: intervals,
 * by 24/1024 (the row's window). Differs: one sampling period in both modes; latencies are the uncore counters' and not computed
 * from bandwidth, a move's price is computed from the lanes and not measured; traffic is that of demand loads; only pages with
 * samples left in their averages are sorted, all others tie at zero. Cost: a sort of these a decision. Known weak spot: one pair
 * that does not pay ends the pass; traffic is the whole machine's, so that another's burst changes the mode.
 */
#include "kernel/clock.h"
#include "mm/classify/averages.h"
#include "mm/classify/loaded.h"
#include "mm/classify/price.h"
#include "mm/classify/rise.h"
#include "mm/ranking.h"
#include "lib/sort.h"

static KEY_NUMBER(ema_period, "ema_period", 10007, 1, 1 << 18, "ema: accesses that a sample stands for; ARMS 10007, as sample_load of its row");
static KEY_NUMBER(ema_rise_MBps, "ema_rise_MBps", 300, 0, 1 << 20, "ema: MB/s of slow-tier loads of the machine below which no rise counts; ARMS 0.3 GB/s");
static KEY_NUMBER(ema_knee_MBps, "ema_knee_MBps", 6600, 1, 1 << 20,
                  "ema: MB/s of slow-tier loads of the machine at which one thread moves pages, four at none; ARMS 6.6 GB/s with Optane");

struct ema {
    struct ranking ranking;
    struct average *pages;
    u32 *live, nr_live, hand;
    u64 *sorted; /* highest score first: its complement in the high half, the page in the low one */
    struct loaded loaded;
    u64 looked_ps;
    struct rise rise; /* of the slow tier's traffic */
    u64 ema_pairs, ema_refusals;
};

static const struct classifier ema;

static void ema_start(struct space *space)
{
    struct ema *s = space_own(space, CLASSIFIER, &ema, sizeof(*s));

    *s = (struct ema){.ranking = s->ranking, .looked_ps = clock_now_ps(), .live = space_page_array(space, s->live, sizeof(u32)),
                      .pages = space_page_array(space, s->pages, sizeof(*s->pages)),
                      .sorted = space_page_array(space, s->sorted, sizeof(u64))};
    ranking_start(space, &s->ranking);
    loaded_read(&s->loaded);
}

static void ema_observe(struct space *space, const struct observation *list, u32 count, u32 window)
{
    struct ema *s = space->own[CLASSIFIER];

    (void)window;
    for (u32 i = 0; i < count; i++) {
        struct average *a = &s->pages[list[i].page];
        if (!a->live && list[i].weight)
            s->live[s->nr_live++] = list[i].page;
        a->live |= list[i].weight != 0;
        a->samples = MIN(a->samples + list[i].weight, 1u << 20);
    }
}

/* How much of the slow tier's bandwidth the loads of the interval took, in MB/s of the machine. */
static u64 watch_traffic(struct ema *s, u64 interval_ps)
{
    u64 traffic;

    loaded_read(&s->loaded);
    traffic = s->loaded.loads[TIER_SLOW] * 64 * model_header()->cores / MAX(interval_ps / 1000000, 1);
    rise_look(&s->rise, (s64)traffic, (s64)ema_rise_MBps);
    return traffic;
}

/* Averages, scores, ranks: O(n log n) of the pages that have any. */
static void rank(const struct space *space, struct ema *s)
{
    u32 left = 0;

    for (u32 i = 0; i < s->nr_live; i++) {
        u32 page = s->live[i];
        if (!average_take_in(&s->pages[page], s->rise.risen ? SHORT_CHANGED : SHORT_STEADY))
            continue;
        s->sorted[left] = (u64)~s->pages[page].score << 32 | page;
        s->live[left++] = page;
    }
    s->nr_live = left;
    sort_u64(s->sorted, left);
    for (u32 i = 0; i < left; i++)
        average_ranked(&s->pages[(u32)s->sorted[i]], i < space->share[TIER_FAST]);
}

static inline bool lies_in(const struct space *space, u32 page, enum tier tier)
{
    return space_resident(space, page) && space_tier(space, page) == tier;
}

/* The fast tier's lowest page: one without a score, in turn, else the last by rank. `looks`: pages not looked at in this pass;
 * `last`: ranks from there on are taken. */
static u32 coldest(const struct space *space, struct ema *s, u32 *looks, u32 *last)
{
    for (; *looks; --*looks) {
        u32 page = s->hand;
        s->hand = page + 1 < space->nr_pages ? page + 1 : 0;
        if (!s->pages[page].live && lies_in(space, page, TIER_FAST))
            return --*looks, page;
    }
    while (*last > space->share[TIER_FAST])
        if (lies_in(space, (u32)s->sorted[--*last], TIER_FAST))
            return (u32)s->sorted[*last];
    return NO_PAGE;
}

static bool ema_decide(struct space *space)
{
    static const struct average nothing;
    struct ema *s = space->own[CLASSIFIER];
    struct ranking *r = &s->ranking;
    u64 now_ps = clock_now_ps(), interval_ps = now_ps - s->looked_ps, traffic = watch_traffic(s, interval_ps), flush = model_header()->shootdown_ps;
    u64 up_ps = price_to_ps(TIER_FAST) + flush, both_ps = up_ps + price_to_ps(TIER_SLOW) + flush;
    u64 fast_ps = s->loaded.latency_ps[TIER_FAST], gap_ns = (MAX(s->loaded.latency_ps[TIER_SLOW], fast_ps) - fast_ps) / 1000;
    u64 threads = traffic < ema_knee_MBps ? MAX(4 * (ema_knee_MBps - traffic) / ema_knee_MBps, 1) : 1;
    u32 most = (u32)MIN(interval_ps / MAX(both_ps, 1) * threads, space->nr_pages), room = space_room(space, TIER_FAST),
        looks = space->nr_pages, last;

    s->looked_ps = now_ps;
    rank(space, s);
    last = s->nr_live;
    r->nr_promote = r->nr_demote = r->promoted = r->demoted = 0;
    for (u32 i = 0; i < MIN(s->nr_live, space->share[TIER_FAST]) && r->nr_promote < most; i++) {
        u32 page = (u32)s->sorted[i], other = NO_PAGE;
        if (!s->pages[page].may || !lies_in(space, page, TIER_SLOW))
            continue;
        if (r->nr_promote >= room && (other = coldest(space, s, &looks, &last)) == NO_PAGE)
            break;
        if (!average_pays(&s->pages[page], other == NO_PAGE ? &nothing : &s->pages[other], ema_period, gap_ns,
                          (other == NO_PAGE ? up_ps : both_ps) * 3 / 2000)) {
            s->ema_refusals++;
            break;
        }
        r->promote[r->nr_promote++] = page;
        if (other != NO_PAGE)
            r->demote[r->nr_demote++] = other;
    }
    s->ema_pairs += r->nr_promote;
    return true;
}

static struct order ema_next(struct space *space, enum tier to)
{
    return ranking_next(&((struct ema *)space->own[CLASSIFIER])->ranking, to);
}

static const char *const reasons[] = {"its averages promise more than the move costs"};

static void ema_explain(const struct space *space, u32 page, u64 *values)
{
    const struct ema *s = space->own[CLASSIFIER];

    values[0] = s->pages[page].score;
    values[1] = s->pages[page].age;
}

static const struct classifier ema = {
    .part = {.name = "ema",
             .summary = "two moving averages of samples, the first k by rank, a swap when it pays, as ARMS",
             .counters = {COUNTER(ema, ema_pairs), COUNTER(ema, ema_refusals), {"ema_rises", offsetof(struct ema, rise.times)}},
             .facts = {{"score", "weighted sum of both averages, in 1/256 sample a decision"}, {"age", "decisions among the first k"}},
             .explain = ema_explain,
             .start = ema_start},
    .reasons = REASONS(reasons),
    .observe = ema_observe,
    .decide = ema_decide,
    .next = ema_next,
    .done = ranking_done,
};
REGISTER_CLASSIFIER(ema);
