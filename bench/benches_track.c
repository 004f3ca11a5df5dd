/* Microbenchmarks of trackers: what a window of each costs, its notes and its flushes included. */
#include "kernel/panic.h"
#include "lib/registry.h"
#include "bench/bench.h"
#include "lab/lab.h"
#include "mm/memory.h"
#include "mm/parts.h"

#define SCAN_PAGES    8192
#define REGION_VISITS 20000

static const struct tracker *tracker;

static void empty_arena(void)
{
    parts_stop(&arena);
    space_clear(&arena);
}

/* All pages mapped, the tracker just started, then `bits` in every entry, and in the upper levels' what a walk would
 * have set. */
static void begin(const char *name, u64 bits)
{
    tracker = registry_find(&tracker_registry, name);
    empty_arena();
    for (u32 page = 0; page < SCAN_PAGES; page++)
        ASSERT(!space_populate(&arena, page));
    parts_start(&arena, tracker, NULL, NULL);
    for (u32 page = 0; page < SCAN_PAGES; page++)
        space_entry(&arena, page)->bits |= bits;
    for (u32 page = 0; page < SCAN_PAGES; page += PT_ENTRIES)
        for (unsigned level = 2; level <= 3; level++)
            pt_entry(arena.root, space_va(&arena, page), level, false)->bits |= bits & PTE_ACCESSED;
}

static void window(void)
{
    static struct observations found;
    bool done;

    if (!found.list)
        found.list = kmem_alloc(OBSERVATIONS_PER_STEP * sizeof(struct observation));
    do {
        found.count = 0;
        done = tracker->step(&arena, &found);
    } while (!done);
}

static void one_window(u64 ops)
{
    (void)ops;
    window();
}

static void begin_tree(void)
{
    begin("abit-tree", PTE_ACCESSED);
}

static const struct bench abit_tree_visit = {
    .name = "abit_tree_visit",
    .summary = "abit-tree visits, notes and clears an accessed entry; the upper levels' share included",
    .ops = SCAN_PAGES,
    .prepare = begin_tree,
    .run = one_window,
    .clean_up = empty_arena,
};
REGISTER_BENCH(abit_tree_visit);

static void begin_mlq(void)
{
    begin("mlq", PTE_ACCESSED);
}

static const struct bench mlq_visit = {
    .name = "mlq_visit",
    .summary = "mlq visits and notes an accessed entry, asks the queue and clears",
    .ops = SCAN_PAGES,
    .prepare = begin_mlq,
    .run = one_window,
    .clean_up = empty_arena,
};
REGISTER_BENCH(mlq_visit);

static void begin_dbit(void)
{
    begin("dbit", PTE_DIRTY);
}

static const struct bench dbit_visit = {
    .name = "dbit_visit",
    .summary = "dbit visits, notes and clears a dirty entry",
    .ops = SCAN_PAGES,
    .prepare = begin_dbit,
    .run = one_window,
    .clean_up = empty_arena,
};
REGISTER_BENCH(dbit_visit);

/* All tables there, which is all that region asks for. */
static void begin_region(void)
{
    empty_arena();
    for (u32 page = 0; page < arena.nr_pages; page += PT_ENTRIES)
        ASSERT(!space_populate(&arena, page));
    tracker = registry_find(&tracker_registry, "region");
    parts_start(&arena, tracker, NULL, NULL);
}

static void region_windows(u64 ops)
{
    u64 before = arena.pte_visits;

    while (arena.pte_visits - before < ops)
        window();
}

static const struct bench region_sample = {
    .name = "region_sample",
    .summary = "region visits an entry (two visits a sample), its share of merging and splitting included; nothing was "
               "accessed",
    .ops = REGION_VISITS,
    .prepare = begin_region,
    .run = region_windows,
    .clean_up = empty_arena,
};
REGISTER_BENCH(region_sample);
