/*
 * MEMTIS's histogram (linux/mm/htmm_core.c of github.com/cosmoss-jigu/memtis): pages by the logarithm of their counts, and
 * the thresholds that it sets.
 *
 *      bin = floor(log2(count + 1)), at most 15
 *      cooling:  a clock advances, the histogram is empty;  a page's count is halved once for each turn when it is next
 *                looked at, and it is in the histogram from then on
 *      hot = the lowest bin, at least 1, from which on all pages fit;  the first time after cooling at most one lower
 *      warm = hot - 1 where they fill less than 3/4 of the room, else hot
 *
 * Differs: warm is never below 1, so that a page without samples is always cold; with hot = 1 nothing would be.
 */
#pragma once

#include "kernel/types.h"

#define NR_BINS 16

struct bins {
    u32 pages[NR_BINS]; /* whose clock is the present one */
    u32 hot, warm;
    u16 clock;
    bool cooled; /* since the thresholds were set */
};

/* What is known of a page. */
struct binned {
    u32 count;
    u16 clock; /* when it was halved last */
    u8 where;  /* the classifier's */
};

static inline unsigned bin_of(u32 count)
{
    return MIN(31 - (unsigned)__builtin_clz(count + 1), NR_BINS - 1u);
}

/* Halves the page's count as often as it is due, adds to it, and keeps the histogram right. */
static inline void bins_count(struct bins *b, struct binned *page, u64 more)
{
    u32 count = page->count >> MIN((u16)(b->clock - page->clock), 31);

    b->pages[bin_of(page->count)] -= page->clock == b->clock;
    page->count = (u32)MIN(count + more, INT32_MAX);
    page->clock = b->clock;
    b->pages[bin_of(page->count)]++;
}

static inline void bins_cool(struct bins *b)
{
    *b = (struct bins){.hot = b->hot, .warm = b->warm, .clock = (u16)(b->clock + 1), .cooled = true};
}

/* Sets the thresholds for so many pages of room; whether they have changed. */
static inline bool bins_adapt(struct bins *b, u32 room)
{
    u32 fit = 0, hot = NR_BINS, old_hot = b->hot, old_warm = b->warm;

    while (hot > 1 && fit + b->pages[hot - 1] <= room)
        fit += b->pages[--hot];
    hot = MIN(hot, NR_BINS - 1u);
    if (b->cooled && hot + 1 < old_hot)
        hot = old_hot - 1;
    b->cooled = false;
    b->hot = hot;
    b->warm = fit < room / 4 * 3 ? MAX(hot - 1, 1) : hot;
    return b->hot != old_hot || b->warm != old_warm;
}
