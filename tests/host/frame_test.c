/* sources: tests/host/host.c mm/frame.c */
/* Frame pools against an array of states. */
#include "kernel/err.h"
#include "mm/frame.h"
#include "tests/host/host.h"

#define FIRST      1000
#define MAX_FRAMES 67

enum state { FREE, USED, RESERVED };

static u32 links[MAX_FRAMES];
static enum state model[MAX_FRAMES];
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
    return host_done();
}
