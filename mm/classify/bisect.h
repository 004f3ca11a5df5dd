/*
 * Colloid's search for the share of loads that the fast tier should serve so that both tiers' loaded latencies are equal
 * (Vuppalapati and Agarwal, SOSP'24; github.com/host-architecture/colloid).
 *
 *      latencies within 5 %:  nothing moves
 *      fast tier quicker:  low = p, and if high <= low, high = 1;   slower:  high = p, and if low >= high, low = 0
 *      high - low < 1 %:  the side that is pushed against is opened again: the equilibrium has moved
 *      so much of all loads is to change tiers:  |(low + high) / 2 - p|,  towards the quicker tier
 */
#pragma once

#include "kernel/types.h"

#define BISECT_ONE 65536u

struct bisect {
    u32 low, high; /* in 1/BISECT_ONE; begins with 0 and BISECT_ONE */
};

/* The share to be moved: towards the fast tier if positive. `share`: of the loads, what the fast tier serves now. */
static inline s32 bisect_look(struct bisect *b, u32 share, u64 fast_ps, u64 slow_ps)
{
    bool up = fast_ps < slow_ps;

    if ((up ? slow_ps - fast_ps : fast_ps - slow_ps) * 20 < fast_ps)
        return 0;
    if (up) {
        b->low = share;
        if (b->high <= b->low)
            b->high = BISECT_ONE;
    } else {
        b->high = share;
        if (b->low >= b->high)
            b->low = 0;
    }
    if (b->high - b->low < BISECT_ONE / 100)
        *(up ? &b->high : &b->low) = up ? BISECT_ONE : 0;
    s32 step = (s32)((b->low + b->high) / 2) - (s32)share;
    return up ? MAX(step, -step) : MIN(step, -step);
}
