/*
 * The Mersenne Twister MT19937 (Matsumoto, Nishimura, ACM TOMACS 8(1), 1998) with the initialisation of 2002, which is
 * what C++ calls std::mt19937: the GAP Benchmark Suite's source of randomness. With seed 5489 its 10000th output is
 * 4123659995 (ISO C++, [rand.predef]).
 */
#pragma once

#include "kernel/types.h"

#define MT19937_WORDS 624

struct mt19937 {
    u32 words[MT19937_WORDS];
    unsigned next; /* of words not yet handed out */
};

void mt19937_seed(struct mt19937 *mt, u32 seed);

/* Four numbers side by side, at any multiple of 4 bytes: SSE2, in the emulator too, does them at the price of one. */
typedef u32 mt19937_four __attribute__((vector_size(16), aligned(4), may_alias));

/* Computes the next 624 words. */
void mt19937_refill(struct mt19937 *mt);

/* Turns words into outputs; for u32 and for vectors of it. */
#define MT19937_TEMPER(y)                                                                                              \
    do {                                                                                                               \
        (y) ^= (y) >> 11;                                                                                              \
        (y) ^= (y) << 7 & 0x9d2c5680;                                                                                  \
        (y) ^= (y) << 15 & 0xefc60000;                                                                                 \
        (y) ^= (y) >> 18;                                                                                              \
    } while (0)

/* A number below n, every one equally likely: outputs from the largest multiple of n on are thrown away (the GAP
 * Benchmark Suite's UniDist). */
u32 mt19937_below(struct mt19937 *mt, u32 n);

static inline u32 mt19937_next(struct mt19937 *mt)
{
    u32 y;

    if (mt->next == MT19937_WORDS)
        mt19937_refill(mt);
    y = mt->words[mt->next++];
    MT19937_TEMPER(y);
    return y;
}
