/*
 * fault-latency: a page whose next access follows soon after it was protected is hot; promotion at the fault.
 *
 *      touched:   more free than the promotion mark:                      promote, threshold back to its default
 *                 time since it was protected >= threshold:               no
 *                 as many candidates this period as the rate limit has:   no
 *                 else:                                                   promote
 *      every `latency_adjust_us`:  more candidates than 110 % of what the limit allows: threshold down one step of 16;
 *                                  fewer than 90 %: up one step, at most twice the default
 *      asked for a page to demote:  by watermarks (mm/watermarks.h)
 *
 * After Linux's memory tiering mode of NUMA balancing: kernel/sched/fair.c, should_numa_migrate_memory(),
 * numa_promotion_adjust_threshold() and numa_promotion_rate_limit() (commits 33024536bafd, c6833e10008f, c959924b0dc5).
 * Constants are Linux's, durations times 24/1024: threshold 1000 ms, adjusted every 60 s, rates per second. A promotion
 * that finds no frame fails and wakes demotion, as kswapd is woken there. Differs: the free-memory shortcut has the mark
 * alone and not 1 GiB on top; the period of the rate limit begins with the first candidate. Cost: some fifty
 * instructions a touch, in the fault. Known weak spot: it goes by one access; a page touched once right after it was
 * protected is as hot as one that is touched all the time, and what is never protected is never promoted.
 */
#include "kernel/clock.h"
#include "mm/watermarks.h"

static KEY_NUMBER(latency_us, "latency_us", 23437, 1, 1ull << 40,
                  "fault-latency: threshold in us; Linux's 1000 ms (numa_balancing hot_threshold), times 24/1024");
static KEY_NUMBER(latency_adjust_us, "latency_adjust_us", 1406250, 1, 1ull << 40,
                  "fault-latency: us between two adjustments of the threshold; Linux's 60 s, times 24/1024");
static KEY_NUMBER(promote_MBps, "promote_MBps", 65536, 1, 1ull << 32,
                  "fault-latency: rate limit of promotion in MB/s of the machine; Linux's default: 65536");

#define SECOND_PS      (23437ull * 1000000) /* a second, times 24/1024 */
#define THRESHOLD_PART 16

KEY_MAY_CHANGE(latency_us);
KEY_MAY_CHANGE(promote_MBps);

struct latency {
    struct watermarks watermarks;
    u32 hot;               /* the page to be promoted in this fault; NO_PAGE: none */
    u8 hot_reason;
    bool *taken; /* by page: the migrator has it, and it may be touched meanwhile */
    u64 threshold_ps, adjusted_ps;
    u64 second_ps, pages_this_second; /* when the period of the rate limit began, and its candidates */
    u64 candidates;                   /* since the last adjustment */
    u64 hot_touches, limited_touches; /* touches that were to be promoted; those that the rate limit held back */
};

enum { MUCH_IS_FREE, TOUCHED_SOON, NOT_ACCESSED };
static const char *const reasons[] = {[MUCH_IS_FREE] = "the fast tier has much room",
                                      [TOUCHED_SOON] = "touched sooner after it was protected than the threshold",
                                      [NOT_ACCESSED] = "little is free, and it was not accessed since last looked at"};

static const struct classifier fault_latency;

static void latency_start(struct space *space)
{
    struct latency *s = space_own(space, CLASSIFIER, &fault_latency, sizeof(*s));

    *s = (struct latency){.hot = NO_PAGE,
                          .taken = space_page_array(space, s->taken, sizeof(bool)),
                          .threshold_ps = latency_us * 1000000};
    watermarks_start(space, &s->watermarks, 0);
}

static void latency_mapped(struct space *space, u32 page, enum tier tier)
{
    struct latency *s = space->own[CLASSIFIER];

    if (tier == TIER_FAST)
        watermarks_add(space, &s->watermarks, page);
    watermarks_allocated(space, &s->watermarks);
}

