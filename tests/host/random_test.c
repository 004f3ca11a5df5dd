/* sources: tests/host/host.c */
/* The workloads' random numbers: SplitMix64's published sequence, and numbers below a bound. */
#include "tests/host/host.h"
#include "workloads/lib/random.h"

/* The first numbers of Vigna's splitmix64.c from the state 1234567. */
static void sequence(void)
{
    static const u64 want[] = {6457827717110365317u, 3203168211198807973u, 9817491932198370423u, 4593380528125082431u,
                               16408922859458223821u};
    u64 state = 1234567;

    host_case("random.sequence");
    for (unsigned i = 0; i < ARRAY_SIZE(want); i++)
        CHECK_EQ(want[i], random_next(&state));
}

static void below(void)
{
    host_case("random.below");
    CHECK_EQ(0, random_below(0, 10));
    CHECK_EQ(9, random_below(UINT32_MAX, 10));
    CHECK_EQ(5, random_below(1u << 31, 10));
    CHECK_EQ(4, random_below((1u << 31) - 1, 10));
}

int main(void)
{
    sequence();
    below();
    return host_done();
}
