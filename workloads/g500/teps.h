/* Graph500's rates: traversed edges per second, as its reference code sums them up (src/main.c). */
#pragma once

#include "kernel/types.h"

/* In edges a second, rounded down; `harmonic_stddev` (Norris, Ann. Math. Statist. 11(4), 1940) needs two searches. */
struct g500_teps {
    u64 min, first_quartile, median, third_quartile, max, harmonic_mean, harmonic_stddev;
};

/* Of `nr` > 0 searches: search i took ps_per_edge[i] > 0. The array is sorted on return. */
struct g500_teps g500_sum_up(double *ps_per_edge, u32 nr);
