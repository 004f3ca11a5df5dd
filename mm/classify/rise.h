/*
 * Whether a level has risen: the Page-Hinkley test (Page, Biometrika 41, 1954), with the constants of ARMS (src/arms.c of
 * github.com/SujayYadalam94/tiering_solutions; another version of it has 0.1, 0.2, 0.5 and 6).
 *
 *      sum = max(0, sum + x - mean - 0.1 deviation);  risen from  sum > 3 deviations and x > least  on,
 *      until 20 looks since have left sum = 0;  then mean += 0.3 (x - mean), deviation += 0.1 (|x - mean| - deviation)
 *
 * All begins at 0, so that to begin is a rise.
 */
#pragma once

#include "kernel/types.h"

enum { RISE_CALM_LOOKS = 20 };

struct rise {
    s64 mean, deviation, sum;
    u32 calm; /* looks since the rise that left the sum at 0 */
    bool risen;
    u64 times;
};

static inline void rise_look(struct rise *r, s64 x, s64 least)
{
    s64 off = x - r->mean;

    r->sum = MAX(r->sum + off - r->deviation / 10, 0);
    r->calm += !r->sum;
    if (r->sum > 3 * r->deviation && x > least) {
        r->times += !r->risen;
        r->risen = true;
        r->calm = 0;
    } else if (r->calm >= RISE_CALM_LOOKS) {
        r->risen = false;
    }
    r->mean += off * 3 / 10;
    r->deviation += ((off < 0 ? -off : off) - r->deviation) / 10;
}
