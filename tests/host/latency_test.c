/* sources: tests/host/host.c workloads/lib/latency.c lib/string.c */
/* The histogram of times against the sorted values: percentiles within the bound that latency.h states. */
#include <stdlib.h>

#include "tests/host/host.h"
#include "workloads/lib/latency.h"

#define NR 20000

static struct latency latency;
static u64 values[NR];

static int by_value(const void *a, const void *b)
{
    u64 x = *(const u64 *)a, y = *(const u64 *)b;

    return x < y ? -1 : x > y;
}

/* Nearest rank: the first value that at least so many of 10000 do not exceed. */
static u64 exact(u32 nr, u32 permyriad)
{
    u64 rank = ((u64)nr * permyriad + 9999) / 10000;

    return values[rank ? rank - 1 : 0];
}

static void compare(u32 nr)
{
    static const u32 shares[] = {0, 1, 100, 2500, 5000, 9500, 9900, 9990, 9999, 10000};
    u64 sum = 0;

    latency_reset(&latency);
    for (u32 i = 0; i < nr; i++) {
        latency_add(&latency, values[i]);
        sum += values[i];
    }
    qsort(values, nr, sizeof(values[0]), by_value);
    CHECK_EQ(nr, latency.count);
    CHECK_EQ(sum, latency.sum);
    CHECK_EQ(values[nr - 1], latency.max);
    for (u32 i = 0; i < ARRAY_SIZE(shares); i++) {
        u64 want = exact(nr, shares[i]), got = latency_percentile(&latency, shares[i]);
        CHECK(got >= want);
        CHECK(got - want <= want / 128);
    }
}

int main(void)
{
    host_case("latency.small_values_are_exact");
    for (u32 i = 0; i < 128; i++)
        values[i] = 127 - i;
    compare(128);
    CHECK_EQ(63, latency_percentile(&latency, 5000));
    CHECK_EQ(121, latency_percentile(&latency, 9500));

    host_case("latency.percentiles_within_the_bound");
    for (unsigned bits = 1; bits <= LATENCY_MAX_BITS; bits++) {
        for (u32 i = 0; i < 2000; i++)
            values[i] = host_random() >> (64 - bits) >> host_below(bits);
        compare(2000);
    }
    for (u32 i = 0; i < NR; i++)
        values[i] = 1000000 + host_random() % 5000000;
    compare(NR);

    host_case("latency.edges_of_buckets");
    for (unsigned bits = 1; bits < LATENCY_MAX_BITS; bits++) {
        for (u32 i = 0; i < 3; i++)
            values[i] = ((u64)1 << bits) - 1 + i;
        compare(3);
    }

    host_case("latency.one_and_none_and_too_large");
    latency_reset(&latency);
    CHECK_EQ(0, latency_percentile(&latency, 5000));
    latency_add(&latency, 1000);
    CHECK_EQ(1000, latency_percentile(&latency, 1));
    CHECK_EQ(1000, latency_percentile(&latency, 9999));
    latency_add(&latency, UINT64_MAX / 2);
    CHECK_EQ(UINT64_MAX / 2, latency_percentile(&latency, 9999));
    return host_done();
}
