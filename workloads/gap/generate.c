/*
 * The generators of the GAP Benchmark Suite (Beamer, Asanovic, Patterson, arXiv:1508.03619).
 *
 *      every block of 2^18 edges:  mt19937 seeded with 27491095 + number of the block
 *      Kronecker edge:   once a level:  r <- 32 bits;  both ends' numbers grow by a bit:
 *                        quadrant (0,0) up to 0.57 of 2^32 - 1, (0,1) up to 0.76, (1,0) up to 0.95, then (1,1);
 *                        at the end all vertices get new numbers by a random permutation
 *      uniform edge:     both ends <- 32 bits mod 2^scale
 *
 * The original permutes by std::shuffle, whose draws the C++ standard leaves to the library. Here they are those of
 * GCC's since version 11, as observed: Fisher and Yates's shuffle (Knuth, TAOCP 2, algorithm 3.4.2P) from the front,
 * bounded numbers by Lemire's method (ACM TOMACS 29(1), 2019), two at a time from one draw up to 2^15 vertices. So the
 * graphs are those of the original built with GCC, names of the vertices included, which tests/long/gap.sh checks.
 */
#include "workloads/gap/generate.h"
#include "workloads/gap/mt19937.h"

#define GAP_SEED    27491095
#define BLOCK_EDGES ((u64)1 << 18)

static struct mt19937 mt; /* too large for the stack */

u32 gap_seed(u64 seed)
{
    return GAP_SEED + (u32)(seed - 1) * 0x9e3779b9;
}

/* Whether the edge is the first of a block, for which the twister is then seeded. */
static bool start_block(u64 edge, u64 seed)
{
    if (edge % BLOCK_EDGES)
        return false;
    mt19937_seed(&mt, gap_seed(seed) + (u32)(edge / BLOCK_EDGES));
    return true;
}

/* A number below n, every one equally likely. */
static u32 draw_below(u32 n)
{
    u64 product = (u64)mt19937_next(&mt) * n;

    if ((u32)product < n)
        for (u32 unfair = -n % n; (u32)product < unfair;)
            product = (u64)mt19937_next(&mt) * n;
    return (u32)(product >> 32);
}

static void swap_labels(u32 *labels, u32 i, u32 j)
{
    u32 old = labels[i];

    labels[i] = labels[j];
    labels[j] = old;
}

/* Label i changes places with one up to i. n is even. */
static void shuffle_labels(u32 *labels, u32 n, u64 seed)
{
    bool pairs = UINT32_MAX / n >= n;

    for (u32 i = 0; i < n; i++)
        labels[i] = i;
    mt19937_seed(&mt, gap_seed(seed));
    swap_labels(labels, 1, draw_below(2));
    for (u32 i = 2; i < n; i += 2) {
        if (pairs) {
            u32 both = draw_below((i + 1) * (i + 2));
            swap_labels(labels, i, both / (i + 2));
            swap_labels(labels, i + 1, both % (i + 2));
        } else {
            swap_labels(labels, i, draw_below(i + 1));
            swap_labels(labels, i + 1, draw_below(i + 2));
        }
    }
}

/* Quadrants 0 to 3 of the next 624 levels, by vectors: most of what generating takes. A comparison yields -1. */
static void draw_quadrants(u32 *quadrants)
{
    const u32 a = (u32)(0.57 * UINT32_MAX), b = (u32)(0.19 * UINT32_MAX), c = b;

    mt19937_refill(&mt);
    for (unsigned i = 0; i < MT19937_WORDS; i += 4) {
        mt19937_four r = *(mt19937_four *)(mt.words + i);
        MT19937_TEMPER(r);
        *(mt19937_four *)(quadrants + i) = -(mt19937_four)((r > a) + (r >= a + b) + (r > a + b + c));
    }
}

/* Every second bit, from bit 0 on, moved together. */
static u32 even_bits(u64 x)
{
    x &= 0x5555555555555555;
    x = (x | x >> 1) & 0x3333333333333333;
    x = (x | x >> 2) & 0x0f0f0f0f0f0f0f0f;
    x = (x | x >> 4) & 0x00ff00ff00ff00ff;
    x = (x | x >> 8) & 0x0000ffff0000ffff;
    return (u32)(x | x >> 16);
}

void gap_kronecker(struct gap_edge *edges, u64 nr_edges, u32 scale, u64 seed, u32 *labels)
{
    static u32 quadrants[MT19937_WORDS];
    unsigned next = MT19937_WORDS;

    for (u64 e = 0; e < nr_edges; e++) {
        u64 path = 0;
        if (start_block(e, seed))
            next = MT19937_WORDS;
        for (u32 level = 0; level < scale; level++) {
            if (next == MT19937_WORDS) {
                draw_quadrants(quadrants);
                next = 0;
            }
            path = path << 2 | quadrants[next++];
        }
        edges[e] = (struct gap_edge){even_bits(path >> 1), even_bits(path)};
    }
    shuffle_labels(labels, (u32)1 << scale, seed);
    for (u64 e = 0; e < nr_edges; e++)
        edges[e] = (struct gap_edge){labels[edges[e].from], labels[edges[e].to]};
}

void gap_uniform(struct gap_edge *edges, u64 nr_edges, u32 scale, u64 seed)
{
    u32 mask = ((u32)1 << scale) - 1;

    for (u64 e = 0; e < nr_edges; e++) {
        start_block(e, seed);
        edges[e].from = mt19937_next(&mt) & mask;
        edges[e].to = mt19937_next(&mt) & mask;
    }
}
