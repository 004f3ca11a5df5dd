/*
 * How long operations took: a log-linear histogram, as HdrHistogram's. Below 128 a bucket is one value wide; above,
 * every doubling has 128 buckets of equal width. So a percentile, which is the upper end of its bucket, is at least the
 * exact one and less than 1/128 (0.8 %) above it. Values from 2^48 on share the last bucket, where the bound does not
 * hold (in picoseconds: 281 s). Percentiles are by nearest rank.
 */
#pragma once

#include "kernel/types.h"

#define LATENCY_SUB_BITS 7
#define LATENCY_MAX_BITS 48
#define LATENCY_BUCKETS  ((LATENCY_MAX_BITS - LATENCY_SUB_BITS + 1) << LATENCY_SUB_BITS)

struct latency {
    u64 count, sum, max; /* exact */
    u64 buckets[LATENCY_BUCKETS];
};

/* Forgets all values; all zero is an empty histogram, too. */
void latency_reset(struct latency *latency);

/* Adds a value, in any unit. */
void latency_add(struct latency *latency, u64 value);

/*
 * A value that at least `permyriad` of 10000 values do not exceed, see above; 5000 is the median. Never above the
 * largest value; 0 without values.
 */
u64 latency_percentile(const struct latency *latency, u32 permyriad);
