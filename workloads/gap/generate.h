/* The two synthetic graphs of the GAP Benchmark Suite, as lists of edges. */
#pragma once

#include "kernel/types.h"

struct gap_edge {
    u32 from, to;
};

/* GAP's seed for the laboratory's seed=1; other seeds lie far apart, since each block of edges adds 1. */
u32 gap_seed(u64 seed);

/*
 * Fills `edges` with `nr_edges` edges of a Kronecker graph of 2^scale vertices; `labels` has room for a number a vertex
 * and is overwritten.
 */
void gap_kronecker(struct gap_edge *edges, u64 nr_edges, u32 scale, u64 seed, u32 *labels);

/* The same for both ends drawn uniformly, without shuffle. */
void gap_uniform(struct gap_edge *edges, u64 nr_edges, u32 scale, u64 seed);
