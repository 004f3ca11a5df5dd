/* Leaves of 2 MiB: what one costs to map, move, split and collapse. */
#include "kernel/panic.h"
#include "lib/registry.h"
#include "bench/bench.h"
#include "lab/lab.h"
#include "mm/huge.h"

enum { LEAVES = 4, MIBS = LEAVES * 2 };

static void empty_arena(void)
{
    parts_stop(&arena);
    space_clear(&arena);
}

static void map_leaves(u64 ops)
{
    for (u32 i = 0; i < ops; i++)
        ASSERT(!huge_map(&arena, i * HUGE_PAGES, TIER_SLOW));
}

static void order_all(u8 to)
{
    for (u32 i = 0; i < LEAVES; i++)
        ASSERT(huge_order(&arena, (struct order){.page = i * HUGE_PAGES, .to = to}) == MOVED);
}

static void fill_with_leaves(void)
{
    empty_arena();
    map_leaves(LEAVES);
}

static void fill_with_pages(void)
{
    fill_with_leaves();
    order_all(TO_SPLIT);
}

static void move_leaves(u64 ops)
{
    (void)ops;
    order_all(TIER_FAST);
}

static void split_leaves(u64 ops)
{
    (void)ops;
    order_all(TO_SPLIT);
}

static void collapse_leaves(u64 ops)
{
    (void)ops;
    order_all(TO_COLLAPSE);
}

static const struct bench huge_map_bench = {
    .name = "huge_map",
    .summary = "maps a zeroed leaf of 2 MiB",
    .ops = LEAVES,
    .prepare = empty_arena,
    .run = map_leaves,
    .clean_up = empty_arena,
};
REGISTER_BENCH(huge_map_bench);

static const struct bench huge_move = {
    .name = "huge_move",
    .summary = "moves a MiB of leaves of 2 MiB up, flush and bookkeeping included",
    .ops = MIBS,
    .prepare = fill_with_leaves,
    .run = move_leaves,
    .clean_up = empty_arena,
};
REGISTER_BENCH(huge_move);

static const struct bench huge_split_bench = {
    .name = "huge_split",
    .summary = "splits a leaf of 2 MiB",
    .ops = LEAVES,
    .prepare = fill_with_leaves,
    .run = split_leaves,
    .clean_up = empty_arena,
};
REGISTER_BENCH(huge_split_bench);

static const struct bench huge_collapse = {
    .name = "huge_collapse",
    .summary = "collapses 512 pages to a leaf of 2 MiB in their tier",
    .ops = LEAVES,
    .prepare = fill_with_pages,
    .run = collapse_leaves,
    .clean_up = empty_arena,
};
REGISTER_BENCH(huge_collapse);
