#include "lab/scores.h"

/* Weights are in units of 1/WEIGHT_ONE, cut: a sum over g tied pages with r places is short by less than g / (r x WEIGHT_ONE). */
#define WEIGHT_ONE 1000000000ull

enum membership { OUTSIDE, TIED, INSIDE, NR_MEMBERSHIPS };

u32 millionths(u64 numerator, u64 denominator)
{
    /* Shift both until the product fits: ratios here are at most 1, and the loss is below a millionth. */
    while (numerator > UINT64_MAX / 1000000) {
        numerator >>= 1;
        denominator >>= 1;
    }
    return denominator ? (u32)(numerator * 1000000 / denominator) : 0;
}

/* Radix selection from the highest byte down: after four passes the k-th largest value is known to the bit. */
struct cut cut_top(const u32 *values, u32 n, u32 k)
{
    u32 prefix = 0, left = k, above = 0, equal = n;

    if (!k || !n)
        return (struct cut){.value = UINT32_MAX};
    if (k > n)
        left = n;
    for (int shift = 24; shift >= 0; shift -= 8) {
        u32 count[256] = {0};
        u32 mask = shift == 24 ? 0 : ~0u << (shift + 8);
        u32 byte = 255;

        for (u32 i = 0; i < n; i++)
            if ((values[i] & mask) == prefix)
                count[values[i] >> shift & 255]++;
        while (count[byte] < left) {
            left -= count[byte];
            above += count[byte];
            byte--;
        }
        prefix |= byte << shift;
        equal = count[byte];
    }
    return (struct cut){.value = prefix, .above = above, .equal = prefix ? equal : 0, .left = prefix ? left : 0};
}

struct cut cut_nonzero(const u32 *values, u32 n)
{
    struct cut cut = {0};

    for (u32 i = 0; i < n; i++)
        cut.above += values[i] > 0;
    return cut;
}

static inline enum membership member(u32 value, const struct cut *cut)
{
    return value > cut->value ? INSIDE : value == cut->value && value ? TIED : OUTSIDE;
}

static void weights(const struct cut *cut, u64 weight[NR_MEMBERSHIPS])
{
    weight[OUTSIDE] = 0;
    weight[TIED] = cut->equal ? cut->left * WEIGHT_ONE / cut->equal : 0;
    weight[INSIDE] = WEIGHT_ONE;
}

struct agreement score_sets(const u32 *truth, struct cut t, const u32 *estimate, struct cut e, u32 n)
{
    u64 count[NR_MEMBERSHIPS][NR_MEMBERSHIPS] = {0}, wt[NR_MEMBERSHIPS], we[NR_MEMBERSHIPS];
    u64 common = 0, sum_t = 0, sum_e = 0;

    for (u32 i = 0; i < n; i++)
        count[member(truth[i], &t)][member(estimate[i], &e)]++;
    weights(&t, wt);
    weights(&e, we);
    for (int a = 0; a < NR_MEMBERSHIPS; a++) {
        for (int b = 0; b < NR_MEMBERSHIPS; b++) {
            common += count[a][b] * MIN(wt[a], we[b]);
            sum_t += count[a][b] * wt[a];
            sum_e += count[a][b] * we[b];
        }
    }
    return (struct agreement){.precision = millionths(common, sum_e), .recall = millionths(common, sum_t)};
}

struct caught score_caught(const u32 *truth, struct cut t, const u32 *estimate, struct cut e, u32 n)
{
    u64 sum[NR_MEMBERSHIPS][NR_MEMBERSHIPS] = {0}, wt[NR_MEMBERSHIPS], we[NR_MEMBERSHIPS];
    struct caught caught = {0};

    for (u32 i = 0; i < n; i++)
        sum[member(truth[i], &t)][member(estimate[i], &e)] += truth[i];
    weights(&t, wt);
    weights(&e, we);
    for (int a = 0; a < NR_MEMBERSHIPS; a++) {
        for (int b = 0; b < NR_MEMBERSHIPS; b++) {
            u64 s = sum[a][b];
            /* s x weight: whole units and remainder apart, so that nothing overflows. */
            caught.total += s;
            caught.by_truth += s / WEIGHT_ONE * wt[a] + s % WEIGHT_ONE * wt[a] / WEIGHT_ONE;
            caught.by_verdict += s / WEIGHT_ONE * we[b] + s % WEIGHT_ONE * we[b] / WEIGHT_ONE;
        }
    }
    return caught;
}
