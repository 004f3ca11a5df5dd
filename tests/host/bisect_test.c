/* sources: tests/host/host.c */
/* Colloid's search: where it stops, which way it goes, and that it finds an equilibrium, also after that has moved. */
#include "mm/classify/bisect.h"
#include "tests/host/host.h"

/* A tier is the slower the more it serves; both are equal where the fast one serves `equal`. Shares are carried out as asked. */
static u32 settle(struct bisect *b, u32 share, u32 equal, u32 looks)
{
    while (looks--) {
        s64 off = (s64)share - equal;
        s32 step = bisect_look(b, share, (u64)(100000 + off), (u64)(100000 - off));
        CHECK(!step || (step > 0) == (off < 0));
        share = (u32)MIN(MAX((s64)share + step, 0), BISECT_ONE);
    }
    return share;
}

static bool near(u32 a, u32 b)
{
    return (a > b ? a - b : b - a) < 100000 / 20 / 2 + 100; /* 5 % of the latency lie within this */
}

int main(void)
{
    struct bisect b = {0, BISECT_ONE};

    host_case("bisect.within_5_percent");
    CHECK_EQ(0, bisect_look(&b, 1000, 100000, 104999));
    CHECK_EQ(0, bisect_look(&b, 1000, 104000, 100000));
    CHECK(b.low == 0 && b.high == BISECT_ONE);

    host_case("bisect.halves");
    CHECK_EQ(BISECT_ONE / 4, bisect_look(&b, BISECT_ONE / 2, 100, 200)); /* half way to 1 */
    CHECK_EQ(BISECT_ONE / 2, b.low);
    CHECK_EQ((u32)-(s32)(BISECT_ONE / 8), (u32)bisect_look(&b, BISECT_ONE / 4 * 3, 200, 100));
    CHECK_EQ(BISECT_ONE / 4 * 3, b.high);

    host_case("bisect.finds_and_finds_again");
    for (u64 seed = 1; seed <= 300; seed++) {
        u32 share, equal;
        host_seed(seed);
        b = (struct bisect){0, BISECT_ONE};
        share = settle(&b, host_below(BISECT_ONE), equal = host_below(BISECT_ONE), 40);
        CHECK(near(share, equal));
        share = settle(&b, share, equal = host_below(BISECT_ONE), 60);
        CHECK(near(share, equal));
    }
    return host_done();
}
