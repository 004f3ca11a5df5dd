/*
 * Demeter's ranges (range_tree.h in patch/demeter.patch of github.com/vtta/sosp25-demeter): disjoint, in order, without gaps,
 * each with what was counted in it and the number of the split that made it.
 */
#pragma once

#include "kernel/types.h"

#define MAX_RANGES 2048 /* Demeter's */

struct range {
    u32 start, end; /* pages */
    u32 count;
    u32 born; /* the split that made it, counted from 1; 0: none */
};

struct range_list {
    struct range list[MAX_RANGES], spare[MAX_RANGES]; /* `spare` is where splitting writes to */
    u32 nr;
    u64 splits; /* so far */
};

static inline void ranges_init(struct range_list *s, u32 nr_pages)
{
    s->list[0] = (struct range){.end = nr_pages};
    s->nr = 1;
    s->splits = 0;
}

/* The range that has the page: the last that begins at or before it. */
static inline struct range *ranges_find(struct range_list *s, u32 page)
{
    u32 low = 0, high = s->nr - 1;

    while (low < high) {
        u32 middle = (low + high + 1) / 2;
        if (s->list[middle].start <= page)
            low = middle;
        else
            high = middle - 1;
    }
    return &s->list[low];
}

/* Whether a count leads a neighbour's by more than that; null: there is none. */
static inline bool range_beats(const struct range *r, const struct range *neighbour, u64 lead)
{
    return neighbour && r->count > neighbour->count + lead;
}

/*
 * Halves every count, then splits in the middle: each range of two pages or more that has at least `enough` and beats one of
 * its neighbours, as they are by then, by twice that, or has none. A half has half of the count. Returns the size of the
 * smallest range, or 0 when nothing was split.
 */
static inline u32 ranges_split(struct range_list *s, u64 enough)
{
    u32 nr = 0, smallest = UINT32_MAX, old_nr = s->nr;

    for (u32 i = 0; i < s->nr; i++)
        s->list[i].count /= 2;
    for (u32 i = 0; i < s->nr; i++) {
        struct range r = s->list[i];
        const struct range *before = nr ? &s->spare[nr - 1] : NULL, *after = i + 1 < s->nr ? &s->list[i + 1] : NULL;
        if (nr + s->nr - i < MAX_RANGES && r.end - r.start >= 2 && r.count >= enough &&
            ((!before && !after) || range_beats(&r, before, 2 * enough) || range_beats(&r, after, 2 * enough))) {
            u32 middle = r.start + (r.end - r.start) / 2;
            s->splits++;
            s->spare[nr++] = (struct range){r.start, middle, r.count / 2, (u32)s->splits};
            r = (struct range){middle, r.end, r.count / 2, (u32)s->splits};
        }
        s->spare[nr++] = r;
    }
    for (u32 i = 0; i < nr; i++) {
        s->list[i] = s->spare[i];
        smallest = MIN(smallest, s->list[i].end - s->list[i].start);
    }
    s->nr = nr;
    return nr > old_nr ? smallest : 0;
}
