#include "workloads/g500/random.h"

#define SEED_BITS 0x3fffffff

struct g500_random g500_seed(u64 seed1, u64 seed2)
{
    return (struct g500_random){.z = {
                                    (u32)(seed1 & SEED_BITS) + 1,
                                    (u32)(seed1 >> 30 & SEED_BITS) + 1,
                                    (u32)(seed2 & SEED_BITS) + 1,
                                    (u32)(seed2 >> 30 & SEED_BITS) + 1,
                                    (u32)((seed2 >> 60 << 4) + (seed1 >> 60)) + 1,
                                }};
}

/* A row times a column. Three products of numbers below 2^31 and what is left of two more fit 64 bits. */
static u32 dot(const u32 *row, const u32 *column, unsigned stride)
{
    u64 sum = (u64)row[0] * column[0] + (u64)row[1] * column[stride];

    sum = (sum & G500_MODULUS) + (sum >> 31);
    sum += (u64)row[2] * column[2 * stride] + (u64)row[3] * column[3 * stride] + (u64)row[4] * column[4 * stride];
    return g500_reduce(sum);
}

static struct g500_jump multiply(const struct g500_jump *a, const struct g500_jump *b)
{
    struct g500_jump product;

    for (unsigned i = 0; i < 5; i++)
        for (unsigned j = 0; j < 5; j++)
            product.row[i][j] = dot(a->row[i], &b->row[0][j], 5);
    return product;
}

struct g500_jump g500_steps(u64 high, u64 middle, u64 low)
{
    const u64 words[3] = {low, middle, high};
    struct g500_jump result = {.row = {{1}, {0, 1}, {0, 0, 1}, {0, 0, 0, 1}, {0, 0, 0, 0, 1}}};
    struct g500_jump power = {.row = {{107374182, 0, 0, 0, 104480}, {1}, {0, 1}, {0, 0, 1}, {0, 0, 0, 1}}};

    for (unsigned bit = 0; bit < 192; bit++) { /* square and multiply */
        if (words[bit / 64] >> bit % 64 & 1)
            result = multiply(&power, &result);
        power = multiply(&power, &power);
    }
    return result;
}

void g500_jump(struct g500_random *state, const struct g500_jump *jump)
{
    struct g500_random old = *state;

    for (unsigned i = 0; i < 5; i++)
        state->z[i] = dot(jump->row[i], old.z, 1);
}
