/* DAMON's score of a region (mm/damon/ops-common.c, damon_hot_score()), and pages in the order of their scores. */
#pragma once

#include "kernel/types.h"

#define SCORES     100
#define AGE_IN_LOG 32 /* DAMON_MAX_AGE_IN_LOG */

/* 0 to 99, of a frequency among those up to `highest`, seen for so many turns: equal weights, size left out. */
static inline u32 hotness(u32 frequency, u32 highest, u32 age)
{
    u32 by_frequency = MIN(frequency * 100 / highest, 100), log = 0;

    for (; log < AGE_IN_LOG && age; age >>= 1)
        log++;
    log = by_frequency ? AGE_IN_LOG + log : AGE_IN_LOG - log;
    return MIN((by_frequency + log * 100 / AGE_IN_LOG / 2) / 2, SCORES - 1);
}

/* Makes numbers of pages by score into places in a ranking, the highest score first; returns how many pages those are. */
static inline u32 place_scores(u32 *at)
{
    u32 placed = 0;

    for (u32 score = SCORES; score--;) {
        u32 pages = at[score];
        at[score] = placed;
        placed += pages;
    }
    return placed;
}
