/* sources: tests/host/host.c mm/frame.c */
/* Frame pools against an array of states. */
#include "kernel/err.h"
#include "mm/frame.h"
#include "tests/host/host.h"

#define FIRST      1000
#define MAX_FRAMES 67
#define NR_RUNS    4
#define RUN_POOL   (24 + NR_RUNS * RUN_FRAMES + 100) /* frames; the first run begins at 1024 */

enum state { FREE, USED, RESERVED };

static u32 links[RUN_POOL];
static enum state model[RUN_POOL];
static struct frame_pool pool;

static u32 count(enum state state, u32 nr)
{
    u32 n = 0;

    for (u32 i = 0; i < nr; i++)
        n += model[i] == state;
    return n;
}

static void check_pool(u32 nr)
{
    CHECK_EQ(count(FREE, nr), pool.nr_free);
    for (u32 i = 0; i < nr; i++)
        CHECK_EQ(model[i] == USED, frame_pool_in_use(&pool, FIRST + i));
}

static void try_alloc(u32 nr)
{
    u32 free = count(FREE, nr);
    pfn_t pfn = frame_pool_alloc(&pool);

    CHECK_EQ(free == 0, pfn == PFN_INVALID);
    if (pfn == PFN_INVALID)
        return;
    CHECK(pfn >= FIRST && pfn < FIRST + nr);
    CHECK_EQ(FREE, model[pfn - FIRST]);
    model[pfn - FIRST] = USED;
}

static void try_free(u32 index)
{
    if (model[index] == USED) {
        frame_pool_free(&pool, FIRST + index);
        model[index] = FREE;
        /* The frame freed last comes first: its lines may still be cached. */
        CHECK_EQ(FIRST + index, frame_pool_alloc(&pool));
        frame_pool_free(&pool, FIRST + index);
    } else {
        PANICS(frame_pool_free(&pool, FIRST + index));
    }
}

static void try_reserve(u32 index)
{
    int error = frame_pool_reserve(&pool, FIRST + index);

    CHECK_EQ((u64)(model[index] == FREE ? 0 : ERR_BUSY), error);
    if (!error)
        model[index] = RESERVED;
}

static void random_operations(u64 seed)
{
    u32 nr = seed == 1 ? 1 : 2 + host_below(MAX_FRAMES - 2), reserves = nr / 8;

    frame_pool_init(&pool, FIRST, nr, links);
    for (u32 i = 0; i < nr; i++)
        model[i] = FREE;
    for (int step = 0; step < 3000; step++) {
        u32 kind = host_below(100);
        if (kind < 52)
            try_alloc(nr);
        else if (kind < 98 || !reserves)
            try_free(host_below(nr));
        else
            reserves--, try_reserve(host_below(nr));
        check_pool(nr);
    }
}

static u32 run_at(u32 nr)
{
    return 24 + nr * RUN_FRAMES;
}

/* How many of a run's frames are in that state. */
static u32 in_run(u32 nr, enum state state)
{
    u32 n = 0;

    for (u32 i = 0; i < RUN_FRAMES; i++)
        n += model[run_at(nr) + i] == state;
    return n;
}

static void set_run(u32 nr, enum state state)
{
    for (u32 i = 0; i < RUN_FRAMES; i++)
        model[run_at(nr) + i] = state;
}

static void try_alloc_run(void)
{
    u32 free = 0, nr;
    pfn_t pfn = frame_pool_alloc_run(&pool);

    for (nr = 0; nr < NR_RUNS; nr++)
        free += in_run(nr, FREE) == RUN_FRAMES;
    CHECK_EQ(free == 0, pfn == PFN_INVALID);
    if (pfn == PFN_INVALID)
        return;
    CHECK_EQ(0, pfn % RUN_FRAMES);
    nr = (pfn - FIRST - 24) / RUN_FRAMES;
    CHECK(nr < NR_RUNS && in_run(nr, FREE) == RUN_FRAMES);
    set_run(nr, USED);
}

static void free_run(u32 nr)
{
    if (in_run(nr, USED) != RUN_FRAMES)
        return;
    frame_pool_free_run(&pool, FIRST + run_at(nr));
    set_run(nr, FREE);
    if (host_below(2)) { /* freed whole, it is found at once */
        CHECK_EQ(FIRST + run_at(nr), frame_pool_alloc_run(&pool));
        frame_pool_free_run(&pool, FIRST + run_at(nr));
    }
}

/* Frees what is left of a run one by one, in some order. */
static void free_singly(u32 nr)
{
    for (u32 i = 0, at = host_below(RUN_FRAMES); i < RUN_FRAMES; i++, at = (at + 5) % RUN_FRAMES)
        if (model[run_at(nr) + at] == USED)
            try_free(run_at(nr) + at);
}

/* Takes all that is free, one by one: each frame comes once. */
static void drain(void)
{
    while (pool.nr_free)
        try_alloc(RUN_POOL);
    CHECK_EQ(PFN_INVALID, frame_pool_alloc(&pool));
    CHECK_EQ(PFN_INVALID, frame_pool_alloc_run(&pool));
}

