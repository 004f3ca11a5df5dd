/* sources: tests/host/host.c score/scores.c */
/*
 * Scores against their definition: a page's weight by counting how many values are larger and how many equal, O(n^2)
 * and in floating point. Arrays have few distinct values, so that nearly every cut goes through a tie.
 */
#include "score/scores.h"
#include <stdlib.h>
#include "tests/host/host.h"

#define MAX_VALUES 120

/* Floors on the way cost the code under test less than a millionth, the last one up to one. */
#define TOLERANCE 2.0

struct set {
    double weight[MAX_VALUES];
};

static struct set top(const u32 *values, u32 n, u32 k)
{
    struct set set = {0};

    for (u32 i = 0; i < n; i++) {
        u32 larger = 0, equal = 0;
        for (u32 j = 0; j < n; j++) {
            larger += values[j] > values[i];
            equal += values[j] == values[i];
        }
        if (values[i] && larger < k)
            set.weight[i] = MIN(1, (double)(k - larger) / equal);
    }
    return set;
}

static struct set nonzero(const u32 *values, u32 n)
{
    return top(values, n, n);
}

static void near(double want, u32 got, const char *what)
{
    if (__builtin_fabs(want * 1e6 - got) > TOLERANCE)
        host_fail(__FILE__, __LINE__, "%s: want=%.7f got=0.%06u", what, want, got);
}

static double ratio(double numerator, double denominator)
{
    return denominator > 0 ? numerator / denominator : 0;
}

static void compare(const u32 *truth, struct cut tc, struct set t, const u32 *estimate, struct cut ec, struct set e,
                    u32 n)
{
    double common = 0, sum_t = 0, sum_e = 0, by_truth = 0, by_verdict = 0;
    u64 total = 0;
    struct overlap o;
    struct agreement a = score_sets(truth, tc, estimate, ec, n);
    struct caught c = score_caught(truth, tc, estimate, ec, n);

    for (u32 i = 0; i < n; i++) {
        common += MIN(t.weight[i], e.weight[i]);
        sum_t += t.weight[i];
        sum_e += e.weight[i];
        by_truth += t.weight[i] * truth[i];
        by_verdict += e.weight[i] * truth[i];
        total += truth[i];
    }
    o = score_overlap(truth, tc, estimate, ec, n);
    CHECK(__builtin_fabs(common - o.common) <= 0.5 + 1e-6);
    CHECK(__builtin_fabs(sum_t - o.truth) <= 0.5 + 1e-6);
    CHECK(__builtin_fabs(sum_e - o.estimate) <= 0.5 + 1e-6);
    near(ratio(common, sum_e), a.precision, "precision");
    near(ratio(common, sum_t), a.recall, "recall");
    CHECK_EQ(total, c.total);
    /* Each of the nine sums is rounded down to whole counts, and a weight to 1e-9. */
    CHECK(__builtin_fabs(by_truth - (double)c.by_truth) <= 9 + (double)total * 1e-9);
    CHECK(__builtin_fabs(by_verdict - (double)c.by_verdict) <= 9 + (double)total * 1e-9);
}

/* The cut itself: how many are above it and equal to it, and how many places are left. */
static void check_cut(const u32 *values, u32 n, u32 k, struct cut cut)
{
    u32 above = 0, equal = 0;

    for (u32 i = 0; i < n; i++) {
        above += values[i] > cut.value;
        equal += values[i] == cut.value;
    }
    if (!k || !n) {
        CHECK_EQ(0, above);
        CHECK(!cut.left || !equal);
        return;
    }
    CHECK_EQ(above, cut.above);
    CHECK(above < k || !above);
    CHECK(above + equal >= MIN(k, n));
    if (cut.value) {
        CHECK_EQ(equal, cut.equal);
        CHECK_EQ(MIN(k, n) - above, cut.left);
    }
}

