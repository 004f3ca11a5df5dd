/*
 * momentum: counts samples in two Bloom filters, one that remembers long and one that forgets soon.
 *
 *      a sample:       frequency + 1, momentum + 1 (sketch.h)
 *      each decision:  of the slow tier's pages sampled since:  frequency >= `momentum_often` or momentum >= `momentum_now`: comes up
 *      less than 1.25 % of the fast tier free:  pages go down until 5 % are; a hand goes over all pages:
 *          momentum not 0:  stays;  frequency below the threshold:  goes down
 *          else:  a second chance, if one is free;  frequency unchanged after `momentum_wait_us`:  goes down
 *      a round of demotions faster than 100 MB/s:  the next begins `momentum_rest_us` later at the earliest
 *
 * After HybridTier (Song and others, ASPLOS'25; tiering_runtime/hybridtier.cpp of github.com/kevins981/hybridtier-asplos25-artifact),
 * its build for base pages. 20.4 counters of frequency a page of the fast tier, 1/100 of that for momentum, halved each 80 samples a
 * page of the fast tier, and each 1/16 of one (550,000 with 32 GiB). Scaled: times by 24/1024, 10,000 second chances by 1/1024.
 * Differs: thresholds stay (the artefact lowers them after 500 batches, 31 s), no monitor mode, no lower rate for saturated
 * counters. Cost: two lines a sample, and a look. Known weak spot: pages that share counters look hotter than they are.
 */
#include "kernel/clock.h"
#include "mm/classify/chances.h"
#include "mm/classify/sketch.h"
#include "mm/move.h"
#include "mm/watermarks.h"

static KEY_NUMBER(momentum_often, "momentum_often", 5, 1, 15, "momentum: frequency that makes a page hot; HybridTier begins with 5");
static KEY_NUMBER(momentum_now, "momentum_now", 3, 1, 15, "momentum: momentum that makes a page hot; HybridTier 3");
static KEY_NUMBER(momentum_wait_us, "momentum_wait_us", 1406250, 0, 1ull << 40, "momentum: us of a second chance; HybridTier 60 s, times 24/1024");
static KEY_NUMBER(momentum_rest_us, "momentum_rest_us", 23437, 0, 1ull << 40, "momentum: us without demotion after a fast round; HybridTier 1 s, times 24/1024");

enum { QUEUED = 1, TAKEN = 2, WAITS = 4, LOOKS = 1024 /* of the hand for one page */ }; /* in `batch`; the migrator's; has a second chance */

struct momentum {
    struct sketch often, now;
    u8 *flags;
    u32 *batch, nr_batch, given; /* pages sampled since the decision, then those that come up */
    u32 hand, nothing_since;     /* pages looked at since one went down */
    bool demoting;
    u32 round_pages, demotions; /* of this round; those that the migrator has */
    u64 round_ps, rest_until_ps;
    struct chances chances;
    u64 momentum_rests; /* after rounds */
};

static const struct classifier momentum;

static void momentum_start(struct space *space)
{
    struct momentum *s = space_own(space, CLASSIFIER, &momentum, sizeof(*s));
    u32 fast = MAX(space->share[TIER_FAST], 1);

    *s = (struct momentum){.often = s->often, .now = s->now, .flags = space_page_array(space, s->flags, 1),
                           .batch = space_page_array(space, s->batch, sizeof(u32))};
    sketch_start(&s->often, fast * 204ull / 10, fast * 80ull);
    sketch_start(&s->now, fast * 204ull / 1000, fast / 16);
}

static void momentum_observe(struct space *space, const struct observation *list, u32 count, u32 window)
{
    struct momentum *s = space->own[CLASSIFIER];

    (void)window;
    for (u32 i = 0; i < count; i++) {
        u32 page = list[i].page;
        for (u32 n = list[i].weight; n; n--) {
            sketch_add(&s->often, page);
            sketch_add(&s->now, page);
        }
        if (list[i].weight && !(s->flags[page] & (QUEUED | TAKEN)) && s->nr_batch < space->nr_pages) {
            s->batch[s->nr_batch++] = page;
            s->flags[page] |= QUEUED;
        }
    }
}

/* Whether it lies there and the migrator does not have it. */
static inline bool free_in(const struct space *space, const struct momentum *s, u32 page, enum tier tier)
{
    return !(s->flags[page] & TAKEN) && space_resident(space, page) && space_tier(space, page) == tier;
}

