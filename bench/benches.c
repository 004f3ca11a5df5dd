/* The first microbenchmarks: entries, faults, flushes, moves. */
#include "kernel/clock.h"
#include "kernel/panic.h"
#include "lib/registry.h"
#include "kernel/trap.h"
#include "bench/bench.h"
#include "lab/lab.h"
#include "mm/memory.h"
#include "mm/move.h"
#include "mm/tlb.h"

#define SCAN_PAGES  8192
#define MOVE_PAGES  512
#define TOUCH_PAGES 512

static void nothing(u64 ops)
{
    (void)ops;
}

static const struct bench empty = {.name = "empty", .summary = "the harness itself", .ops = 1, .run = nothing};
REGISTER_BENCH(empty);

static void empty_arena(void)
{
    parts_stop(&arena);
    space_clear(&arena);
}

static u32 full_share; /* of the fast tier, while a bench makes it smaller */

static void fill(u32 nr_pages)
{
    empty_arena();
    for (u32 page = 0; page < nr_pages; page++)
        ASSERT(!space_populate(&arena, page));
}

/* A whole window of the tracker: its steps, its notes, its flushes. Entries without a table are skipped and do not
 * count. */
static void scan(u64 ops)
{
    static struct observations found;
    u64 before = arena.pte_visits;
    bool done;

    if (!found.list)
        found.list = kmem_alloc(OBSERVATIONS_PER_STEP * sizeof(struct observation));
    do {
        found.count = 0;
        done = arena.tracker->step(&arena, &found);
    } while (!done);
    ASSERT(arena.pte_visits - before == ops);
}

static void fill_clean(void)
{
    fill(SCAN_PAGES);
    parts_start(&arena, registry_find(&tracker_registry, "abit"), NULL, NULL);
}

static void fill_accessed(void)
{
    fill_clean();
    for (u32 page = 0; page < SCAN_PAGES; page++)
        space_entry(&arena, page)->bits |= PTE_ACCESSED;
}

static const struct bench pte_visit_clean = {
    .name = "pte_visit_clean",
    .summary = "abit visits an entry that was not accessed",
    .ops = SCAN_PAGES,
    .prepare = fill_clean,
    .run = scan,
    .clean_up = empty_arena,
};
REGISTER_BENCH(pte_visit_clean);

static const struct bench pte_visit_accessed = {
    .name = "pte_visit_accessed",
    .summary = "abit visits, notes and clears an accessed entry",
    .ops = SCAN_PAGES,
    .prepare = fill_accessed,
    .run = scan,
    .clean_up = empty_arena,
};
REGISTER_BENCH(pte_visit_accessed);

static void copy_pages(u64 ops)
{
    pfn_t from = frame_pool(TIER_SLOW)->first, to = frame_pool(TIER_FAST)->first;

    for (u32 i = 0; i < ops; i++)
        move_copy(&(struct move){.from = from + i, .to = to + i});
}

static const struct bench page_copy = {.name = "page_copy",
                                       .summary = "copies a page from the slow to the fast tier",
                                       .ops = MOVE_PAGES,
                                       .prepare = empty_arena,
                                       .run = copy_pages};
REGISTER_BENCH(page_copy);

/* As in a run: the pages are on lru's lists, seen so often that it gives orders for them. */
static void fill_slow(void)
{
    static struct observation seen[MOVE_PAGES];
    const struct classifier *lru = registry_find(&classifier_registry, "lru");

    space_placement = PLACE_SLOW_FIRST;
    fill(MOVE_PAGES);
    space_placement = PLACE_FAST_FIRST;
    parts_start(&arena, NULL, lru, NULL);
    for (u32 page = 0; page < MOVE_PAGES; page++)
        seen[page] = (struct observation){.page = page, .weight = 1, .flags = OBSERVED_READ};
    for (u32 window = 1; window <= 15; window++)
        lru->observe(&arena, seen, MOVE_PAGES, window);
    while (!lru->decide(&arena))
        ;
}

static void fill_slow_for(const char *name)
{
    fill_slow();
    arena.migrator = registry_find(&migrator_registry, name);
    arena.migrator->part.start(&arena);
}

static void fill_for_sync(void)
{
    fill_slow_for("sync");
}

static void fill_for_batch(void)
{
    fill_slow_for("batch");
}

static void move_all_at_once(u64 ops)
{
    while (!arena.migrator->step(&arena, (u32)ops))
        ;
    ASSERT(arena.resident[TIER_FAST] == MOVE_PAGES);
}

/* Every page is stored to between its copy and the next step. */
static void move_all_dirty(u64 ops)
{
    arena.migrator->step(&arena, (u32)ops);
    for (u32 page = 0; page < ops; page++)
        space_entry(&arena, page)->bits |= PTE_DIRTY;
    move_all_at_once(ops);
}

static void fill_for_transaction(void)
{
    fill_slow_for("transaction");
}

static const struct bench page_move_transaction = {
    .name = "page_move_transaction",
    .summary = "copied while mapped, committed by the next step: moves a page up, two flushes and shadow included",
    .ops = MOVE_PAGES,
    .prepare = fill_for_transaction,
    .run = move_all_at_once,
    .clean_up = empty_arena,
};
REGISTER_BENCH(page_move_transaction);

static const struct bench page_move_transaction_dirty = {
    .name = "page_move_transaction_dirty",
    .summary = "the same, found dirty: copied and committed once more",
    .ops = MOVE_PAGES,
    .prepare = fill_for_transaction,
    .run = move_all_dirty,
    .clean_up = empty_arena,
};
REGISTER_BENCH(page_move_transaction_dirty);

static void fill_for_protect(void)
{
    fill_slow_for("protect");
}

