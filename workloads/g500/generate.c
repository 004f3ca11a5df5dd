/*
 * The generator of Graph500's reference code, version 3 (github.com/graph500/graph500, generator/graph_generator.c and
 * utils.c): what it draws, and in which order, was taken from there, so that the same seeds give the same graph.
 *
 *      edge e:   state <- seed's state, 2^64 x e steps on;  the square is the whole matrix
 *                each level:  r <- draw mod 10000;  below 1900 upper right, below 3800 lower left, below 9500 upper
 *                             left, else lower right quarter; on the diagonal, lower left counts as upper right
 *                weight <- the next draw;  both vertices are scrambled
 *
 * Scrambling hides the locality of the levels: two rounds of an odd multiplication modulo 2^64 and a reversal of bits,
 * which permute the labels. Edges are independent draws, so their order needs no shuffle.
 */
#include "workloads/g500/generate.h"
#include "workloads/g500/random.h"

#define DENOMINATOR 10000
#define SHARE_B     1900 /* and C */
#define SHARE_A     5700
#define UNEVEN      (G500_MODULUS % DENOMINATOR) /* draws below are drawn again: the rest is a multiple */

struct scramble {
    u64 add, factor[2];
    unsigned shift;
};

static u64 reverse_bits(u64 x)
{
    x = __builtin_bswap64(x);
    x = (x >> 4 & 0x0f0f0f0f0f0f0f0full) | (x & 0x0f0f0f0f0f0f0f0full) << 4;
    x = (x >> 2 & 0x3333333333333333ull) | (x & 0x3333333333333333ull) << 2;
    return (x >> 1 & 0x5555555555555555ull) | (x & 0x5555555555555555ull) << 1;
}

/* Two draws as one number, as the reference puts them together (by 2^32 - 1, not 2^32). */
static u64 draw_wide(struct g500_random *random)
{
    u64 high = g500_next(random);

    return high * 0xffffffff + g500_next(random);
}

static struct scramble make_scramble(struct g500_random random, unsigned scale)
{
    struct g500_jump away = g500_steps(50, 7, 0); /* where no edge draws */
    u64 a, b;

    g500_jump(&random, &away);
    a = draw_wide(&random);
    b = draw_wide(&random);
    return (struct scramble){
        .add = a + b, .factor = {a | 0x4519840211493211ull, b | 0x3050852102c843a5ull}, .shift = 64 - scale};
}

static u32 scramble(const struct scramble *s, u64 v)
{
    v = reverse_bits((v + s->add) * s->factor[0]) >> s->shift;
    return (u32)(reverse_bits(v * s->factor[1]) >> s->shift);
}

void g500_generate(unsigned scale, u64 seed1, u64 seed2, struct g500_tuple *tuples, u32 *weights)
{
    struct g500_random start = g500_seed(seed1, seed2);
    struct g500_jump to_next_edge = g500_steps(0, 1, 0);
    struct scramble s = make_scramble(start, scale);
    u64 nr = (u64)G500_EDGE_FACTOR << scale;

    for (u64 e = 0; e < nr; e++) {
        struct g500_random random = start;
        u32 row = 0, column = 0;
        for (u32 half = 1u << scale >> 1; half; half >>= 1) {
            u32 r;
            do
                r = g500_next(&random);
            while (r < UNEVEN);
            r %= DENOMINATOR;
            if (r < SHARE_B || (r < 2 * SHARE_B && row == column)) {
                column += half;
            } else if (r < 2 * SHARE_B) {
                row += half;
            } else if (r >= 2 * SHARE_B + SHARE_A) {
                row += half;
                column += half;
            }
        }
        tuples[e] = (struct g500_tuple){{scramble(&s, row), scramble(&s, column)}};
        if (weights)
            weights[e] = g500_next(&random) >> (31 - G500_WEIGHT_BITS);
        g500_jump(&start, &to_next_edge);
    }
}

void g500_mark_connected(const struct g500_edges *edges, u64 *bits)
{
    for (u64 i = 0; i < edges->nr; i++) {
        u64 a = edges->tuples[i].v[0], b = edges->tuples[i].v[1];
        if (a != b) {
            bits[a / 64] |= 1ull << a % 64;
            bits[b / 64] |= 1ull << b % 64;
        }
    }
}

/* A number from 0 to 1, from two draws: about 62 bits before rounding. */
static double draw_fraction(struct g500_random *random)
{
    double coarse = g500_next(random) * .000000000465661287524579692; /* 1 / (2^31 - 1) */

    return coarse + g500_next(random) * .0000000000000000002168404346990492787; /* its square */
}

u32 g500_choose_roots(unsigned scale, u64 seed1, u64 seed2, const u64 *connected, u32 wanted, u32 *roots)
{
    struct g500_random random = g500_seed(seed1, seed2);
    struct g500_jump away = g500_steps(2, 0, 0); /* where the reference draws them */
    u32 nr_vertices = 1u << scale, nr = 0;

    g500_jump(&random, &away);
    for (u64 draws = (u64)64 << scale; draws && nr < wanted; draws--) {
        double a = draw_fraction(&random), b = draw_fraction(&random);
        u32 root = (u32)((u64)((a + b) * nr_vertices) % nr_vertices), known = 0;
        while (known < nr && roots[known] != root)
            known++;
        if (known == nr && connected[root / 64] >> root % 64 & 1)
            roots[nr++] = root;
    }
    return nr;
}
