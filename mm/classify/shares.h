/* What share of the samples a page has, and which pages still fit into a share of all loads that is to change tiers. */
#pragma once

#include "mm/parts.h"

enum { SHARES_COOL = 1 << 15 }; /* samples at which all are halved */

struct shares {
    u32 *counts; /* samples by page */
    u64 total, fits; /* of all pages; of these, that may still move */
    u32 pages; /* that may still move */
};

static inline void shares_count(struct shares *s, u32 nr_pages, const struct observation *list, u32 count)
{
    for (u32 i = 0; i < count; i++) {
        s->counts[list[i].page] += list[i].weight;
        s->total += list[i].weight;
    }
    if (s->total < SHARES_COOL)
        return;
    for (u32 page = 0; page < nr_pages; page++)
        s->counts[page] /= 2;
    s->total /= 2;
}

static inline bool shares_fit(const struct shares *s, u32 page)
{
    return s->pages && s->counts[page] <= s->fits;
}

static inline void shares_spend(struct shares *s, u32 page)
{
    s->fits -= s->counts[page];
    s->pages--;
}
