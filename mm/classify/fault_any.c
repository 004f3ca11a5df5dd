/*
 * fault-any: what is touched in the slow tier comes up in its fault, as long as the fast tier has room; nothing goes down.
 *
 *      touched:   in the slow tier, and more than the high mark is free:  promote
 *
 * After Linux's NUMA balancing (numa_balancing=1): kernel/sched/fair.c, should_numa_migrate_memory() lets a fault of the
 * thread that a page belongs to pass, and every fault where the page's own node has no processors; mm/migrate.c,
 * migrate_balanced_pgdat() wants more than the high mark free and wakes nobody. Differs: a page that several threads share
 * is nobody's here, so there is no second fault to wait for. Cost: some twenty instructions a touch. Known weak spot: a full
 * fast tier stays as it is, and the faults were for nothing.
 */
#include "mm/watermarks.h"

struct any {
    u32 hot;                           /* the page to be promoted in this fault; NO_PAGE: none */
    u32 high;                          /* free pages that promotion leaves */
    bool *taken;                       /* by page: the migrator has it, and it may be touched meanwhile */
    u64 hot_touches, roomless_touches; /* touches that were to be promoted; that found too little room */
};

static const char *const reasons[] = {"it was touched, and the fast tier has room"};

static const struct classifier fault_any;

static void any_start(struct space *space)
{
    struct any *s = space_own(space, CLASSIFIER, &fault_any, sizeof(*s));

    *s = (struct any){.hot = NO_PAGE, .high = 2 * watermarks_step(space), .taken = space_page_array(space, s->taken, sizeof(bool))};
}

static void any_touched(struct space *space, struct touch *touch)
{
    struct any *s = space->own[CLASSIFIER];

    s->hot = NO_PAGE;
    if (space_tier(space, touch->page) == TIER_FAST || s->taken[touch->page])
        return;
    if (space_room(space, TIER_FAST) <= s->high) {
        s->roomless_touches++;
        return;
    }
    s->hot = touch->page;
    s->hot_touches++;
}

static struct order any_next(struct space *space, enum tier to)
{
    struct any *s = space->own[CLASSIFIER];
    struct order order = {.page = to == TIER_FAST ? s->hot : NO_PAGE, .to = (u8)to};

    if (order.page != NO_PAGE)
        s->taken[order.page] = true;
    s->hot = NO_PAGE;
    return order;
}

static void any_done(struct space *space, struct order order, enum outcome outcome)
{
    struct any *s = space->own[CLASSIFIER];

    (void)outcome;
    s->taken[order.page] = false;
}

static const struct classifier fault_any = {
    .part = {.name = "fault-any",
             .summary = "promotes whatever is touched while there is room, demotes nothing, as Linux's NUMA balancing",
             .counters = {COUNTER(any, hot_touches), COUNTER(any, roomless_touches)},
             .start = any_start},
    .wants = SEES_TOUCHES,
    .never_demotes = true,
    .reasons = REASONS(reasons),
    .touched = any_touched,
    .next = any_next,
    .done = any_done,
};
REGISTER_CLASSIFIER(fault_any);
