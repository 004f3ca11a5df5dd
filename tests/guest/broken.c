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

static struct plan_cursor cursor;
static struct move open[MAX_OPEN];
static u32 nr_open;

static void begin(struct space *space, const struct plan *plan)
{
    (void)space;
    cursor = (struct plan_cursor){.plan = plan};
    nr_open = 0;
}

/* Like batch: pages are taken out, flushed, copied; their faults wait. But neighbours get each other's frames. */
static void wrong_frame_finish(struct space *space)
{
    for (u32 i = 0; i + 1 < nr_open; i += 2) {
        pfn_t to = open[i].to;
        if (open[i].to_tier != open[i + 1].to_tier)
            continue;
        open[i].to = open[i + 1].to;
        open[i + 1].to = to;
    }
    while (nr_open)
        move_finish(space, &open[--nr_open]);
}

static bool wrong_frame_step(struct space *space, u32 budget)
{
    u32 page;
    enum tier to;

    wrong_frame_finish(space);
    while (nr_open < MIN(budget, MAX_OPEN) && plan_next(&cursor, &page, &to))
        if (!move_take(space, page, to, &open[nr_open]))
            nr_open++;
    tlb_flush_all(FLUSH_PER_PAGES);
    for (u32 i = 0; i < nr_open; i++)
        move_copy(&open[i]);
    return !nr_open;
}

static bool wrong_frame_fault(struct space *space, u32 page, bool write)
{
    (void)write;
    for (u32 i = 0; i < nr_open; i++)
        if (open[i].page == page) {
            wrong_frame_finish(space);
            return true;
        }
    return false;
}

static const struct migrator wrong_frame = {
    .name = "broken-wrong-frame",
    .summary = "for tests: maps pages to the frames of their neighbours",
    .begin = begin,
    .step = wrong_frame_step,
    .finish = wrong_frame_finish,
    .fault = wrong_frame_fault,
};
REGISTER_MIGRATOR(wrong_frame);

/* Copies while the page stays mapped and writable, and never looks at D: what is stored until the next step is lost. */
static void lost_store_finish(struct space *space)
{
    while (nr_open)
        move_finish(space, &open[--nr_open]);
    tlb_flush_all(FLUSH_PER_PAGES);
}

static bool lost_store_step(struct space *space, u32 budget)
{
    u32 page;
    enum tier to;

    lost_store_finish(space);
    while (nr_open < MIN(budget, MAX_OPEN) && plan_next(&cursor, &page, &to)) {
        struct move move = {.page = page,
                            .to_tier = to,
                            .from = space_pfn(space, page),
                            .to = frame_alloc(to),
                            .entry = space_entry(space, page)};
        if (move.to == PFN_INVALID)
            continue;
        move_copy(&move);
        open[nr_open++] = move;
    }
    return !nr_open;
}

static const struct migrator lost_store = {
    .name = "broken-lost-store",
    .summary = "for tests: loses a store that is made while its page is copied",
    .begin = begin,
    .step = lost_store_step,
    .finish = lost_store_finish,
};
REGISTER_MIGRATOR(lost_store);

static bool never_step(struct space *space, u32 budget)
{
    (void)space, (void)budget;
    return true;
}

static void never_finish(struct space *space)
{
    (void)space;
}

static const struct migrator never = {
    .name = "broken-never",
    .summary = "for tests: moves nothing",
    .begin = begin,
    .step = never_step,
    .finish = never_finish,
};
REGISTER_MIGRATOR(never);

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
    .name = "broken-silent",
    .summary = "for tests: reports no page at all",
    .step = silent_step,
};
REGISTER_TRACKER(silent);

static u32 next_page;

static void all_start(struct space *space)
{
    (void)space;
    next_page = 0;
}

static bool all_step(struct space *space, struct observations *out)
{
    for (; next_page < space->nr_pages && out->count < OBSERVATIONS_PER_STEP; next_page++)
        if (space_resident(space, next_page))
            out->list[out->count++] = (struct observation){.page = next_page, .weight = 1, .flags = OBSERVED_READ};
    if (next_page < space->nr_pages)
        return false;
    next_page = 0;
    return true;
}

static const struct tracker all = {
    .name = "broken-all",
    .summary = "for tests: reports every page in every window",
    .start = all_start,
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
