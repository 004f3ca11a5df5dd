#include "workloads/adversary/critical.h"
#include "workloads/lib/random.h"

enum { LINES_PER_PAGE = 64, WORDS_PER_PAGE = PAGE_SIZE / sizeof(u64), WORDS_PER_LINE = WORDS_PER_PAGE / LINES_PER_PAGE };

enum { CHASED, STREAMED, HALVES };

/* What a word holds, from the start to the end. */
static u64 value_of(u64 word)
{
    return (word + 1) * 0x9e3779b97f4a7c15; /* 2^64 over the golden ratio */
}

static u64 nr_words(const struct critical *c)
{
    return (u64)HALVES * c->half_pages * WORDS_PER_PAGE;
}

NOT_COUNTED void critical_setup(struct critical *c, u32 half_pages, u64 seed)
{
    u64 *words = arena_direct(0);

    *c = (struct critical){.half_pages = half_pages, .seed = seed, .now.random = seed};
    for (u64 i = 0; i < nr_words(c); i++)
        words[i] = value_of(i);
}

u64 critical_word(const struct critical *c, struct critical_draw *d, bool *chases)
{
    u64 r = random_next(&d->random), word = r >> 23 & (WORDS_PER_PAGE - 1), lines = (u64)c->half_pages * LINES_PER_PAGE;

    *chases = !(r >> 14 & 3);
    if (*chases)
        return random_below((u32)(r >> 32) + (u32)d->chased, c->half_pages) * WORDS_PER_PAGE + word;
    d->line = d->line + 1 == lines ? 0 : d->line + 1;
    return (lines + d->line) * WORDS_PER_LINE + word % WORDS_PER_LINE;
}

void critical_run(struct critical *c, u64 ops)
{
    const volatile u64 *words = arena_base();
    struct critical_draw d = c->now;
    u64 sum = c->read_sum;
    bool chases;

    for (u64 left = ops; left; left--) {
        u64 word = critical_word(c, &d, &chases);
        if (chases)
            sum += d.chased = words[word];
        else
            sum += words[word];
    }
    c->op += ops;
    c->read_sum = sum;
    c->now = d;
}

NOT_COUNTED bool critical_verify(const struct critical *c, u64 *checksum)
{
    struct critical_draw d = {.random = c->seed};
    const u64 *words = arena_direct(0);
    bool right = true, chases;
    u64 sum = 0;

    for (u64 i = 0; i < nr_words(c); i++)
        right = right && words[i] == value_of(i);
    for (u64 i = 0; i < c->op; i++) {
        u64 value = value_of(critical_word(c, &d, &chases));
        if (chases)
            d.chased = value;
        sum += value;
    }
    *checksum = sum;
    return right && sum == c->read_sum;
}

bool critical_overlap(const struct critical *c, unsigned i, struct mlp_part *part)
{
    if (i >= HALVES)
        return false;
    *part = (struct mlp_part){.first_page = i * c->half_pages, .nr_pages = c->half_pages, .mlp = i == CHASED ? 1000 : 10000};
    return true;
}
