/*
 * balance: not what is hottest belongs into the fast tier but as much as makes both tiers equally quick under load. It goes over
 * another classifier, `balance_over`, whose orders it lets pass or holds back.
 *
 *      each decision:  both tiers' loaded latencies and rates of loads, smoothed; how much of all loads is to change tiers (bisect.h)
 *      fast tier quicker:  pages that were taken down come back, then the other's orders pass, while their shares of the samples fit
 *      slow tier quicker:  nothing comes up; sampled pages of the fast tier go down, each whose share still fits; equally quick: nothing moves
 *      at most as many pages as the loads that are to move would transfer, but LEAST, and 100 MB each 10 ms of the machine
 *
 * The other goes on as if it alone decided: a page that was taken down is for it still in the fast tier.
 * After Colloid (Vuppalapati and Agarwal, SOSP'24; github.com/host-architecture/colloid; its forks of HeMem and MEMTIS, webglider/hemem,
 * webglider/memtis). Differs: the paper's bisection, for which the HeMem fork has a closed form; hot pages are taken in turn (MEMTIS)
 * and not in best pairs (HeMem). Cost: a walk over pages that go down. Known weak spot: shares are those of few samples; where the
 * tiers are never equally quick each decision halves what is left.
 */
#include "kernel/clock.h"
#include "lib/registry.h"
#include "mm/classify/shares.h"
#include "mm/classify/smoothed.h"
#include "mm/move.h"
#include "mm/watermarks.h"

static KEY_TEXT(balance_over, "balance_over", "counters", "counters|histogram|bucket|threshold|ema|momentum",
                "balance: the classifier whose orders it balances; Colloid: counters (HeMem), histogram (MEMTIS)");

enum { OURS = 1, HELD = 2, THEIRS = 4, TRIES = 32, LOOKS = 1024, LEAST = 8 }; /* on its way by our order; taken down, untold; on its way by the other's */

struct balance {
    const struct classifier *other;
    void *others;   /* its state */
    struct smoothed smoothed;
    struct bisect bisect;
    struct shares shares;
    u8 *flags;
    u32 held, hand; /* HELD pages; where a walk goes on */
    bool up, down;
    u64 looked_ps, balance_held_back, balance_taken_down;
};

static const struct classifier balance;
#define AS_OTHER(space, s, call) (space->own[CLASSIFIER] = (s)->others, call, space->own[CLASSIFIER] = (s))

static void balance_start(struct space *space)
{
    struct balance *s = space_own(space, CLASSIFIER, &balance, sizeof(*s));

    *s = (struct balance){.other = registry_need(&classifier_registry, balance_over), .bisect = {0, BISECT_ONE}, .looked_ps = clock_now_ps(),
                          .up = true, .shares = {space_page_array(space, s->shares.counts, sizeof(u32)), 0, UINT64_MAX, UINT32_MAX},
                          .flags = space_page_array(space, s->flags, 1)};
    s->other->part.start(space);
    s->others = space->own[CLASSIFIER];
    space->own[CLASSIFIER] = s;
    loaded_read(&s->smoothed.loaded);
}

static void balance_mapped(struct space *space, u32 page, enum tier tier)
{
    struct balance *s = space->own[CLASSIFIER];

    if (s->other->mapped)
        AS_OTHER(space, s, s->other->mapped(space, page, tier));
}

static void balance_observe(struct space *space, const struct observation *list, u32 count, u32 window)
{
    struct balance *s = space->own[CLASSIFIER];

    shares_count(&s->shares, space->nr_pages, list, count);
    if (s->other->observe)
        AS_OTHER(space, s, s->other->observe(space, list, count, window));
}

static void look(struct balance *s)
{
    u64 now_ps = clock_now_ps(), elapsed_ps = now_ps - s->looked_ps, latency_ps[NR_TIERS], loads, part;
    u32 share = smoothed_read(&s->smoothed, elapsed_ps, latency_ps, &loads);
    s32 step = bisect_look(&s->bisect, share, latency_ps[TIER_FAST], latency_ps[TIER_SLOW]);

    part = (u64)MAX(step, -step);
    s->looked_ps = now_ps;
    s->up = step > 0 || !model_present();
    s->down = step < 0;
    s->shares.fits = model_present() ? part * s->shares.total / BISECT_ONE : UINT64_MAX;
    s->shares.pages = (u32)MIN(rate_pages(10000, elapsed_ps), MAX(part * loads * 64 / BISECT_ONE / PAGE_SIZE, LEAST));
}

