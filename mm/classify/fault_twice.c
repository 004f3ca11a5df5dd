/*
 * fault-twice: a page is hot when two touches running follow soon after it was protected; a rate limit sets the threshold.
 *
 *      touched:   in the slow tier; its limit is the threshold, twice as much for a store:
 *                     no candidate, within the limit:       candidate; to be protected again at once
 *                     candidate:                            no longer one
 *                     ... within the limit, and the rate allows:  promote
 *      every `twice_adjust_us`, or as soon as more tries than 110 % of what the rate allows in that time:
 *                 more than 110 %, or 16 x demoted pages that are hot again > demoted pages:  threshold x 0.9
 *                 fewer than 20 %:  x 1.5;   fewer than 90 %:  x 1.1;   at most twice the default
 *      asked for a page to demote:  by watermarks, which lie `twice_early` higher
 *
 * After Chrono (Qi and others, EuroSys'25; github.com/SJTU-DDST/chrono-project, Linux 5.15, its threshold without
 * statistics, which are off there by default). Constants are the artefact's, durations times 24/1024, the rate divided by
 * the cores (README: 30 MB/s), 10 MB of early demotion by 1024. Differs: promotion is in the fault; all tries count and not
 * at most five times the rate a second. Cost: some sixty instructions a touch, and a second fault for each candidate. Known
 * weak spot: the rate that saves others' bandwidth is also how long a hot set takes to come up.
 */
#include "kernel/clock.h"
#include "mm/watermarks.h"

KEY_NUMBER(twice_us, "twice_us", 23437, 1, 1ull << 40, "fault-twice: first threshold in us; Chrono's 1000 ms, times 24/1024");
static KEY_NUMBER(twice_adjust_us, "twice_adjust_us", 1406250, 1, 1ull << 40,
                  "fault-twice: us between two adjustments of the threshold, at most; Chrono's 60 s, times 24/1024");
KEY_NUMBER(twice_MBps, "twice_MBps", 30, 1, 1ull << 32,
           "fault-twice: rate limit of promotion in MB/s of the machine; Chrono's README: 30");
static KEY_NUMBER(twice_early, "twice_early", 3, 0, 1 << 20,
                  "fault-twice: pages by which demotion begins and ends earlier; Chrono's 10 MB, by 1024");

#define SECOND_PS (23437ull * 1000000) /* a second, times 24/1024 */
#define CAME_BACK 16                   /* numa_balancing_demoted_threshold */

enum { CANDIDATE = 1, DEMOTED = 2, TAKEN = 4 }; /* TAKEN: the migrator has it, and it may be touched meanwhile */

struct twice {
    struct watermarks watermarks;
    u32 hot;   /* the page to be promoted in this fault; NO_PAGE: none */
    u8 *state; /* by page */
    u64 threshold_ps, adjusted_ps;
    u64 tries, demoted, came_back;                       /* since then */
    u64 second_ps, pages_this_second;                    /* when the period of the rate limit began, and its promotions */
    u64 candidate_touches, hot_touches, limited_touches; /* first touches; second ones, of which the rate held back */
};

enum { TWICE_SOON, NOT_ACCESSED };
static const char *const reasons[] = {[TWICE_SOON] = "touched twice sooner after it was protected than the threshold",
                                      [NOT_ACCESSED] = "little is free, and it was not accessed since last looked at"};

static const struct classifier fault_twice;

static void twice_start(struct space *space)
{
    struct twice *s = space_own(space, CLASSIFIER, &fault_twice, sizeof(*s));
    struct watermarks *w = &s->watermarks;

    *s = (struct twice){.hot = NO_PAGE, .state = space_page_array(space, s->state, 1), .threshold_ps = twice_us * 1000000};
    watermarks_start(space, w, 0);
    w->high += (u32)twice_early;
    w->goal += (u32)twice_early;
}

static void twice_mapped(struct space *space, u32 page, enum tier tier)
{
    struct twice *s = space->own[CLASSIFIER];

    if (tier == TIER_FAST)
        watermarks_add(space, &s->watermarks, page);
    watermarks_allocated(space, &s->watermarks);
}

