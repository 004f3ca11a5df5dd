/*
 * A counting Bloom filter as HybridTier has two of (tiering_runtime/frequency_sketch_block.hpp of
 * github.com/kevins981/hybridtier-asplos25-artifact): 4 counters of 4 bits a page, all within one line of 64 bytes, so that a page
 * costs one cache miss; what is told of a page is the smallest of them, and is never too little.
 *
 *      an access:  each of the page's counters + 1, at most 15
 *      every `period` accesses, the first time after twice as many:  all counters are halved
 */
#pragma once

#include "lib/string.h"
#include "mm/memory.h"

enum { SKETCH_HASHES = 4, SKETCH_LINE = 64, SKETCH_COUNTERS = 128 /* a line */, SKETCH_MOST = 15 };

struct sketch {
    u8 *counters;   /* two a byte */
    u32 lines;      /* a power of two */
    u64 period, left; /* accesses between two halvings, and until the next */
};

/* Empties it; at least so many counters, rounded up to a power of two. Allocates once, for the first size asked for. */
static inline void sketch_start(struct sketch *s, u64 counters, u64 period)
{
    if (!s->counters) {
        for (s->lines = 1; (u64)s->lines * SKETCH_COUNTERS < counters;)
            s->lines *= 2;
        s->counters = kmem_alloc((size_t)s->lines * SKETCH_LINE);
    }
    memset(s->counters, 0, (size_t)s->lines * SKETCH_LINE);
    s->period = MAX(period, 1);
    s->left = 2 * s->period;
}

/* The page's line, and in the low 28 bits of *hash which of its counters. */
static inline u8 *sketch_line(const struct sketch *s, u32 page, u64 *hash)
{
    *hash = (page + 1ull) * 0x9e3779b97f4a7c15ull; /* Fibonacci hashing: the high bits are the good ones */
    *hash = (*hash ^ *hash >> 32) * 0xd6e8feb86659fd93ull;
    *hash ^= *hash >> 32;
    return s->counters + (size_t)(*hash >> 32 & (s->lines - 1)) * SKETCH_LINE;
}

static inline u32 sketch_value(const struct sketch *s, u32 page)
{
    u64 hash;
    const u8 *line = sketch_line(s, page, &hash);
    u32 value = SKETCH_MOST;

    for (u32 i = 0; i < SKETCH_HASHES; i++, hash >>= 7)
        value = MIN(value, (u32)line[hash % SKETCH_COUNTERS / 2] >> hash % 2 * 4 & SKETCH_MOST);
    return value;
}

static inline void sketch_halve(struct sketch *s)
{
    u64 *words = (u64 *)s->counters;

    for (u32 i = 0; i < s->lines * (SKETCH_LINE / 8); i++)
        words[i] = words[i] >> 1 & 0x7777777777777777ull;
    s->left = s->period;
}

static inline void sketch_add(struct sketch *s, u32 page)
{
    u64 hash;
    u8 *line = sketch_line(s, page, &hash);
    u32 seen[SKETCH_HASHES];

    for (u32 i = 0; i < SKETCH_HASHES; i++, hash >>= 7) {
        bool again = false;
        u32 shift = hash % 2 * 4;
        u8 *byte = &line[hash % SKETCH_COUNTERS / 2];
        seen[i] = hash % SKETCH_COUNTERS;
        for (u32 k = 0; k < i; k++)
            again |= seen[k] == seen[i];
        if (!again && (*byte >> shift & SKETCH_MOST) < SKETCH_MOST)
            *byte = (u8)(*byte + (1u << shift));
    }
    if (!--s->left)
        sketch_halve(s);
}
