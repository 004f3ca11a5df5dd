/*
 * Graph500's graph: its list of edges, as generated, and the form in which it is searched. Both lie in the arena.
 *
 * An edge is a tuple of two vertices below 2^scale, undirected; loops and multiple edges occur. The benchmark asks for
 * 48 bits a vertex; here it has 32, since no graph that fits 2 GiB has more vertices, so that bytes, not padding, move.
 *
 * A weight is a fraction of 2^24, from 0 on: as many bits as the reference's weights have, which are of type float. So
 * distances are exact integers, and fit 32 bits up to 255 edges of greatest weight, far beyond any component's diameter
 * (verification adds without that limit and would tell).
 */
#pragma once

#include "kernel/types.h"

#define G500_EDGE_FACTOR 16 /* tuples a vertex, by the specification */
#define G500_MAX_SCALE   22 /* the largest that fits 2 GiB */
#define G500_MIN_SCALE   5
#define G500_WEIGHT_BITS 24
#define G500_NONE        UINT32_MAX /* no vertex; not reached */

struct g500_tuple {
    u32 v[2];
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
    u32 *first; /* nr_vertices + 1 */
    u32 *adjacent;
    u32 nr_vertices;
    bool weighted;
};

/*
 * Kernel 1: builds `csr`, whose arrays are large enough, from the edges; returns how many entries it has. Two passes
 * over the tuples: count the ends of each vertex, sum up, place every end below the last one that was placed.
 */
u32 g500_build(const struct g500_csr *csr, const struct g500_edges *edges);

/*
 * Whether `csr` holds exactly the edges, by another way: every vertex's count anew, and a sum over hashes of all
 * entries (from, to, weight) against the same sum over the tuples. `scratch` is a word a vertex.
 */
bool g500_csr_is_right(const struct g500_csr *csr, const struct g500_edges *edges, u32 *scratch);
