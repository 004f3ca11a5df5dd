/*
 * A page's two moving averages of samples a decision, and what ARMS makes of them (src/arms.c of
 * github.com/SujayYadalam94/tiering_solutions).
 *
 *      short += 2/3 (samples - short)      a window of two decisions, 1 s
 *      long  += 2/21 (samples - long)      of twenty, 10 s
 *      score = 0.4 short + 0.6 long; where things have changed 0.731 short + 0.269 long
 *      among the first k by score: age + 1, else 0;  may come up from age 2 on, once its score has not fallen
 */
#pragma once

#include "kernel/types.h"

enum { AVERAGE_SHIFT = 8, SHORT_STEADY = 410, SHORT_CHANGED = 749, SHORT_WHOLE = 1024, AVERAGE_MAX_AGE = 1023 };

struct average {
    u32 samples;                        /* since the last decision */
    u32 brief, lasting, score, before;  /* in 1/256 sample; `before`: the score at the last decision */
    u16 age;
    bool may, live; /* live: it has samples, or had some that still count */
};

/* Rounds down, so that a page without samples is forgotten in the end; false then. */
static inline bool average_take_in(struct average *a, u32 of_short)
{
    u64 new = (u64)a->samples << AVERAGE_SHIFT;

    a->brief = (u32)((a->brief + 2 * new) / 3);
    a->lasting = (u32)((19ull * a->lasting + 2 * new) / 21);
    a->before = a->score;
    a->score = (u32)(((u64)a->brief * of_short + (u64)a->lasting * (SHORT_WHOLE - of_short)) / SHORT_WHOLE);
    a->samples = 0;
    if (!a->score)
        *a = (struct average){0};
    return a->score;
}

static inline void average_ranked(struct average *a, bool among_first)
{
    a->age = among_first ? (u16)MIN(a->age + 1, AVERAGE_MAX_AGE) : 0;
    a->may = a->age && (a->may || (a->age > 1 && a->score >= a->before));
}

/* Whether bringing the one up for the other brings more than `cost_ns`, if both stay as they are for as long again. */
static inline bool average_pays(const struct average *hot, const struct average *cold, u64 sample, u64 gap_ns, u64 cost_ns)
{
    if (hot->score <= cold->score || MIN(hot->brief, hot->lasting) < MAX(cold->brief, cold->lasting))
        return false;
    return ((u64)(hot->score - cold->score) * hot->age >> AVERAGE_SHIFT) * sample * gap_ns >= cost_ns;
}
