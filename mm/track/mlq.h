/*
 * The rule of vTMM's multi-level queue: after which windows a page's accessed bit is cleared, and after which it is
 * left as it is.
 *
 * A page has a level L (0 to 7) and the window c in which its level last changed; due = c + w(L), w = 0 at level 0,
 * else 2^(L-1). It is asked only when the bit is set, in window t:
 *
 *      first sight     level 0, c = t                              clear
 *      t = due         it was left alone for long enough           clear
 *      t < due         do not disturb                              leave
 *      t = due + 1     accessed again at once: level + 1, c = t    leave
 *      t > due + 1     it had paused: level - 1, c = t             clear if the level is now 0, else leave
 */
#pragma once

#include "kernel/types.h"

#define MLQ_LEVELS      8
#define MLQ_MAX_WINDOWS 4000 /* the packed time must hold them */

/* A page's place, packed: level (3 bits), whether its bit was left set (1), c + 1 (12). 0: not seen yet. */
typedef u16 mlq_place_t;
#define MLQ_LEFT       8u
#define MLQ_TIME_SHIFT 4

/* Whether the page's bit stood since an earlier window: then its being set now says nothing about this one. */
static inline bool mlq_left(mlq_place_t place)
{
    return place & MLQ_LEFT;
}

/* The bit was seen set in `window` (from 0): the new place; mlq_left() of it says that the bit is to be left. */
static inline mlq_place_t mlq_sight(mlq_place_t place, u32 window)
{
    u32 level = place & (MLQ_LEVELS - 1), now = window + 1, changed = (u32)place >> MLQ_TIME_SHIFT,
        due = changed + (1u << level >> 1);

    if (!place || (now > due + 1 && level <= 1))
        return (mlq_place_t)(now << MLQ_TIME_SHIFT);
    if (now < due)
        return place | MLQ_LEFT;
    if (now == due)
        return place & (mlq_place_t)~MLQ_LEFT;
    if (now > due + 1)
        level--;
    else if (level < MLQ_LEVELS - 1)
        level++;
    return (mlq_place_t)(now << MLQ_TIME_SHIFT | MLQ_LEFT | level);
}

/* The tracker's state in a space. */
struct mlq {
    mlq_place_t *places; /* by page */
    volatile u8 *walked; /* null without the model */
    u32 next_page, window;
    bool queueing;
    /* Windows that pages were credited for; those of them that prove an access, since the bit had been clear before; bits
     * that the queue had cleared. */
    u64 mlq_credited, mlq_seen, mlq_cleared;
};
