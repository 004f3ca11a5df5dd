/*
 * Loaded latencies of both tiers as Colloid smooths them: loads, and the sum of their latencies, forget a sixteenth in each pass of
 * 10 ms of the machine, and their quotient is never less than the idle latency.
 */
#pragma once

#include "mm/classify/bisect.h"
#include "mm/classify/loaded.h"

#define SMOOTHED_PASS_PS 234375000ull /* 10 ms, times 24/1024 */

struct smoothed {
    struct loaded loaded;
    u64 rate[NR_TIERS], waiting_ps[NR_TIERS]; /* in a pass: 1024 times the loads, and their latency */
};

/* A value that came to `sum` in so many passes. */
static inline void smooth(u64 *value, u64 sum, u64 passes)
{
    for (u64 i = MIN(passes, 100); i; i--)
        *value = (u64)((s64)*value + ((s64)(sum / passes) - (s64)*value) / 16);
}

/* Reads the counters, this long after the last time. Returns the fast tier's share of the loads, in 1/BISECT_ONE. */
static inline u32 smoothed_read(struct smoothed *s, u64 elapsed_ps, u64 latency_ps[NR_TIERS], u64 *loads)
{
    u64 passes = MAX(elapsed_ps / SMOOTHED_PASS_PS, 1);

    loaded_read(&s->loaded);
    *loads = s->loaded.loads[TIER_FAST] + s->loaded.loads[TIER_SLOW];
    for (unsigned tier = 0; tier < NR_TIERS; tier++) {
        smooth(&s->rate[tier], s->loaded.loads[tier] << 10, passes);
        smooth(&s->waiting_ps[tier], s->loaded.loads[tier] * s->loaded.latency_ps[tier], passes);
        latency_ps[tier] = MAX((s->waiting_ps[tier] << 10) / MAX(s->rate[tier], 1), model_header()->tier[tier].read_ps);
    }
    return (u32)(s->rate[TIER_FAST] * BISECT_ONE / MAX(s->rate[TIER_FAST] + s->rate[TIER_SLOW], 1));
}
