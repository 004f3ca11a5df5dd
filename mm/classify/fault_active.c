/*
 * fault-active: an active page that is touched comes up in its fault; demotion keeps a share of the fast tier free.
 *
 *      touched:   in the slow tier, and active:      promote
 *                 in the slow tier, and not active:  count the touch; `active_touches` of them make it active
 *      asked for a page to demote:  by watermarks, until `active_free` of the tier is free
 *
 * After TPP (Maruf and others, ASPLOS'23) and its port in github.com/lingfenghsiang/Nomad (src/implementation_patches/
 * tpp.patch): do_numa_page() promotes what is on the active list and else calls mark_page_accessed(); demote_scale_factor
 * 200, at least twice the high mark, both wakes kswapd and is its goal. In the paper the touch that activates a page does
 * not promote it (active_touches=1). The port leaves an inactive page protected, so that the same access faults until the
 * page is active, and promotes it then: active_touches=0, without those repeated faults. Differs also: a demoted page is
 * protected when the cursor comes by and not at once, and active pages of the slow tier stay so. Cost: some thirty
 * instructions a touch. Known weak spot: with one touch too many pages come up, with two the second is a round away.
 */
#include "mm/watermarks.h"

KEY_NUMBER(active_touches, "active_touches", 0, 0, 255,
           "fault-active: touches that make a page active, so that the next one promotes it; TPP's port: 0, its paper: 1");
KEY_NUMBER(active_free, "active_free", 200, 0, 10000,
           "fault-active: what demotion keeps free, in 1/10000 of the fast tier; TPP's demote_scale_factor: 200");

struct active {
    struct watermarks watermarks;
    u32 hot;                       /* the page to be promoted in this fault; NO_PAGE: none */
    u8 *touches;                   /* by page, in the slow tier */
    bool *taken;                   /* by page: the migrator has it, and it may be touched meanwhile */
    u64 hot_touches, cold_touches; /* touches that were to be promoted; of pages that were not active */
};

enum { TOUCHED_ACTIVE, NOT_ACCESSED };
static const char *const reasons[] = {[TOUCHED_ACTIVE] = "touched while it was active",
                                      [NOT_ACCESSED] = "little is free, and it was not accessed since last looked at"};

static const struct classifier fault_active;

static void active_start(struct space *space)
{
    struct active *s = space_own(space, CLASSIFIER, &fault_active, sizeof(*s));
    struct watermarks *w = &s->watermarks;

    *s = (struct active){.hot = NO_PAGE,
                         .touches = space_page_array(space, s->touches, sizeof(*s->touches)),
                         .taken = space_page_array(space, s->taken, sizeof(*s->taken))};
    watermarks_start(space, w, 0);
    w->goal = (u32)MAX(space->share[TIER_FAST] * active_free / 10000, 2 * w->high);
    w->low = w->high = w->goal;
}

static void active_mapped(struct space *space, u32 page, enum tier tier)
{
    struct active *s = space->own[CLASSIFIER];

    if (tier == TIER_FAST)
        watermarks_add(space, &s->watermarks, page);
    watermarks_allocated(space, &s->watermarks);
}

static void active_touched(struct space *space, struct touch *touch)
{
    struct active *s = space->own[CLASSIFIER];

    s->hot = NO_PAGE;
    if (space_tier(space, touch->page) == TIER_FAST || s->taken[touch->page])
        return;
    if (s->touches[touch->page] < active_touches) {
        s->touches[touch->page]++;
        s->cold_touches++;
        return;
    }
    s->hot = touch->page;
    s->hot_touches++;
}

static struct order active_next(struct space *space, enum tier to)
{
    struct active *s = space->own[CLASSIFIER];
    struct order order = {.page = s->hot, .to = (u8)to, .reason = TOUCHED_ACTIVE};

    if (to == TIER_SLOW)
        return (struct order){watermarks_next(space, &s->watermarks), TIER_SLOW, NOT_ACCESSED};
    if (s->hot != NO_PAGE)
        s->taken[s->hot] = true;
    s->hot = NO_PAGE;
    return order;
}

static void active_done(struct space *space, struct order order, enum outcome outcome)
{
    struct active *s = space->own[CLASSIFIER];

    if (order.to == TIER_SLOW) {
        watermarks_done(space, &s->watermarks, order.page, outcome == MOVED);
    } else {
        s->taken[order.page] = false;
        if (outcome == MOVED) {
            s->touches[order.page] = 0; /* demoted pages are inactive */
            watermarks_add(space, &s->watermarks, order.page);
        }
    }
    watermarks_promoted(space, &s->watermarks);
}

static void active_explain(const struct space *space, u32 page, u64 *values)
{
    values[0] = ((const struct active *)space->own[CLASSIFIER])->touches[page];
}

static const struct classifier fault_active = {
    .part = {.name = "fault-active",
             .summary = "promotes active pages that are touched; demotes to keep a share of the fast tier free, as TPP",
             .counters = {COUNTER(active, hot_touches), COUNTER(active, cold_touches)},
             .facts = {{"touches", "touches in the slow tier so far; active_touches of them make a page active"}},
             .explain = active_explain,
             .start = active_start},
    .wants = SEES_TOUCHES,
    .reasons = REASONS(reasons),
    .mapped = active_mapped,
    .touched = active_touched,
    .next = active_next,
    .done = active_done,
};
REGISTER_CLASSIFIER(fault_active);
