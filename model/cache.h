/*
 * One set-associative cache, exact LRU, tagged by physical line number.
 *
 * A set is a row of line numbers in order of use, most recent first, with the dirty bit in the top bit. An empty place
 * holds LINE_NONE and always stands behind the full ones. Rows are short (16 at most) and are compared four at a time.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define LINE_DIRTY     0x80000000u
#define LINE_NUMBER    0x7fffffffu /* 31 bits of 64-byte lines: 128 GiB */
#define LINE_NONE      0x7fffffffu
#define CACHE_MAX_WAYS 16

struct cache {
    uint32_t *rows;
    uint32_t set_mask;
    uint32_t ways; /* a multiple of 4 */
    bool used;     /* something was filled since the last clear */
};

/* Allocates `bytes` in `ways`; the number of sets must be a power of two. 0, or -1 without memory. */
int cache_init(struct cache *cache, uint64_t bytes, uint32_t ways);

/* Empties it; dirty lines are forgotten. */
void cache_clear(struct cache *cache);

void cache_free(struct cache *cache);

static inline uint32_t *cache_row(const struct cache *cache, uint32_t line)
{
    return cache->rows + (uint64_t)(line & cache->set_mask) * cache->ways;
}

/* Called with a constant where the number of ways is a usual one, so that the loop disappears. */
static inline __attribute__((always_inline)) int row_find(const uint32_t *row, uint32_t ways, uint32_t line)
{
#ifdef __SSE2__
    const __m128i want = _mm_set1_epi32((int)line), number = _mm_set1_epi32((int)LINE_NUMBER);
    uint32_t found = 0;

    for (uint32_t way = 0; way < ways; way += 4) {
        __m128i four = _mm_and_si128(_mm_load_si128((const __m128i *)(row + way)), number);
        found |= (uint32_t)_mm_movemask_ps(_mm_castsi128_ps(_mm_cmpeq_epi32(four, want))) << way;
    }
    return found ? __builtin_ctz(found) : -1;
#else
    for (uint32_t way = 0; way < ways; way++) {
        if ((row[way] & LINE_NUMBER) == line) {
            return (int)way;
        }
    }
    return -1;
#endif
}

/* The way that holds `line`, or -1. */
static inline int cache_find(const struct cache *cache, const uint32_t *row, uint32_t line)
{
    switch (cache->ways) {
    case 8:
        return row_find(row, 8, line);
    case 16:
        return row_find(row, 16, line);
    }
    return row_find(row, cache->ways, line);
}

/* Moves the line in `way` to the front and marks it dirty if `dirty` is LINE_DIRTY (0 leaves it). */
static inline void cache_touch(uint32_t *row, int way, uint32_t dirty)
{
    uint32_t line = row[way] | dirty;

#ifdef __SSE2__
    /* Four at a time, from those among which it stood: of these the ones up to it move on by a place. (Of a loop the
     * compiler makes a call of memmove.) */
    const __m128i order = _mm_setr_epi32(0, 1, 2, 3), first = _mm_cvtsi32_si128((int)line);
    __m128i moved = _mm_cmpgt_epi32(_mm_set1_epi32((way & 3) + 1), order);

    for (uint32_t *four = row + (way & ~3);; four -= 4) {
        __m128i old = _mm_load_si128((const __m128i *)four);
        __m128i left = four == row ? _mm_or_si128(_mm_slli_si128(old, 4), first)
                                   : _mm_loadu_si128((const __m128i *)(four - 1));
        _mm_store_si128((__m128i *)four, _mm_or_si128(_mm_and_si128(moved, left), _mm_andnot_si128(moved, old)));
        if (four == row) {
            return;
        }
        moved = _mm_cmpeq_epi32(order, order);
    }
#else
    for (; way > 0; way--) {
        row[way] = row[way - 1];
    }
    row[0] = line;
#endif
}

static inline __attribute__((always_inline)) uint32_t row_insert(uint32_t *row, uint32_t ways, uint32_t line)
{
    uint32_t victim = row[ways - 1];

#ifdef __SSE2__
    for (uint32_t way = ways - 4; way > 0; way -= 4) {
        _mm_store_si128((__m128i *)(row + way), _mm_loadu_si128((const __m128i *)(row + way - 1)));
    }
    __m128i first = _mm_slli_si128(_mm_load_si128((const __m128i *)row), 4);
    _mm_store_si128((__m128i *)row, _mm_or_si128(first, _mm_cvtsi32_si128((int)line)));
#else
    for (uint32_t way = ways - 1; way > 0; way--) {
        row[way] = row[way - 1];
    }
    row[0] = line;
#endif
    return victim;
}

/* Puts `line` (with its dirty bit) in front and returns what fell out at the back, LINE_NONE if a place was free. */
static inline uint32_t cache_insert(const struct cache *cache, uint32_t *row, uint32_t line)
{
    switch (cache->ways) {
    case 8:
        return row_insert(row, 8, line);
    case 16:
        return row_insert(row, 16, line);
    }
    return row_insert(row, cache->ways, line);
}

/* Takes the line in `way` out and returns it with its dirty bit. */
static inline uint32_t cache_remove(const struct cache *cache, uint32_t *row, int way)
{
    uint32_t line = row[way];

    for (; (uint32_t)way < cache->ways - 1; way++) {
        row[way] = row[way + 1];
    }
    row[cache->ways - 1] = LINE_NONE;
    return line;
}
