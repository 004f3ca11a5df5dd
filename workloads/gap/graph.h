/*
 * What the four GAP programs share: the graph in the arena, from the list of edges to adjacency lists (CSR: compressed
 * sparse rows). The arena holds, in this order: edges, index, cursors and raw lists of the build, neighbours, and the
 * program's own arrays.
 */
#pragma once

#include "lab/workload.h"
#include "workloads/gap/generate.h"

struct gap {
    u32 scale;    /* not of a file's graph */
    u32 room;     /* the layout has room for so many vertices */
    u32 vertices; /* highest number in the list of edges + 1, as the original counts; before setup(): room */
    u64 tuples;   /* edges as generated, with loops and duplicates */
    u64 directed; /* entries of all lists: twice the edges that are left; known when the graph is built */
    u64 edges_at, index_at, cursors_at, raw_at, neighbours_at; /* offsets in the arena */
    u32 pages;
    u64 seed;
    u64 edges_hash; /* of what was generated */
    bool built;
};

extern struct gap gap;

/* Vertex v's neighbours, ascending: neighbours[index[v]] to neighbours[index[v + 1] - 1]. */
struct gap_csr {
    u64 *index; /* one more than there are vertices */
    u32 *neighbours;
};

/*
 * Reads the keys, checks the file of input= if there is one, and lays out the arena; for pages(). `place` lays the
 * program's own arrays out from an offset on, as gap.vertices and gap.tuples now say, and returns where they end.
 * `default_scale` is for when neither gap_scale nor size is given.
 */
u64 gap_pages(u32 default_scale, u64 (*place)(u64 at));

/* Room for an array at *at, which moves on to the next page after it. */
u64 gap_array(u64 *at, u64 bytes);

/* Populates the arena and generates the edges; for setup(). */
void gap_setup(u64 seed);

/* The graph, where `memory` is the arena's first byte. */
struct gap_csr gap_view(void *memory);

/* Builds the lists from the edges; for run(). */
void gap_build(u8 *memory);

/* Ascending order, in place: lists of neighbours. */
void gap_sort(u32 *numbers, u64 count);

/* Whether the lists hold the generated edges, each in both directions, and nothing else; for verify(). */
bool gap_check(void);

/* Room for a verifier, once the lists are checked: the build's raw ones, at least 16 bytes a vertex. */
void *gap_scratch(void);

/* A hash of the edges that lie in the arena; for setup() and verify(). */
u64 gap_hash_edges(void);

/* Where `number` is in a sorted list of `count`, or `count`. */
u64 gap_find(const u32 *list, u64 count, u32 number);

/* A step of the checksums: FNV-1a's, by words. */
static inline u64 gap_mix(u64 hash, u64 value)
{
    hash = (hash ^ value) * 0x100000001b3ull;
    return hash ^ hash >> 32;
}

/* The graph's part of a checksum. */
u64 gap_checksum(void);

/* The fields graph, nodes and edges. */
void gap_report(void);

/* Tests reach the programs and their keys by these. */
extern const char *gap_graph_kind, *gap_build_when;
extern u64 gap_scale;
extern struct workload gap_pr, gap_bfs, gap_cc, gap_tc;