static bool momentum_decide(struct space *space)
{
    struct momentum *s = space->own[CLASSIFIER];
    u32 kept = 0;

    for (u32 i = 0; i < s->nr_batch; i++) {
        u32 page = s->batch[i];
        s->flags[page] &= (u8)~QUEUED;
        if (i >= s->given && (sketch_value(&s->often, page) >= momentum_often || sketch_value(&s->now, page) >= momentum_now))
            s->batch[kept++] = page;
    }
    s->nr_batch = kept;
    s->given = 0;
    return true;
}

/* A page of the fast tier that may go down: one whose second chance has passed unused, else the hand's next. */
static u32 coldest(const struct space *space, struct momentum *s)
{
    const struct chance *chance;

    while ((chance = chances_due(&s->chances, clock_now_ps()))) {
        s->flags[chance->page] &= (u8)~WAITS;
        if (sketch_value(&s->often, chance->page) == chance->frequency && free_in(space, s, chance->page, TIER_FAST))
            return chance->page;
    }
    for (u32 look = 0; look < LOOKS && s->nothing_since < space->nr_pages; look++, s->nothing_since++) {
        u32 page = s->hand, frequency;
        s->hand = page + 1 < space->nr_pages ? page + 1 : 0;
        if (s->flags[page] & WAITS || !free_in(space, s, page, TIER_FAST) || sketch_value(&s->now, page))
            continue;
        frequency = sketch_value(&s->often, page);
        if (frequency < momentum_often)
            return page;
        if (chances_give(&s->chances, page, frequency, clock_now_ps() + momentum_wait_us * 1000000))
            s->flags[page] |= WAITS;
    }
    return NO_PAGE;
}

/* Whether a round of demotions is on. */
static bool demoting(const struct space *space, struct momentum *s)
{
    u64 fast = space->share[TIER_FAST], free = space_room(space, TIER_FAST) + s->demotions, now_ps = clock_now_ps();

    if (!s->demoting && free <= fast / 80 && now_ps >= s->rest_until_ps) {
        s->demoting = true;
        s->round_pages = s->nothing_since = 0;
        s->round_ps = now_ps;
    } else if (s->demoting && free > fast / 20) {
        s->demoting = false;
        if (s->round_pages > rate_pages(100, now_ps - s->round_ps))
            s->momentum_rests++, s->rest_until_ps = now_ps + momentum_rest_us * 1000000;
    }
    return s->demoting;
}

static struct order momentum_next(struct space *space, enum tier to)
{
    struct momentum *s = space->own[CLASSIFIER];
    u32 page = NO_PAGE;

    if (to == TIER_SLOW && demoting(space, s)) {
        page = coldest(space, s);
        s->demotions += page != NO_PAGE;
        if (page == NO_PAGE && s->nothing_since < space->nr_pages)
            migration_wake(space);
    }
    while (to == TIER_FAST && page == NO_PAGE && s->given < s->nr_batch)
        if (free_in(space, s, s->batch[s->given++], TIER_SLOW))
            page = s->batch[s->given - 1];
    if (page != NO_PAGE)
        s->flags[page] |= TAKEN;
    return (struct order){page, (u8)to, (u8)to};
}

static void momentum_done(struct space *space, struct order order, enum outcome outcome)
{
    struct momentum *s = space->own[CLASSIFIER];

    s->flags[order.page] &= (u8)~TAKEN;
    s->demotions -= order.to == TIER_SLOW;
    if (order.to == TIER_SLOW && outcome == MOVED) {
        s->round_pages++;
        s->nothing_since = 0;
    }
}

static const char *const reasons[] = {"sampled often, or often of late", "cold, and room is needed"};

static const struct classifier momentum = {
    .part = {.name = "momentum",
             .summary = "two counting Bloom filters, frequency and momentum; a hand takes down what is in neither, as HybridTier",
             .counters = {{"momentum_second_chances", offsetof(struct momentum, chances.given)}, COUNTER(momentum, momentum_rests)},
             .start = momentum_start},
    .reasons = REASONS(reasons),
    .observe = momentum_observe,
    .decide = momentum_decide,
    .next = momentum_next,
    .done = momentum_done,
};
REGISTER_CLASSIFIER(momentum);
