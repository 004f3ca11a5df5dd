/* Second chances: a few pages that are asked again after a while, in the order in which they came. */
#pragma once

#include "kernel/types.h"

enum { MAX_CHANCES = 10 }; /* HybridTier's 10,000, times 1/1024 */

struct chance {
    u32 page, frequency; /* as it was then */
    u64 due_ps;
};

struct chances {
    struct chance first[MAX_CHANCES];
    u32 nr, head;
    u64 given;
};

/* False when none is free. */
static inline bool chances_give(struct chances *c, u32 page, u32 frequency, u64 due_ps)
{
    if (c->nr == MAX_CHANCES)
        return false;
    c->first[(c->head + c->nr++) % MAX_CHANCES] = (struct chance){page, frequency, due_ps};
    c->given++;
    return true;
}

/* The oldest, if its time has come: taken out; null otherwise. Valid until the next call. */
static inline const struct chance *chances_due(struct chances *c, u64 now_ps)
{
    const struct chance *oldest = &c->first[c->head];

    if (!c->nr || oldest->due_ps > now_ps)
        return NULL;
    c->head = (c->head + 1) % MAX_CHANCES;
    c->nr--;
    return oldest;
}
