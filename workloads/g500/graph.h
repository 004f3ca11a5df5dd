/*
 * Graph500's graph: its list of edges, as generated, and the form in which it is searched. Both lie in the arena.
 *
 * An edge is a tuple of two vertices below 2^scale, undirected; loops and multiple edges occur. A vertex has 64 bits in
 * the arena, as in the reference code by default: the specification asks for 48 at least, however small the graph is.
 * A weight is a fraction of 2^24, from 0 on: as many bits as the reference's weights have, which are of type float. So
 * distances are exact integers.
 */
#pragma once

#include "kernel/types.h"

#define G500_EDGE_FACTOR 16 /* tuples a vertex, by the specification */
#define G500_MAX_SCALE   21 /* the largest whose arrays fit 2 GiB, with weights (1.7) and without (1.1) */
#define G500_MIN_SCALE   5
#define G500_WEIGHT_BITS 24
#define G500_NONE        UINT64_MAX /* no vertex; not reached */

struct g500_tuple {
    u64 v[2];
};

struct g500_edges {
    const struct g500_tuple *tuples;
    const u32 *weights; /* of the tuples; null when there are none */
    u64 nr;
    u32 nr_vertices;
};

/*
 * Compressed rows: the neighbours of v stand in `adjacent` from first[v] to first[v + 1] - 1, in no order, an edge at
 * both of its ends, multiple edges as often as they occur, loops not at all. With weights an entry is two words,
 * neighbour and weight, side by side because they are read together.
 */
struct g500_csr {
    u64 *first; /* nr_vertices + 1 */
    u64 *adjacent;
    u32 nr_vertices;
    bool weighted;
};

/*
 * Kernel 1: builds `csr`, whose arrays are large enough, from the edges; returns how many entries it has. Two passes
 * over the tuples: count the ends of each vertex, sum up, place every end below the last one that was placed.
 */
u64 g500_build(const struct g500_csr *csr, const struct g500_edges *edges);

/* FNV-1a, on whole words. */
#define G500_HASH_START 0xcbf29ce484222325ull
static inline u64 g500_mix(u64 hash, u64 value)
{
    return (hash ^ value) * 0x100000001b3ull;
}

/* Over the tuples in order, and the weights: verification first makes sure that the list is what was generated. */
u64 g500_hash_edges(const struct g500_edges *edges);

/*
 * Whether `csr` holds exactly the edges, by another way: every vertex's count anew, and a sum over hashes of all
 * entries (from, to, weight) against the same sum over the tuples. `scratch` has a number a vertex.
 */
bool g500_csr_is_right(const struct g500_csr *csr, const struct g500_edges *edges, u32 *scratch);
