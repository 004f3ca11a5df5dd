/*
 * The stream prefetcher: 16 streams within 4 KiB of physical memory, up or down.
 *
 * A miss that continues no stream opens one, in both directions; a miss on the next line, either side, is the second
 * consecutive one, settles the direction, and it and its followers have been fetched ahead. A stream stops at the end
 * of its 4 KiB. A new stream replaces the first one, clockwise, that was not continued since the hand last passed.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#define NR_STREAMS  16
#define STREAM_NONE UINT32_MAX

struct prefetch {
    _Alignas(16) uint32_t up[NR_STREAMS]; /* the line that would continue the stream upwards; STREAM_NONE: none */
    _Alignas(16) uint32_t down[NR_STREAMS];
    uint64_t start_ps[NR_STREAMS]; /* when it was opened: nothing was fetched ahead before */
    uint8_t continued[NR_STREAMS];
    uint32_t hand;
};

static inline void prefetch_clear(struct prefetch *prefetch)
{
    for (int i = 0; i < NR_STREAMS; i++) {
        prefetch->up[i] = prefetch->down[i] = STREAM_NONE;
        prefetch->start_ps[i] = 0;
        prefetch->continued[i] = 0;
    }
    prefetch->hand = 0;
}

static inline uint32_t stream_next_up(uint32_t line)
{
    return (line & 63) == 63 ? STREAM_NONE : line + 1;
}

static inline uint32_t stream_next_down(uint32_t line)
{
    return (line & 63) == 0 ? STREAM_NONE : line - 1;
}

/* Notes a miss at `now_ps`. True when a stream had fetched the line ahead; *start_ps is then when that stream began. */
static inline bool prefetch_miss(struct prefetch *prefetch, uint32_t line, uint64_t now_ps, uint64_t *start_ps)
{
    uint32_t up = 0, down = 0;

#ifdef __SSE2__
    const __m128i want = _mm_set1_epi32((int)line);
    for (int i = 0; i < NR_STREAMS; i += 4) {
        __m128i u = _mm_cmpeq_epi32(_mm_load_si128((const __m128i *)(prefetch->up + i)), want);
        __m128i d = _mm_cmpeq_epi32(_mm_load_si128((const __m128i *)(prefetch->down + i)), want);
        up |= (uint32_t)_mm_movemask_ps(_mm_castsi128_ps(u)) << i;
        down |= (uint32_t)_mm_movemask_ps(_mm_castsi128_ps(d)) << i;
    }
#else
    for (int i = 0; i < NR_STREAMS; i++) {
        up |= (uint32_t)(prefetch->up[i] == line) << i;
        down |= (uint32_t)(prefetch->down[i] == line) << i;
    }
#endif
    if (up | down) {
        int i = __builtin_ctz(up | down);
        if (up >> i & 1) {
            prefetch->up[i] = stream_next_up(line);
            prefetch->down[i] = STREAM_NONE;
        } else {
            prefetch->down[i] = stream_next_down(line);
            prefetch->up[i] = STREAM_NONE;
        }
        prefetch->continued[i] = 1;
        *start_ps = prefetch->start_ps[i];
        return true;
    }
    uint32_t hand = prefetch->hand;
    while (prefetch->continued[hand]) {
        prefetch->continued[hand] = 0;
        hand = (hand + 1) % NR_STREAMS;
    }
    prefetch->up[hand] = stream_next_up(line);
    prefetch->down[hand] = stream_next_down(line);
    prefetch->start_ps[hand] = now_ps;
    prefetch->hand = (hand + 1) % NR_STREAMS;
    return false;
}
