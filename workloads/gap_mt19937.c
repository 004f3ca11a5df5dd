#include "workloads/gap_mt19937.h"

#define MIDDLE 397

void mt19937_seed(struct mt19937 *mt, u32 seed)
{
    mt->words[0] = seed;
    for (u32 i = 1; i < MT19937_WORDS; i++)
        mt->words[i] = 1812433253 * (mt->words[i - 1] ^ mt->words[i - 1] >> 30) + i;
    mt->next = MT19937_WORDS;
}

static inline u32 twist(u32 high, u32 low, u32 other)
{
    u32 y = (high & 0x80000000) | (low & 0x7fffffff);

    return other ^ y >> 1 ^ (-(y & 1) & 0x9908b0df);
}

void mt19937_refill(struct mt19937 *mt)
{
    u32 *w = mt->words;
    unsigned i = 0;

    for (; i < MT19937_WORDS - MIDDLE; i++)
        w[i] = twist(w[i], w[i + 1], w[i + MIDDLE]);
    for (; i < MT19937_WORDS - 1; i++)
        w[i] = twist(w[i], w[i + 1], w[i + MIDDLE - MT19937_WORDS]);
    w[i] = twist(w[i], w[0], w[MIDDLE - 1]);
    mt->next = 0;
}