static const struct bench page_move_protect = {
    .name = "page_move_protect",
    .summary = "guarded against stores while copied, mapped by the next step: moves a page up, two flushes included",
    .ops = MOVE_PAGES,
    .prepare = fill_for_protect,
    .run = move_all_at_once,
    .clean_up = empty_arena,
};
REGISTER_BENCH(page_move_protect);

/* Every page is stored to while it is guarded: the store faults, and maps the copy. */
static void move_all_stored_to(u64 ops)
{
    arena.migrator->step(&arena, (u32)ops);
    for (u32 page = 0; page < ops; page++)
        *(volatile u8 *)space_va(&arena, page) = 1;
    move_all_at_once(ops);
}

static const struct bench page_move_protect_dirty = {
    .name = "page_move_protect_dirty",
    .summary = "the same, stored to while guarded: a fault and a flush of its own for each page",
    .ops = MOVE_PAGES,
    .prepare = fill_for_protect,
    .run = move_all_stored_to,
    .clean_up = empty_arena,
};
REGISTER_BENCH(page_move_protect_dirty);

static void fill_for_log(void)
{
    fill_slow_for("log");
}

static const struct bench page_move_log512 = {
    .name = "page_move_log512",
    .summary = "copied while in use, found clean by the next step: moves a page up, two flushes included",
    .ops = MOVE_PAGES,
    .prepare = fill_for_log,
    .run = move_all_at_once,
    .clean_up = empty_arena,
};
REGISTER_BENCH(page_move_log512);

static const struct bench page_move_log512_dirty = {
    .name = "page_move_log512_dirty",
    .summary = "the same, found dirty: copied twice",
    .ops = MOVE_PAGES,
    .prepare = fill_for_log,
    .run = move_all_dirty,
    .clean_up = empty_arena,
};
REGISTER_BENCH(page_move_log512_dirty);

/* Half of the pages fill the fast tier's share, the others are hotter. */
static void fill_both(void)
{
    static struct observation seen[MOVE_PAGES / 2];
    const struct classifier *lru = registry_find(&classifier_registry, "lru");

    empty_arena();
    full_share = arena.share[TIER_FAST];
    space_share(&arena, TIER_FAST, MOVE_PAGES / 2);
    for (u32 page = 0; page < MOVE_PAGES; page++)
        ASSERT(!space_populate(&arena, page));
    parts_start(&arena, NULL, lru, registry_find(&migrator_registry, "exchange"));
    for (u32 i = 0; i < MOVE_PAGES / 2; i++)
        seen[i] = (struct observation){.page = MOVE_PAGES / 2 + i, .weight = 1, .flags = OBSERVED_READ};
    for (u32 window = 1; window <= 15; window++)
        lru->observe(&arena, seen, MOVE_PAGES / 2, window);
    while (!lru->decide(&arena))
        ;
}

static void exchange_all(u64 ops)
{
    while (!arena.migrator->step(&arena, (u32)ops))
        ;
    ASSERT(space_tier(&arena, 0) == TIER_SLOW && space_tier(&arena, MOVE_PAGES - 1) == TIER_FAST);
    space_share(&arena, TIER_FAST, full_share);
}

static const struct bench page_exchange = {
    .name = "page_exchange",
    .summary = "two pages swap places: three copies, both orders, their part of a step's flush",
    .ops = MOVE_PAGES / 2,
    .prepare = fill_both,
    .run = exchange_all,
    .clean_up = empty_arena,
};
REGISTER_BENCH(page_exchange);

static const struct bench page_move_sync = {
    .name = "page_move_sync",
    .summary = "moves a page up, flush and bookkeeping included, one by one",
    .ops = MOVE_PAGES,
    .prepare = fill_for_sync,
    .run = move_all_at_once,
    .clean_up = empty_arena,
};
REGISTER_BENCH(page_move_sync);

static const struct bench page_move_batch512 = {
    .name = "page_move_batch512",
    .summary = "the same in a batch of 512 with one flush",
    .ops = MOVE_PAGES,
    .prepare = fill_for_batch,
    .run = move_all_at_once,
    .clean_up = empty_arena,
};
REGISTER_BENCH(page_move_batch512);

static void touch(u64 ops)
{
    for (u32 page = 0; page < ops; page++)
        *(volatile u8 *)space_va(&arena, page) = 1;
}

static const struct bench first_touch_fault = {
    .name = "first_touch_fault",
    .summary = "first touch of a page: fault, zeroed frame, map",
    .ops = TOUCH_PAGES,
    .prepare = empty_arena,
    .run = touch,
    .clean_up = empty_arena,
};
REGISTER_BENCH(first_touch_fault);

#define BREAKPOINT 3

static bool go_on(struct trap_frame *frame)
{
    (void)frame;
    return true;
}

static void catch_breakpoint(void)
{
    trap_set_handler(BREAKPOINT, go_on);
}

static void release_breakpoint(void)
{
    trap_set_handler(BREAKPOINT, NULL);
}

static void breakpoints(u64 ops)
{
    while (ops--)
        __asm__ volatile("int3");
}

static const struct bench exception_roundtrip = {
    .name = "exception_roundtrip",
    .summary = "an exception whose handler does nothing, and back",
    .ops = 1000,
    .prepare = catch_breakpoint,
    .run = breakpoints,
    .clean_up = release_breakpoint,
};
REGISTER_BENCH(exception_roundtrip);

static void flushes(u64 ops)
{
    while (ops--)
        tlb_flush_all(FLUSH_LOCAL);
}

static const struct bench tlb_full_flush = {.name = "tlb_full_flush",
                                            .summary = "flushes this processor's TLB; the refills come later",
                                            .ops = 1000,
                                            .run = flushes};
REGISTER_BENCH(tlb_full_flush);
