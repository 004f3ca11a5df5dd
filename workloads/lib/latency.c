#include "workloads/lib/latency.h"
#include "lib/string.h"

#define SUB ((u64)1 << LATENCY_SUB_BITS)

/* A value of b bits above LATENCY_SUB_BITS keeps its first LATENCY_SUB_BITS + 1 bits; the rest is the bucket's width.
 */
static u32 bucket_of(u64 value)
{
    unsigned shift;

    if (value >> LATENCY_MAX_BITS)
        return LATENCY_BUCKETS - 1;
    if (value < SUB)
        return (u32)value;
    shift = 63 - (unsigned)__builtin_clzll(value) - LATENCY_SUB_BITS;
    return (u32)((shift << LATENCY_SUB_BITS) + (value >> shift));
}

static u64 bucket_end(u32 bucket)
{
    u32 shift = bucket >> LATENCY_SUB_BITS;

    if (!shift)
        return bucket;
    shift--;
    return (((bucket & (SUB - 1)) + SUB + 1) << shift) - 1;
}

void latency_reset(struct latency *latency)
{
    memset(latency, 0, sizeof(*latency));
}

void latency_add(struct latency *latency, u64 value)
{
    latency->count++;
    latency->sum += value;
    latency->max = MAX(latency->max, value);
    latency->buckets[bucket_of(value)]++;
}

u64 latency_percentile(const struct latency *latency, u32 permyriad)
{
    /* Rank, rounded up: count x permyriad / 10000 without overflow. */
    u64 rank = latency->count / 10000 * permyriad + (latency->count % 10000 * permyriad + 9999) / 10000, seen = 0;

    for (u32 i = 0; i < LATENCY_BUCKETS - 1; i++) {
        seen += latency->buckets[i];
        if (seen && seen >= rank)
            return MIN(bucket_end(i), latency->max);
    }
    return latency->max;
}
