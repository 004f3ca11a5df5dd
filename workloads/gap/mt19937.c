#include "workloads/gap/mt19937.h"

#define MIDDLE 397

void mt19937_seed(struct mt19937 *mt, u32 seed)
{
    mt->words[0] = seed;
    for (u32 i = 1; i < MT19937_WORDS; i++)
        mt->words[i] = 1812433253 * (mt->words[i - 1] ^ mt->words[i - 1] >> 30) + i;
    mt->next = MT19937_WORDS;
}

/* The recurrence, for u32 and for vectors of it. */
#define TWIST(type, low, high, other)                                                                                  \
    ({                                                                                                                 \
        type y_ = ((high)&0x80000000) | ((low)&0x7fffffff);                                                            \
        (other) ^ y_ >> 1 ^ (-(y_ & 1) & 0x9908b0df);                                                                  \
    })

/* Words from `i` to before `end`, four at a time: each depends on words that lie further off than that. */
static void twist(u32 *w, unsigned i, unsigned end, int middle)
{
    for (; i + 4 <= end; i += 4) {
        mt19937_four *at = (mt19937_four *)(w + i);
        *at = TWIST(mt19937_four, *(mt19937_four *)(w + i + 1), *at, *(mt19937_four *)(w + (int)i + middle));
    }
    for (; i < end; i++)
        w[i] = TWIST(u32, w[i + 1], w[i], w[(int)i + middle]);
}

void mt19937_refill(struct mt19937 *mt)
{
    const unsigned last = MT19937_WORDS - 1;
    u32 *w = mt->words;

    twist(w, 0, MT19937_WORDS - MIDDLE, MIDDLE);
    twist(w, MT19937_WORDS - MIDDLE, last, MIDDLE - MT19937_WORDS);
    w[last] = TWIST(u32, w[0], w[last], w[MIDDLE - 1]);
    mt->next = 0;
}

u32 mt19937_below(struct mt19937 *mt, u32 n)
{
    u64 most = (u64)1 << 32, limit = most - most % n;
    u32 draw;

    do
        draw = mt19937_next(mt);
    while (draw >= limit);
    return draw % n;
}
