/*
 * What an uncore counter shows of both tiers since it was last read: demand loads that missed the last level, and how long they
 * took on average. Nothing was loaded, or there is no model: the idle latency.
 */
#pragma once

#include "kernel/model.h"

struct loaded {
    struct model_uncore before[NR_TIERS];
    u64 loads[NR_TIERS], latency_ps[NR_TIERS];
};

static inline void loaded_read(struct loaded *l)
{
    const volatile struct model_header *m = model_header();

    for (unsigned tier = 0; tier < NR_TIERS; tier++) {
        struct model_uncore now = {m->uncore[tier].loads, m->uncore[tier].latency_ps};
        if (now.loads < l->before[tier].loads) /* the counters were reset */
            l->before[tier] = (struct model_uncore){0};
        l->loads[tier] = now.loads - l->before[tier].loads;
        l->latency_ps[tier] = l->loads[tier] ? (now.latency_ps - l->before[tier].latency_ps) / l->loads[tier] : m->tier[tier].read_ps;
        l->before[tier] = now;
    }
}
