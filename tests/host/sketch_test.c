/* sources: tests/host/host.c */
/*
 * The counting Bloom filter against exact counts: never less than the truth, exact for a page that shares with nobody, rarely more
 * where there are as many counters as HybridTier has; halving. Second chances against a queue.
 */
#include <stdlib.h>

#include "mm/classify/chances.h"
#include "mm/classify/sketch.h"
#include "tests/host/host.h"

#define PAGES 4096

void *kmem_alloc(size_t bytes)
{
    return calloc(1, bytes);
}

static void against_exact(u64 period)
{
    static u32 exact[PAGES];
    struct sketch s = {0};
    u64 left = 2 * period;
    u32 over = 0;

    memset(exact, 0, sizeof(exact));
    sketch_start(&s, PAGES * 204ull / 10, period);
    CHECK_EQ(1024, s.lines); /* 83,558 counters, in lines of 128, a power of two */
    for (u32 n = 0; n < 20000; n++) {
        u32 page = host_below(host_below(2) ? PAGES : 64) * 17;
        sketch_add(&s, page);
        exact[page / 17] = MIN(exact[page / 17] + 1, 15);
        if (!--left) {
            left = period;
            for (u32 p = 0; p < PAGES; p++)
                exact[p] /= 2;
        }
        CHECK_EQ(left, s.left);
    }
    for (u32 p = 0; p < PAGES; p++) {
        CHECK(sketch_value(&s, p * 17) >= exact[p]);
        over += sketch_value(&s, p * 17) > exact[p];
    }
    CHECK(over < PAGES / 50);
    free(s.counters);
}

int main(void)
{
    struct sketch s = {0};
    struct chances c = {0};

    host_case("sketch.one_page");
    sketch_start(&s, 1, 1000);
    CHECK_EQ(1, s.lines);
    for (u32 n = 1; n <= 20; n++) {
        sketch_add(&s, 77);
        CHECK_EQ(MIN(n, 15), sketch_value(&s, 77));
    }
    sketch_halve(&s);
    CHECK_EQ(7, sketch_value(&s, 77));
    sketch_start(&s, 1, 1000);
    CHECK_EQ(0, sketch_value(&s, 77));
    free(s.counters);

    host_case("sketch.never_too_little");
    for (u64 seed = 1; seed <= 5; seed++) {
        host_seed(seed);
        against_exact(1000 + host_below(8000));
    }

    host_case("chances.queue");
    CHECK(!chances_due(&c, 100));
    for (u32 i = 0; i < MAX_CHANCES; i++)
        CHECK(chances_give(&c, i, 10 * i, 100 + i));
    CHECK(!chances_give(&c, 99, 0, 0));
    CHECK(!chances_due(&c, 99));
    for (u32 i = 0; i < 3 * MAX_CHANCES; i++) {
        const struct chance *due = chances_due(&c, 100 + i);
        CHECK(due && due->page == i && due->frequency == 10 * i);
        CHECK(!chances_due(&c, 100 + i));
        CHECK(chances_give(&c, i + MAX_CHANCES, 10 * (i + MAX_CHANCES), 100 + i + MAX_CHANCES));
    }
    CHECK_EQ(4 * MAX_CHANCES, c.given);
    return host_done();
}
