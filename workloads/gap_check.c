/*
 * Whether the lists are the graph that was generated, by bisection instead of counting and sorting.
 *
 *      every list ascends strictly, holds no number of no vertex and not its own;  they fill the array without gaps
 *      every generated edge that is no loop is found in the list of that end that has fewer neighbours;  mark the entry
 *      for u = 0, 1, ..., for every v of u's list:  the next entry of v's list that was not yet met is u
 *                                                   and one of the two entries is marked
 *
 * The last step finds both entries of an edge without a search: lists ascend, so v meets its neighbours in order. The
 * marks are bits of the entries themselves, and the places in the lists lie where the build had its own.
 */
#include "workloads/gap_graph.h"
#include "kernel/string.h"

static bool well_formed(struct gap_csr csr)
{
    if (csr.index[0] != 0 || csr.index[gap.vertices] != gap.directed || gap.directed > 2 * gap.tuples)
        return false;
    for (u32 v = 0; v < gap.vertices; v++) {
        if (csr.index[v + 1] < csr.index[v] || csr.index[v + 1] > gap.directed)
            return false;
        for (u64 i = csr.index[v]; i < csr.index[v + 1]; i++) {
            u32 number = csr.neighbours[i];
            if (number >= gap.vertices || number == v || (i > csr.index[v] && number <= csr.neighbours[i - 1]))
                return false;
        }
    }
    return true;
}

static u64 degree_of(struct gap_csr csr, u32 v)
{
    return csr.index[v + 1] - csr.index[v];
}

static bool mark(struct gap_csr csr, struct gap_edge e)
{
    u64 from = degree_of(csr, e.from), to = degree_of(csr, e.to), count = MIN(from, to), at;
    bool swap = to < from || (to == from && e.to < e.from); /* the same end each time */
    u32 *list = csr.neighbours + csr.index[swap ? e.to : e.from];

    at = gap_find(list, count, swap ? e.from : e.to);
    if (at == count)
        return false;
    list[at] |= GAP_MARK;
    return true;
}

/* Compares the two entries of every edge. `met` counts the entries of each list that were met as the other's. */
static bool both_ways(struct gap_csr csr, u32 *met)
{
    memset(met, 0, gap.vertices * sizeof(*met));
    for (u32 u = 0; u < gap.vertices; u++) {
        for (u64 i = csr.index[u]; i < csr.index[u + 1]; i++) {
            u32 entry = csr.neighbours[i], v = entry & ~GAP_MARK, other;
            if (met[v] == degree_of(csr, v))
                return false;
            other = csr.neighbours[csr.index[v] + met[v]++];
            if ((other & ~GAP_MARK) != u || !((entry | other) & GAP_MARK))
                return false;
        }
    }
    return true;
}

bool gap_check(void)
{
    const struct gap_edge *edges = arena_direct(gap.edges_at);
    struct gap_csr csr = gap_view(arena_direct(0));
    bool right = well_formed(csr);

    for (u64 e = 0; right && e < gap.tuples; e++)
        right = edges[e].from == edges[e].to || mark(csr, edges[e]);
    right = right && both_ways(csr, arena_direct(gap.cursors_at));
    for (u64 i = 0; right && i < gap.directed; i++)
        csr.neighbours[i] &= ~GAP_MARK;
    return right;
}

u64 gap_checksum(void)
{
    struct gap_csr csr = gap_view(arena_direct(0));
    u64 hash = gap_mix(gap.vertices, gap.directed);

    for (u32 v = 0; v < gap.vertices; v++)
        hash = gap_mix(hash, csr.index[v + 1]);
    for (u64 i = 0; i < gap.directed; i++)
        hash = gap_mix(hash, csr.neighbours[i]);
    return hash;
}