static void adjust(struct twice *s, u64 now_ps)
{
    u64 limit = rate_pages(twice_MBps, twice_adjust_us * 1000000), most = 2 * twice_us * 1000000;
    bool too_many = s->tries > limit * 11 / 10;

    if (!too_many && now_ps - s->adjusted_ps < twice_adjust_us * 1000000)
        return;
    if (too_many || CAME_BACK * s->came_back > s->demoted)
        s->threshold_ps = MAX(s->threshold_ps * 9 / 10, 1);
    else if (s->tries < limit / 5)
        s->threshold_ps = MIN(s->threshold_ps * 3 / 2, most);
    else if (s->tries < limit * 9 / 10)
        s->threshold_ps = MIN(s->threshold_ps * 11 / 10, most);
    s->adjusted_ps = now_ps;
    s->tries = s->demoted = s->came_back = 0;
}

static bool within_rate(struct twice *s, u64 now_ps)
{
    if (now_ps - s->second_ps >= SECOND_PS) {
        s->second_ps = now_ps;
        s->pages_this_second = 0;
    }
    return s->pages_this_second++ < MAX(rate_pages(twice_MBps, SECOND_PS), 1);
}

static void twice_touched(struct space *space, struct touch *touch)
{
    struct twice *s = space->own[CLASSIFIER];
    u8 *state = &s->state[touch->page];
    u64 now_ps = model_doorbells->now_ps; /* when the fault began */
    bool soon = touch->waited_ps < s->threshold_ps << touch->write;

    s->hot = NO_PAGE;
    if (space_tier(space, touch->page) == TIER_FAST || *state & TAKEN)
        return;
    if (!(*state & CANDIDATE)) {
        *state |= soon ? CANDIDATE : 0;
        touch->again = soon;
        s->candidate_touches += soon;
        return;
    }
    *state &= (u8)~CANDIDATE;
    if (!soon)
        return;
    s->hot_touches++;
    s->tries++;
    s->came_back += *state & DEMOTED ? 1 : 0;
    *state = 0;
    adjust(s, now_ps);
    if (within_rate(s, now_ps))
        s->hot = touch->page;
    else
        s->limited_touches++;
}

static struct order twice_next(struct space *space, enum tier to)
{
    struct twice *s = space->own[CLASSIFIER];
    struct order order = {.page = s->hot, .to = (u8)to, .reason = TWICE_SOON};

    if (to == TIER_SLOW)
        return (struct order){watermarks_next(space, &s->watermarks), TIER_SLOW, NOT_ACCESSED};
    if (s->hot != NO_PAGE)
        s->state[s->hot] = TAKEN;
    s->hot = NO_PAGE;
    return order;
}

static void twice_done(struct space *space, struct order order, enum outcome outcome)
{
    struct twice *s = space->own[CLASSIFIER];

    if (order.to == TIER_SLOW) {
        watermarks_done(space, &s->watermarks, order.page, outcome == MOVED);
        s->state[order.page] = outcome == MOVED ? DEMOTED : 0;
        s->demoted += outcome == MOVED;
    } else {
        s->state[order.page] = 0;
        if (outcome == MOVED)
            watermarks_add(space, &s->watermarks, order.page);
    }
    watermarks_promoted(space, &s->watermarks);
}

static void twice_explain(const struct space *space, u32 page, u64 *values)
{
    const struct twice *s = space->own[CLASSIFIER];

    values[0] = s->threshold_ps / 1000;
    values[1] = s->state[page] & CANDIDATE;
}

static const struct classifier fault_twice = {
    .part = {.name = "fault-twice",
             .summary = "promotes what is twice touched soon after it was protected, at a limited rate, as Chrono",
             .counters = {COUNTER(twice, candidate_touches), COUNTER(twice, hot_touches), COUNTER(twice, limited_touches)},
             .facts = {{"threshold_ns", "a wait for a load's touch is short below this, for a store's below twice as much"},
                       {"candidate", "1: its last wait was short"}},
             .explain = twice_explain,
             .start = twice_start},
    .wants = SEES_TOUCHES,
    .reasons = REASONS(reasons),
    .mapped = twice_mapped,
    .touched = twice_touched,
    .next = twice_next,
    .done = twice_done,
};
REGISTER_CLASSIFIER(fault_twice);
