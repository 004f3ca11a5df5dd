/* Graph500's kernels 2 and 3: breadth-first search and single-source shortest paths, on the rows that kernel 1 built.
 */
#pragma once

#include "workloads/g500/graph.h"

/* What a search leaves behind besides its arrays; the same for every correct tree but for `scanned`. */
struct g500_digest {
    u64 reached; /* vertices, the root included */
    u64 sum;     /* of their levels or distances */
    u64 scanned; /* entries of rows that were looked at */
};

/* Arrays of a breadth-first search. `parent` must be G500_NONE everywhere. */
struct g500_bfs {
    u64 *parent;       /* afterwards: the root is its own, what was not reached keeps G500_NONE */
    u64 *queue;        /* room for every vertex */
    u64 *front, *next; /* a bit a vertex, rounded up to words; null: top-down only */
};

/*
 * Level by level: every vertex of the queue looks for neighbours without parent. With bitmaps, a level that has much to
 * look at goes the other way: every vertex without parent looks for a neighbour in the level before, and stops at the
 * first (Beamer, Asanovic, Patterson, SC'12, with its thresholds, 1/15 of the entries and 1/18 of the vertices).
 */
struct g500_digest g500_bfs(const struct g500_csr *csr, const struct g500_bfs *bfs, u32 root);

/*
 * What a shortest-path search knows of a vertex. It is half a line, and not four arrays, because a change touches all
 * of it.
 */
struct g500_vertex {
    u64 distance, parent;
    u64 next, previous; /* in its bucket; next is the vertex itself while it is in none */
};

/* No vertex is reached and none is in a bucket. `head` has g500_nr_buckets(bits) entries. */
void g500_clear(struct g500_vertex *vertices, u32 nr_vertices, u64 *head, unsigned bits);

/*
 * Delta-stepping (Meyer, Sanders, J. Algorithms 49(1), 2003): vertices wait in buckets of distances `1/2^bits` apart;
 * the lowest one is emptied, and whoever gets closer on the way moves, maybe back into it. Differs from the paper in
 * that light and heavy edges are scanned together, as rows are not ordered by weight. After g500_clear().
 */
struct g500_digest g500_sssp(const struct g500_csr *csr, struct g500_vertex *vertices, u64 *head, unsigned bits,
                             u32 root);

/* An edge reaches at most 2^bits buckets ahead, so a ring of twice as many will do. */
static inline u32 g500_nr_buckets(unsigned bits)
{
    return 2u << bits;
}