static void fill(u32 *values, u32 n, int kind)
{
    u32 distinct = 1 + host_below(6), zeroes = host_below(100);

    for (u32 i = 0; i < n; i++) {
        u32 value = kind == 0   ? host_below(distinct)
                    : kind == 1 ? (u32)host_random()
                                : (1 + host_below(distinct)) << (8 * host_below(4)); /* differ in one byte */
        values[i] = host_below(100) < zeroes ? 0 : value;
    }
}

static struct set at_least(const u32 *values, u32 n, u32 rate)
{
    struct set set = {0};

    for (u32 i = 0; i < n; i++)
        set.weight[i] = rate && values[i] >= rate;
    return set;
}

/* Both coefficients from their definitions: all pairs, and ranks by counting. */
static void ranks(const u32 *truth, const u32 *estimate, u32 n)
{
    u64 work[2 * MAX_VALUES];
    struct rank_correlation got = score_ranks(truth, estimate, n, work);
    double order = 0, untied_t = 0, untied_e = 0, cov = 0, var_t = 0, var_e = 0, m = 0;

    for (u32 i = 0; i < n; i++) {
        double below_t = 0, below_e = 0, same_t = 0, same_e = 0;
        if (!truth[i] && !estimate[i])
            continue;
        m++;
        for (u32 j = 0; j < n; j++) {
            double t, e;
            if (!truth[j] && !estimate[j])
                continue;
            t = (truth[i] > truth[j]) - (truth[i] < truth[j]);
            e = (estimate[i] > estimate[j]) - (estimate[i] < estimate[j]);
            order += t * e;
            untied_t += t * t;
            untied_e += e * e;
            below_t += t > 0;
            below_e += e > 0;
            same_t += t == 0;
            same_e += e == 0;
        }
        cov += (2 * below_t + same_t) * (2 * below_e + same_e);
        var_t += (2 * below_t + same_t) * (2 * below_t + same_t);
        var_e += (2 * below_e + same_e) * (2 * below_e + same_e);
    }
    CHECK_EQ(untied_t > 0 && untied_e > 0, got.defined);
    if (!got.defined)
        return;
    /* The doubled mid-ranks have the mean m. */
    cov -= m * m * m;
    var_t -= m * m * m;
    var_e -= m * m * m;
    CHECK(__builtin_fabs(order / __builtin_sqrt(untied_t * untied_e) * 1e6 - got.tau) <= TOLERANCE);
    CHECK(__builtin_fabs(cov / __builtin_sqrt(var_t * var_e) * 1e6 - got.rho) <= TOLERANCE);
}

static void random_arrays(int kind)
{
    u32 truth[MAX_VALUES], estimate[MAX_VALUES];
    u32 n = 1 + host_below(MAX_VALUES);

    fill(truth, n, kind);
    fill(estimate, n, (int)host_below(3));
    for (int i = 0; i < 12; i++) {
        u32 k = host_below(n + 10), h = host_below(n + 2);
        struct cut t = cut_top(truth, n, k), e = cut_top(estimate, n, i % 2 ? h : k);

        check_cut(truth, n, k, t);
        compare(truth, t, top(truth, n, k), estimate, e, top(estimate, n, i % 2 ? h : k), n);
        compare(truth, t, top(truth, n, k), truth, t, top(truth, n, k), n);
        compare(truth, cut_at_least(truth, n, h), at_least(truth, n, h), estimate, cut_at_least(estimate, n, h),
                at_least(estimate, n, h), n);
        compare(truth, cut_nonzero(truth, n), nonzero(truth, n), estimate, e, top(estimate, n, i % 2 ? h : k), n);
    }
    compare(truth, cut_nonzero(truth, n), nonzero(truth, n), estimate, cut_nonzero(estimate, n), nonzero(estimate, n),
            n);
    ranks(truth, estimate, n);
    ranks(truth, truth, n);
    for (u32 i = 0; i < n; i++) /* somewhat alike, as tracker and truth are */
        estimate[i] = truth[i] / (1 + host_below(3));
    ranks(truth, estimate, n);
}

