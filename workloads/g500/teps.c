#include "workloads/g500/teps.h"

#define PS_PER_SECOND 1e12

static double square_root(double x)
{
    double root;

    __asm__("sqrtsd %1, %0" : "=x"(root) : "x"(x));
    return root;
}

/* Shell's sort (gaps 3 n + 1): in place, no recursion, thousands of entries at most. */
static void sort(double *x, u32 nr)
{
    u32 gap = 1;

    while (gap < nr / 3)
        gap = 3 * gap + 1;
    for (; gap; gap /= 3) {
        for (u32 i = gap; i < nr; i++) {
            double moving = x[i];
            u32 j = i;
            for (; j >= gap && x[j - gap] > moving; j -= gap)
                x[j] = x[j - gap];
            x[j] = moving;
        }
    }
}

static u64 rate(double ps_per_edge)
{
    return (u64)(PS_PER_SECOND / ps_per_edge);
}

struct g500_teps g500_sum_up(double *x, u32 nr)
{
    double mean = 0, squares = 0;
    u32 last = nr - 1;
    struct g500_teps teps;

    sort(x, nr);
    for (u32 i = 0; i < nr; i++)
        mean += x[i];
    mean /= nr;
    for (u32 i = 0; i < nr; i++)
        squares += (x[i] - mean) * (x[i] - mean);
    /* Quartiles of the time an edge, so the order turns around. */
    teps = (struct g500_teps){.min = rate(x[last]),
                              .first_quartile = rate((x[last - last / 4] + x[last - nr / 4]) / 2),
                              .median = rate((x[last / 2] + x[nr / 2]) / 2),
                              .third_quartile = rate((x[last / 4] + x[nr / 4]) / 2),
                              .max = rate(x[0]),
                              .harmonic_mean = rate(mean)};
    if (nr > 1) /* sqrt(squares / (n - 1)) / (mean^2 sqrt(n - 1)) */
        teps.harmonic_stddev = (u64)(PS_PER_SECOND * square_root(squares) / (mean * mean * last));
    return teps;
}
