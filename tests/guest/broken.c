/*
 * Parts that do it wrong on purpose: the tests of the tests show that each is caught. No policy's row names them but
 * broken-never; the others are put in a policy's place by key.
 */
#include "lab/workload.h"
#include "mm/memory.h"
#include "mm/move.h"
#include "mm/policy/pace.h"
#include "mm/tlb.h"

#define MAX_OPEN 32

struct open {
    struct move moves[MAX_OPEN];
    u32 nr;
};

static const struct migrator wrong_frame, lost_store;

/* Like batch: pages are taken out, flushed, copied; their faults wait. But neighbours get each other's frames. */
static void wrong_frame_finish(struct space *space)
{
    struct open *open = space->own[MIGRATOR];
    struct move *moves = open->moves;

    for (u32 i = 0; i + 1 < open->nr; i += 2) {
        pfn_t to = moves[i].to;
        if (moves[i].order.to != moves[i + 1].order.to)
            continue;
        moves[i].to = moves[i + 1].to;
        moves[i + 1].to = to;
    }
    while (open->nr)
        move_finish(space, &moves[--open->nr]);
}

static void wrong_frame_start(struct space *space)
{
    ((struct open *)space_own(space, MIGRATOR, &wrong_frame, sizeof(struct open)))->nr = 0;
}

static bool wrong_frame_step(struct space *space, u32 budget)
{
    struct open *open = space->own[MIGRATOR];

    wrong_frame_finish(space);
    for (budget = MIN(budget, MAX_OPEN); budget; budget--) {
        struct move *move = &open->moves[open->nr];
        enum outcome outcome;
        move->order = order_next(space);
        if (move->order.page == NO_PAGE)
            break;
        outcome = move_take(space, move);
        if (outcome == MOVED)
            open->nr++;
        else
            order_done(space, move->order, outcome);
    }
    tlb_flush_all(FLUSH_PER_PAGES);
    for (u32 i = 0; i < open->nr; i++)
        move_copy(&open->moves[i]);
    return !open->nr;
}

static enum served wrong_frame_fault(struct space *space, u32 page, bool write)
{
    (void)page, (void)write;
    wrong_frame_finish(space);
    return SERVED;
}

static const struct migrator wrong_frame = {
    .part = {.name = "broken-wrong-frame",
             .summary = "for tests: maps pages to the frames of their neighbours",
             .start = wrong_frame_start,
             .stop = wrong_frame_finish},
    .step = wrong_frame_step,
    .fault = wrong_frame_fault,
};
REGISTER_MIGRATOR(wrong_frame);

/* Copies while the page stays mapped and writable, and never looks at D: what is stored until the next step is lost. */
static void lost_store_finish(struct space *space)
{
    struct open *open = space->own[MIGRATOR];

    while (open->nr) {
        struct move *move = &open->moves[--open->nr];
        space_protect(space, move->order.page, move->entry, REASON_MOVING);
        move_finish(space, move);
    }
    tlb_flush_all(FLUSH_PER_PAGES);
}

static void lost_store_start(struct space *space)
{
    ((struct open *)space_own(space, MIGRATOR, &lost_store, sizeof(struct open)))->nr = 0;
}

static bool lost_store_step(struct space *space, u32 budget)
{
    struct open *open = space->own[MIGRATOR];

    lost_store_finish(space);
    for (budget = MIN(budget, MAX_OPEN); move_next_target(space, &open->moves[open->nr], &budget); open->nr++)
        move_copy(&open->moves[open->nr]);
    return !open->nr;
}

static const struct migrator lost_store = {
    .part = {.name = "broken-lost-store",
             .summary = "for tests: loses a store that is made while its page is copied",
             .start = lost_store_start,
             .stop = lost_store_finish},
    .step = lost_store_step,
};
REGISTER_MIGRATOR(lost_store);

static bool never_step(struct space *space, u32 budget)
{
    (void)space, (void)budget;
    return true;
}

static const struct migrator never = {
    .part = {.name = "broken-never", .summary = "for tests: moves nothing"},
    .step = never_step,
};
REGISTER_MIGRATOR(never);

/* The first page of the slow tier, again and again: also while it is on its way. */
static struct order twice_next(struct space *space, enum tier to)
{
    struct order order = {.page = NO_PAGE, .to = (u8)to};

    for (u32 page = 0; page < space->nr_pages && to == TIER_FAST && order.page == NO_PAGE; page++)
        if (space_resident(space, page) && space_tier(space, page) == TIER_SLOW)
            order.page = page;
    return order;
}

static void twice_done(struct space *space, struct order order, enum outcome outcome)
{
    (void)space, (void)order, (void)outcome;
}

static const struct classifier twice = {
    .part = {.name = "broken-twice", .summary = "for tests: hands a page out that the migrator has"},
    .next = twice_next,
    .done = twice_done,
};
REGISTER_CLASSIFIER(twice);

static const struct policy never_policy = {
    .name = "broken-never",
    .summary = "for tests: lru that never moves a page",
    .tracker = "abit",
    .classifier = "lru",
    .migrator = "broken-never",
    .pace = PACE_DEFAULT,
};
REGISTER_POLICY(never_policy);

static bool silent_step(struct space *space, struct observations *out)
{
    (void)space;
    out->count = 0;
    return true;
}

static const struct tracker silent = {
    .part = {.name = "broken-silent", .summary = "for tests: reports no page at all"},
    .sees = SEES_EVERY_WINDOW,
    .step = silent_step,
};
REGISTER_TRACKER(silent);

static const struct tracker all;

static void all_start(struct space *space)
{
    *(u32 *)space_own(space, TRACKER, &all, sizeof(u32)) = 0;
}

static bool all_step(struct space *space, struct observations *out)
{
    u32 *next_page = space->own[TRACKER];

    for (; *next_page < space->nr_pages && out->count < OBSERVATIONS_PER_STEP; ++*next_page)
        if (space_resident(space, *next_page))
            out->list[out->count++] = (struct observation){.page = *next_page, .weight = 1, .flags = OBSERVED_READ};
    if (*next_page < space->nr_pages)
        return false;
    *next_page = 0;
    return true;
}

static const struct tracker all = {
    .part = {.name = "broken-all", .summary = "for tests: reports every page in every window", .start = all_start},
    .sees = SEES_EVERY_WINDOW,
    .step = all_step,
};
REGISTER_TRACKER(all);

/* A program whose verification believes in itself: its checksum is the same whatever seed and ops are. */
enum { CONSTANT_PAGES = 64 };

static u64 constant_pages(void)
{
    return CONSTANT_PAGES;
}

static void constant_setup(u64 seed, u64 total_ops)
{
    (void)seed, (void)total_ops;
    for (u32 page = 0; page < CONSTANT_PAGES; page++)
        arena_populate(page);
}

static void constant_run(u64 ops)
{
    volatile u64 *words = arena_base();

    while (ops--)
        words[ops % CONSTANT_PAGES * (PAGE_SIZE / sizeof(u64))]++;
}

static bool constant_verify(u64 *checksum)
{
    *checksum = 0x7e57;
    return true;
}

static const struct workload constant = {
    .name = "broken-constant",
    .summary = "for tests: verifies nothing and returns a constant checksum",
    .ops = 100000,
    .warmup = 1000,
    .unit = "accesses",
    .mlp = 1000,
    .pages = constant_pages,
    .setup = constant_setup,
    .run = constant_run,
    .verify = constant_verify,
};
REGISTER_WORKLOAD(constant);