static void random_runs(u64 seed)
{
    u32 reserved = seed % 3 ? 0 : run_at(1) + 17;

    frame_pool_init(&pool, FIRST, RUN_POOL, links);
    for (u32 i = 0; i < RUN_POOL; i++)
        model[i] = FREE;
    if (reserved)
        try_reserve(reserved);
    for (int step = 0; step < 600; step++) {
        u32 kind = host_below(100), nr = host_below(NR_RUNS);
        if (kind < 30)
            try_alloc_run();
        else if (kind < 50)
            free_run(nr);
        else if (kind < 75)
            try_alloc(RUN_POOL);
        else if (kind < 90)
            free_singly(nr);
        else
            try_free(host_below(RUN_POOL));
        check_pool(RUN_POOL);
    }
    drain();
}

static void runs_by_hand(void)
{
    frame_pool_init(&pool, FIRST, RUN_POOL, links);
    CHECK_EQ(1024, frame_pool_alloc_run(&pool)); /* 1000 to 1023 are left of it */
    CHECK_EQ(FIRST, frame_pool_alloc(&pool));
    CHECK_EQ(1536, frame_pool_alloc_run(&pool));
    CHECK_EQ(RUN_POOL - 1025, pool.nr_free);
    frame_pool_free_run(&pool, 1024);
    CHECK_EQ(1024, frame_pool_alloc(&pool)); /* single frames come out of it in their order */
    CHECK_EQ(1025, frame_pool_alloc(&pool));
    CHECK_EQ(2048, frame_pool_alloc_run(&pool)); /* it is not whole any more */
    frame_pool_free(&pool, 1025);
    frame_pool_free(&pool, 1024);
    CHECK_EQ(1024, frame_pool_alloc_run(&pool));
    CHECK_EQ(2560, frame_pool_alloc_run(&pool));
    CHECK_EQ(PFN_INVALID, frame_pool_alloc_run(&pool)); /* the last hundred are too few */
    frame_pool_free_run(&pool, 2048);
    frame_pool_free(&pool, 1024 + 5);
    PANICS(frame_pool_free_run(&pool, 1024)); /* one is free */
    frame_pool_init(&pool, FIRST, RUN_POOL, links);
    CHECK_EQ(1024, frame_pool_alloc_run(&pool));
    PANICS(frame_pool_free_run(&pool, 1025));
    PANICS(frame_pool_free_run(&pool, 512));
    PANICS(frame_pool_free_run(&pool, 3072));
    frame_pool_free_run(&pool, 1024);
    PANICS(frame_pool_free_run(&pool, 1024));
    frame_pool_init(&pool, 1024, RUN_FRAMES - 1, links);
    CHECK_EQ(PFN_INVALID, frame_pool_alloc_run(&pool));
    frame_pool_init(&pool, 1024, RUN_FRAMES, links);
    CHECK_EQ(1024, frame_pool_alloc_run(&pool));
    CHECK_EQ(PFN_INVALID, frame_pool_alloc(&pool));
}

int main(void)
{
    host_case("frame.order");
    frame_pool_init(&pool, FIRST, 5, links);
    for (u32 i = 0; i < 5; i++)
        CHECK_EQ(FIRST + i, frame_pool_alloc(&pool));
    CHECK_EQ(PFN_INVALID, frame_pool_alloc(&pool));

    host_case("frame.double_free");
    frame_pool_free(&pool, FIRST + 2);
    PANICS(frame_pool_free(&pool, FIRST + 2));
    CHECK_EQ(1, pool.nr_free);

    host_case("frame.foreign_free");
    PANICS(frame_pool_free(&pool, FIRST - 1));
    PANICS(frame_pool_free(&pool, FIRST + 5));
    PANICS(frame_pool_free(&pool, 0));
    PANICS(frame_pool_free(&pool, PFN_INVALID));
    CHECK(!frame_pool_in_use(&pool, FIRST - 1) && !frame_pool_in_use(&pool, FIRST + 5));

    host_case("frame.reserve");
    CHECK_EQ((u64)ERR_RANGE, frame_pool_reserve(&pool, FIRST + 5));
    CHECK_EQ((u64)ERR_RANGE, frame_pool_reserve(&pool, FIRST - 1));
    CHECK_EQ((u64)ERR_BUSY, frame_pool_reserve(&pool, FIRST));
    CHECK_EQ(0, frame_pool_reserve(&pool, FIRST + 2));
    CHECK_EQ((u64)ERR_BUSY, frame_pool_reserve(&pool, FIRST + 2));
    CHECK_EQ(PFN_INVALID, frame_pool_alloc(&pool));
    PANICS(frame_pool_free(&pool, FIRST + 2));

    host_case("frame.empty_pool");
    frame_pool_init(&pool, FIRST, 0, links);
    CHECK_EQ(PFN_INVALID, frame_pool_alloc(&pool));
    CHECK_EQ((u64)ERR_RANGE, frame_pool_reserve(&pool, FIRST));

    host_case("frame.random");
    for (u64 seed = 1; seed <= 20; seed++) {
        host_seed(seed);
        random_operations(seed);
    }

    host_case("frame.runs");
    runs_by_hand();

    host_case("frame.random_runs");
    for (u64 seed = 1; seed <= 12; seed++) {
        host_seed(seed);
        random_runs(seed);
    }
    return host_done();
}
