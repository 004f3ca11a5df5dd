#include "score/scores.h"

/* Weights are in units of 1/WEIGHT_ONE, cut: a sum over g tied pages with r places is short by less than g / (r x
 * WEIGHT_ONE). */
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

struct cut cut_at_least(const u32 *values, u32 n, u32 rate)
{
    struct cut cut = {.value = rate ? rate - 1 : UINT32_MAX};

    for (u32 i = 0; i < n; i++)
        cut.above += values[i] > cut.value;
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

/* Sums of weights, in WEIGHT_ONE. */
struct sums {
    u64 common, truth, estimate;
};

static struct sums sum_weights(const u32 *truth, struct cut t, const u32 *estimate, struct cut e, u32 n)
{
    u64 count[NR_MEMBERSHIPS][NR_MEMBERSHIPS] = {0}, wt[NR_MEMBERSHIPS], we[NR_MEMBERSHIPS];
    struct sums sums = {0};

    for (u32 i = 0; i < n; i++)
        count[member(truth[i], &t)][member(estimate[i], &e)]++;
    weights(&t, wt);
    weights(&e, we);
    for (int a = 0; a < NR_MEMBERSHIPS; a++) {
        for (int b = 0; b < NR_MEMBERSHIPS; b++) {
            sums.common += count[a][b] * MIN(wt[a], we[b]);
            sums.truth += count[a][b] * wt[a];
            sums.estimate += count[a][b] * we[b];
        }
    }
    return sums;
}

struct agreement score_sets(const u32 *truth, struct cut t, const u32 *estimate, struct cut e, u32 n)
{
    struct sums s = sum_weights(truth, t, estimate, e, n);

    return (struct agreement){.precision = millionths(s.common, s.estimate), .recall = millionths(s.common, s.truth)};
}

static u32 whole(u64 weight)
{
    return (u32)((weight + WEIGHT_ONE / 2) / WEIGHT_ONE);
}

struct overlap score_overlap(const u32 *truth, struct cut t, const u32 *estimate, struct cut e, u32 n)
{
    struct sums s = sum_weights(truth, t, estimate, e, n);

    return (struct overlap){.truth = whole(s.truth), .estimate = whole(s.estimate), .common = whole(s.common)};
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

/* Sorts by the bits of `mask`, ascending and stable; returns how many pairs stood in the wrong order. `spare` is as
 * large as `list`. */
static u64 merge_sort(u64 *list, u64 *spare, u32 n, u64 mask)
{
    u64 exchanges = 0;

    for (u32 width = 1; width < n; width *= 2) {
        for (u32 start = 0; start < n; start += 2 * width) {
            u32 a = start, middle = MIN(start + width, n), b = middle, end = MIN(middle + width, n), to = start;
            while (a < middle && b < end) {
                if ((list[b] & mask) < (list[a] & mask)) {
                    exchanges += middle - a;
                    spare[to++] = list[b++];
                } else {
                    spare[to++] = list[a++];
                }
            }
            while (a < middle)
                spare[to++] = list[a++];
            while (b < end)
                spare[to++] = list[b++];
        }
        for (u32 i = 0; i < n; i++)
            list[i] = spare[i];
    }
    return exchanges;
}

/*
 * numerator / sqrt(a x b) in millionths, cut: the largest t with t^2 a b <= (numerator x 10^6)^2. No root and no
 * division, so 128 bits are enough once the three are below 2^43 (t^2 below 2^40). Never above 1, by Cauchy and
 * Schwarz.
 */
static s64 cosine(s64 numerator, u64 a, u64 b)
{
    u64 size = numerator < 0 ? -(u64)numerator : (u64)numerator;
    unsigned __int128 square;
    u32 t = 0;

    while (MAX(MAX(a, b), size) >> 43) {
        a >>= 1;
        b >>= 1;
        size >>= 1;
    }
    square = (unsigned __int128)size * size * 1000000 * 1000000;
    for (u32 bit = 1u << 19; bit; bit >>= 1) {
        u64 next = (u64)(t | bit) * (t | bit);
        if ((t | bit) <= 1000000 && (unsigned __int128)a * b * next <= square)
            t |= bit;
    }
    return numerator < 0 ? -(s64)t : (s64)t;
}

static u64 pairs(u64 n)
{
    return n * (n - 1) / 2;
}

/* The first one behind `i` that differs from it in the bits of `mask`. */
static u32 group_end(const u64 *list, u32 i, u32 n, u64 mask)
{
    u32 end = i + 1;

    while (end < n && (list[end] & mask) == (list[i] & mask))
        end++;
    return end;
}

/*
 * Knight's method (JASA 61, 1966): sorted by (truth, estimate), the exchanges that sorting by the estimate then takes
 * are the pairs out of order. Ranks are doubled and counted from the middle, so that mid-ranks are whole numbers and
 * their sum is 0.
 */
struct rank_correlation score_ranks(const u32 *truth, const u32 *estimate, u32 n, u64 *work)
{
    const u64 low = UINT32_MAX, high = low << 32;
    u64 *list = work, *spare = work + n;
    u64 ties_t = 0, ties_e = 0, ties_both = 0, discordant, var_t = 0, var_e = 0, all;
    s64 cov = 0;
    u32 m = 0;

    for (u32 i = 0; i < n; i++)
        if (truth[i] || estimate[i])
            list[m++] = (u64)truth[i] << 32 | estimate[i];
    if (m < 2)
        return (struct rank_correlation){0};
    merge_sort(list, spare, m, high | low);
    for (u32 i = 0, end; i < m; i = end) {
        end = group_end(list, i, m, high | low);
        ties_both += pairs(end - i);
    }
    for (u32 i = 0, end; i < m; i = end) {
        s64 rank;
        end = group_end(list, i, m, high);
        rank = (s64)i + end - m;
        ties_t += pairs(end - i);
        var_t += (u64)(rank * rank) * (end - i);
        for (u32 j = i; j < end; j++)
            list[j] = (u64)(i + end) << 32 |
                      (list[j] & low); /* the rank, still doubled and from the left, in place of the count */
    }
    discordant = merge_sort(list, spare, m, low);
    for (u32 i = 0, end; i < m; i = end) {
        s64 rank;
        end = group_end(list, i, m, low);
        rank = (s64)i + end - m;
        ties_e += pairs(end - i);
        var_e += (u64)(rank * rank) * (end - i);
        for (u32 j = i; j < end; j++)
            cov += rank * ((s64)(list[j] >> 32) - m);
    }
    all = pairs(m);
    if (ties_t == all || ties_e == all)
        return (struct rank_correlation){0};
    /* Pairs in order less pairs out of order: all - ties_t - ties_e + ties_both are tied on neither side. */
    return (struct rank_correlation){
        .defined = true,
        .tau = cosine((s64)(all - ties_t - ties_e + ties_both) - 2 * (s64)discordant, all - ties_t, all - ties_e),
        .rho = cosine(cov, var_t, var_e)};
}