/* As many pages as can be: nothing overflows, and perfect order, its reverse and two values give what they must. */
static void many_ranks(void)
{
    const u32 n = 1 << 20;
    u32 *up = malloc(n * sizeof(u32)), *down = malloc(n * sizeof(u32)), *two = malloc(n * sizeof(u32));
    u64 *work = malloc(2 * n * sizeof(u64));
    struct rank_correlation r;

    for (u32 i = 0; i < n; i++) {
        up[i] = i + 1;
        down[i] = UINT32_MAX - i;
        two[i] = i < n / 2 ? 1 : 2;
    }
    r = score_ranks(up, up, n, work);
    CHECK(r.defined && r.tau == 1000000 && r.rho == 1000000);
    r = score_ranks(up, down, n, work);
    CHECK(r.defined && r.tau == -1000000 && r.rho == -1000000);
    r = score_ranks(two, two, n, work);
    CHECK(r.defined && r.tau == 1000000 && r.rho == 1000000);
    /* Half of the pairs differ in `two`, all of those in order: sqrt(1/2). Mid-ranks: sqrt(3)/2. */
    r = score_ranks(up, two, n, work);
    CHECK(__builtin_fabs(r.tau - 707107) <= 3 && __builtin_fabs(r.rho - 866025) <= 3);
    free(up);
    free(down);
    free(two);
    free(work);
}

/* Two pages tie for one place: by hand. */
static void by_hand(void)
{
    const u32 truth[] = {9, 5, 5, 0}, estimate[] = {1, 1, 1, 1};
    struct cut t = cut_top(truth, 4, 2), e = cut_top(estimate, 4, 2);
    struct agreement a = score_sets(truth, t, estimate, e, 4);
    struct caught c = score_caught(truth, t, estimate, e, 4);

    CHECK_EQ(5, t.value);
    CHECK_EQ(1, t.above);
    CHECK_EQ(2, t.equal);
    CHECK_EQ(1, t.left);
    /* t = 1 1/2 1/2 0, e = 1/2 each: common = 3/2 of 2 and 2. */
    CHECK_EQ(750000, a.precision);
    CHECK_EQ(750000, a.recall);
    CHECK_EQ(19, c.total);
    CHECK_EQ(14, c.by_truth);
    CHECK(c.by_verdict == 9 || c.by_verdict == 8); /* 9.5, each sum rounded down */
}

int main(void)
{
    const u32 zero[3] = {0};

    host_case("scores.by_hand");
    by_hand();

    host_case("scores.empty");
    CHECK_EQ(0, score_sets(zero, cut_top(zero, 3, 2), zero, cut_top(zero, 3, 2), 3).precision);
    CHECK_EQ(0, score_sets(zero, cut_top(zero, 3, 2), zero, cut_top(zero, 3, 2), 3).recall);
    CHECK_EQ(0, score_sets(zero, cut_top(zero, 0, 2), zero, cut_top(zero, 0, 2), 0).recall);
    CHECK_EQ(0, score_caught(zero, cut_top(zero, 3, 2), zero, cut_nonzero(zero, 3), 3).total);

    host_case("scores.many_ranks");
    many_ranks();

    host_case("scores.millionths");
    CHECK_EQ(0, millionths(5, 0));
    CHECK_EQ(333333, millionths(1, 3));
    CHECK_EQ(1000000, millionths(UINT64_MAX, UINT64_MAX));
    CHECK_EQ(499999, millionths(UINT64_MAX / 2, UINT64_MAX));
    for (u64 seed = 1; seed <= 2000; seed++) {
        host_seed(seed);
        u64 whole = host_random() >> host_below(60), part = whole ? host_random() % whole : 0;
        near(whole ? (double)part / (double)whole : 0, millionths(part, whole), "millionths");
    }

    for (int kind = 0; kind < 3; kind++) {
        host_case(kind == 0 ? "scores.random_ties" : kind == 1 ? "scores.random_large" : "scores.random_bytes");
        for (u64 seed = 1; seed <= 300; seed++) {
            host_seed(seed);
            random_arrays(kind);
        }
    }
    return host_done();
}