static void adjust_threshold(struct latency *s, u64 now_ps)
{
    u64 step = 2 * latency_us * 1000000 / THRESHOLD_PART, limit = rate_pages(promote_MBps, latency_adjust_us * 1000000);

    if (now_ps - s->adjusted_ps < latency_adjust_us * 1000000)
        return;
    if (s->candidates > limit * 11 / 10)
        s->threshold_ps = MAX(s->threshold_ps - MIN(step, s->threshold_ps), step);
    else if (s->candidates < limit * 9 / 10)
        s->threshold_ps = MIN(s->threshold_ps + step, 2 * latency_us * 1000000);
    s->adjusted_ps = now_ps;
    s->candidates = 0;
}

static bool within_rate(struct latency *s, u64 now_ps)
{
    if (now_ps - s->second_ps >= SECOND_PS) {
        s->second_ps = now_ps;
        s->pages_this_second = 0;
    }
    s->candidates++;
    return s->pages_this_second++ < MAX(rate_pages(promote_MBps, SECOND_PS), 1);
}

static void latency_touched(struct space *space, struct touch *touch)
{
    struct latency *s = space->own[CLASSIFIER];
    u64 now_ps = model_doorbells->now_ps; /* when the fault began */

    s->hot = NO_PAGE;
    if (frame_tier(pte_pfn(*space_entry(space, touch->page))) == TIER_FAST || s->taken[touch->page])
        return;
    if (watermarks_allow(space, &s->watermarks)) {
        s->threshold_ps = latency_us * 1000000;
        s->hot = touch->page;
        s->hot_reason = MUCH_IS_FREE;
        s->hot_touches++;
        return;
    }
    adjust_threshold(s, now_ps);
    if (touch->waited_ps >= s->threshold_ps)
        return;
    if (!within_rate(s, now_ps)) {
        s->limited_touches++;
        return;
    }
    s->hot = touch->page;
    s->hot_reason = TOUCHED_SOON;
    s->hot_touches++;
}

static struct order latency_next(struct space *space, enum tier to)
{
    struct latency *s = space->own[CLASSIFIER];
    struct order order = {.page = s->hot, .to = (u8)to, .reason = s->hot_reason};

    if (to == TIER_SLOW)
        return (struct order){watermarks_next(space, &s->watermarks), TIER_SLOW, NOT_ACCESSED};
    if (s->hot != NO_PAGE)
        s->taken[s->hot] = true;
    s->hot = NO_PAGE;
    return order;
}

static void latency_done(struct space *space, struct order order, enum outcome outcome)
{
    struct latency *s = space->own[CLASSIFIER];

    if (order.to == TIER_SLOW) {
        watermarks_done(space, &s->watermarks, order.page, outcome == MOVED);
    } else {
        s->taken[order.page] = false;
        if (outcome == MOVED)
            watermarks_add(space, &s->watermarks, order.page);
    }
    watermarks_promoted(space, &s->watermarks);
}

static void latency_explain(const struct space *space, u32 page, u64 *values)
{
    const struct latency *s = space->own[CLASSIFIER];

    (void)page; /* it goes by the touch alone */
    values[0] = s->threshold_ps / 1000;
    values[1] = s->candidates;
}

static const struct classifier fault_latency = {
    .part = {.name = "fault-latency",
             .summary = "promotes what is touched soon after it was protected; demotes by watermarks, as Linux's tiering",
             .counters = {COUNTER(latency, hot_touches), COUNTER(latency, limited_touches)},
             .facts = {{"threshold_ns", "a touch is hot that comes sooner after the protection"},
                       {"candidates", "hot touches since the threshold was last adjusted"}},
             .explain = latency_explain,
             .start = latency_start},
    .wants = SEES_TOUCHES,
    .reasons = REASONS(reasons),
    .mapped = latency_mapped,
    .touched = latency_touched,
    .next = latency_next,
    .done = latency_done,
};
REGISTER_CLASSIFIER(fault_latency);
