/* sources: tests/host/host.c mm/balance/weights.c */
/* The balancers' shares, by hand. */
#include "mm/balance/balance.h"
#include "tests/host/host.h"

#include "mm/balance/balloon.c"
#include "mm/balance/pool.c"
#include "mm/balance/proportional.c"
#include "mm/balance/static.c"
#include "mm/balance/utility.c"

static void expect_shares(const struct balancer *balancer, const struct demand *demands, unsigned n, u32 frames, const u32 *want)
{
    u32 shares[8] = {0}, sum = 0;

    balancer->divide(demands, n, frames, shares);
    for (unsigned i = 0; i < n; i++) {
        CHECK_EQ(want[i], shares[i]);
        sum += shares[i];
    }
    CHECK(sum <= frames);
}

static void test_weights(void)
{
    const u64 weights[] = {1, 2, 0, 3}, none[] = {0, 0, 0};
    u32 shares[4];

    balance_by_weights(weights, 4, 100, shares); /* 16.7, 33.3, 0, 50: one is left over, for the first */
    CHECK_EQ(17, shares[0]);
    CHECK_EQ(33, shares[1]);
    CHECK_EQ(0, shares[2]);
    CHECK_EQ(50, shares[3]);
    balance_by_weights(none, 3, 11, shares);
    CHECK_EQ(4, shares[0]);
    CHECK_EQ(4, shares[1]);
    CHECK_EQ(3, shares[2]);
}

/* 1000 frames of four machines: base shares of 250 less 14 %, which is 215, and a pool of 140. */
static void test_pool(void)
{
    struct demand demands[4];

    for (unsigned i = 0; i < 4; i++)
        demands[i] = (struct demand){.share = 250, .equal = 250, .pages = 1000, .hot = 100};
    demands[1].asks = true; /* gives back what it has beyond its base share */
    expect_shares(&balance_pool, demands, 4, 1000, (const u32[]){250, 215, 250, 250});
    demands[1].share = demands[3].share = 215;
    demands[1].asks = false;
    demands[2].asks = true;
    demands[2].hot = 700; /* all that is left of the pool: 140, of which the first has 35 */
    expect_shares(&balance_pool, demands, 4, 1000, (const u32[]){250, 215, 215 + 105, 215});
    demands[2].hot = 225;
    expect_shares(&balance_pool, demands, 4, 1000, (const u32[]){250, 215, 225, 215});
    demands[2].share = 320; /* who holds pool pages and does not ask keeps them, however hot the others are */
    demands[2].asks = false;
    demands[0].asks = true;
    demands[0].hot = 900;
    expect_shares(&balance_pool, demands, 4, 1000, (const u32[]){215 + 35, 215, 320, 215});
}

static void test_proportional(void)
{
    struct demand demands[] = {{.share = 1, .equal = 400, .pages = 1000, .hot = 300, .asks = true},
                               {.share = 1, .equal = 400, .pages = 1000, .hot = 100},
                               {.share = 1, .equal = 400, .pages = 1000, .hot = 0}};

    /* 50 each, and of the 1050 that are left three quarters and a quarter, rounded down, and one left over */
    expect_shares(&balance_proportional, demands, 3, 1200, (const u32[]){50 + 788, 50 + 262, 50});
}

static void test_utility(void)
{
    struct demand demands[] = {{.equal = 400, .pages = 1000}, {.equal = 400, .pages = 1000}};

    demands[0].gain[90] = 200; /* of 700 beyond the 50 each: all of these, */
    demands[1].gain[80] = 300; /* these, */
    demands[0].gain[70] = 100; /* and of these 200 the 200 that are left: all */
    demands[1].gain[70] = 100;
    expect_shares(&balance_utility, demands, 2, 800, (const u32[]){50 + 200 + 100, 50 + 300 + 100});
    demands[1].gain[70] = 300; /* now 400 ask for 200: by how many each has */
    expect_shares(&balance_utility, demands, 2, 800, (const u32[]){50 + 200 + 50, 50 + 300 + 150});
    demands[1].gain[70] = demands[0].gain[70] = 0; /* what nobody asks for is divided equally */
    expect_shares(&balance_utility, demands, 2, 800, (const u32[]){50 + 200 + 100, 50 + 300 + 100});
}

static void test_static(void)
{
    const struct demand demands[] = {{.share = 70, .equal = 50, .hot = 1, .asks = true}, {.share = 30, .equal = 50, .hot = 1000}};

    expect_shares(&balance_static, demands, 2, 100, (const u32[]){70, 30});
    CHECK(balance_static.fixed && !balance_pool.fixed);
}

/* It divides as another one, which is none that divides as yet another. */
static void test_balloon(void)
{
    CHECK(balance_balloon.divides_as && !balance_balloon.divide && !balance_balloon.fixed);
    CHECK(!__builtin_strcmp(*balance_balloon.divides_as, balance_utility.name));
    CHECK(!balance_utility.divides_as && !balance_pool.divides_as && !balance_proportional.divides_as && !balance_static.divides_as);
}

int main(void)
{
    host_case("balance.weights");
    test_weights();
    host_case("balance.static");
    test_static();
    host_case("balance.pool");
    test_pool();
    host_case("balance.proportional");
    test_proportional();
    host_case("balance.utility");
    test_utility();
    host_case("balance.balloon");
    test_balloon();
    return host_done();
}