static bool balance_decide(struct space *space)
{
    struct balance *s = space->own[CLASSIFIER];
    bool done = true;

    if (s->other->decide)
        AS_OTHER(space, s, done = s->other->decide(space));
    if (done)
        look(s);
    return done;
}

static inline bool may_move(const struct space *space, const struct balance *s, u32 page, enum tier to)
{
    return shares_fit(&s->shares, page) && !(s->flags[page] & (OURS | THEIRS)) && space_resident(space, page) && space_tier(space, page) != to;
}

/* A page that the other does not know of: one that is held down comes back, or a sampled one goes down; the hand's next. */
static struct order of_our_own(struct space *space, struct balance *s, enum tier to)
{
    for (u32 look = 0; look < LOOKS && (to == TIER_SLOW || s->held) && s->shares.pages; look++) {
        u32 page = s->hand;
        s->hand = page + 1 < space->nr_pages ? page + 1 : 0;
        if ((to == TIER_FAST ? s->flags[page] & HELD : s->shares.counts[page]) && may_move(space, s, page, to)) {
            s->flags[page] |= OURS;
            shares_spend(&s->shares, page);
            return (struct order){page, (u8)to, 1 + to};
        }
    }
    space->awake |= (to == TIER_SLOW || s->held) && s->shares.pages; /* the hand goes on at the next tick */
    return (struct order){.page = NO_PAGE};
}

static struct order balance_next(struct space *space, enum tier to)
{
    struct balance *s = space->own[CLASSIFIER];
    struct order order = {.page = NO_PAGE};

    if (s->down && to == TIER_SLOW)
        return of_our_own(space, s, to);
    if (!s->up || (to == TIER_FAST && (!s->shares.pages || (order = of_our_own(space, s, to)).page != NO_PAGE)))
        return order;
    for (u32 tries = 0; tries < TRIES; tries++) {
        enum outcome instead = GAVE_UP;
        AS_OTHER(space, s, order = s->other->next(space, to));
        order.reason = 0;
        if (order.page == NO_PAGE)
            return order;
        if (s->flags[order.page] & OURS) {
            instead = GONE;
        } else if (s->flags[order.page] & HELD && to == TIER_SLOW) { /* done already */
            s->flags[order.page] = 0, s->held--;
            instead = MOVED;
        } else if (to == TIER_SLOW || may_move(space, s, order.page, to)) {
            if (to == TIER_FAST)
                shares_spend(&s->shares, order.page);
            s->flags[order.page] |= THEIRS;
            return order;
        }
        s->balance_held_back += instead == GAVE_UP;
        AS_OTHER(space, s, s->other->done(space, order, instead));
    }
    return (struct order){.page = NO_PAGE};
}

static void balance_done(struct space *space, struct order order, enum outcome outcome)
{
    struct balance *s = space->own[CLASSIFIER];
    u8 *flags = &s->flags[order.page];
    bool ours = *flags & OURS, holds = outcome == MOVED ? ours && order.to == TIER_SLOW : *flags & HELD;

    s->held += (u32)holds - !!(*flags & HELD);
    s->balance_taken_down += ours && outcome == MOVED && order.to == TIER_SLOW;
    *flags = holds ? HELD : 0;
    if (!ours)
        AS_OTHER(space, s, s->other->done(space, order, outcome));
}

static const char *const reasons[] = {"ordered by the other, and its share fits", "was taken down, and the fast tier is the quicker again",
                                      "sampled, and the slow tier is the quicker"};

static const struct classifier balance = {
    .part = {.name = "balance",
             .summary = "equal loaded latencies of both tiers, over another classifier's orders (balance_over), as Colloid",
             .counters = {COUNTER(balance, balance_held_back), COUNTER(balance, balance_taken_down)},
             .start = balance_start},
    .reasons = REASONS(reasons),
    .mapped = balance_mapped,
    .observe = balance_observe,
    .decide = balance_decide,
    .next = balance_next,
    .done = balance_done,
};
REGISTER_CLASSIFIER(balance);
