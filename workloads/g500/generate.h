/* Graph500's generator, and its choice of roots. Both reproduce the benchmark's reference code. */
#pragma once

#include "workloads/g500/graph.h"

/*
 * Fills `tuples` (16 x 2^scale of them) and, unless it is null, `weights`. Kronecker graph with the initiator 0.57 0.19
 * 0.19 0.05: every level of an edge chooses one of four squares of the adjacency matrix (Chakrabarti, Zhan, Faloutsos,
 * SDM 2004). Equal arguments give equal graphs, those of the reference generator (version 3) with the same two seeds.
 */
void g500_generate(unsigned scale, u64 seed1, u64 seed2, struct g500_tuple *tuples, u32 *weights);

/* Sets the bits of the vertices that have a neighbour other than themselves; `bits` has nr_vertices of them, zero. */
void g500_mark_connected(const struct g500_edges *edges, u64 *bits);

/*
 * Draws up to `wanted` distinct roots among the marked vertices; returns how many there are, fewer only if that many
 * do not come up in 64 draws a vertex (the specification: search fewer).
 */
u32 g500_choose_roots(unsigned scale, u64 seed1, u64 seed2, const u64 *connected, u32 wanted, u32 *roots);
