/*
 * Graph500's validation. Everything here works on the list of edges, as generated, and never on the rows that were
 * searched.
 */
#pragma once

#include "workloads/g500/graph.h"
#include "workloads/g500/search.h"

/* A tree and the depth of each vertex (level or distance), the entries of both `stride` apart. */
struct g500_tree {
    const u64 *parent, *depth; /* G500_NONE outside of the tree */
    u32 stride, root;
};

/* The specification's five rules, by number. */
enum g500_rule {
    G500_VALID,
    G500_RULE_CYCLES, /* the tree has none: every vertex leads to the root, its own parent */
    G500_RULE_TREE,   /* a tree edge joins levels that differ by one, distances by its weight at most (here: exactly) */
    G500_RULE_EDGES,  /* any edge joins levels that differ by at most one, distances by at most its weight */
    G500_RULE_SPAN,   /* the whole component of the root, and nothing else, is in the tree */
    G500_RULE_JOINED, /* vertex and parent are joined by an edge of the graph */
};

/* The first rule found broken. Depths are distances when the edges have weights. `scratch` has a number a vertex. */
enum g500_rule g500_validate(const struct g500_edges *edges, const struct g500_tree *tree, u32 *scratch);

/*
 * The answers, by other algorithms: sweeps over all edges until nothing changes (Bellman-Ford, but for levels one sweep
 * a level). `scanned` of digests is not set.
 */
struct g500_digest g500_find_levels(const struct g500_edges *edges, u32 root, u64 *level);
struct g500_digest g500_find_distances(const struct g500_edges *edges, u32 root, u64 *distance);

/*
 * The same as g500_find_levels() for up to 32 roots in the same sweeps, a bit each: `reached` and `next` have a
 * number a vertex.
 */
#define G500_ROOTS_AT_ONCE 32
void g500_find_digests(const struct g500_edges *edges, const u32 *roots, u32 nr_roots, u32 *reached, u32 *next,
                       struct g500_digest *digests);

/*
 * How many tuples lie in the component of each root, loops and multiple edges counted: what a search has traversed, for
 * the rate. By union and find; `above` and `count` have a number a vertex.
 */
void g500_component_edges(const struct g500_edges *edges, const u32 *roots, u32 nr_roots, u32 *above, u32 *count,
                          u64 *nr_edges);
