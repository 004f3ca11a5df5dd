/*
 * Whether the lists are the graph that was generated, by bisection instead of counting and sorting.
 *
 *      every list ascends strictly, holds no number of no vertex and not its own;  they fill the array without gaps
 *      every generated edge that is no loop is found in the lists of both ends;  mark both entries
 *      every entry is marked
 *
 * The marks are bits of the entries themselves, so no other memory is needed.
 */
#include "workloads/gap_graph.h"

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

static bool mark(struct gap_csr csr, u32 from, u32 to)
{
    u32 *list = csr.neighbours + csr.index[from];
    u64 count = csr.index[from + 1] - csr.index[from], at = gap_find(list, count, to);

    if (at == count)
        return false;
    list[at] |= GAP_MARK;
    return true;
}

bool gap_check(void)
{
    const struct gap_edge *edges = arena_direct(gap.edges_at);
    struct gap_csr csr = gap_view(arena_direct(0));
    bool right = well_formed(csr);

    for (u64 e = 0; right && e < gap.tuples; e++)
        right = edges[e].from == edges[e].to ||
                (mark(csr, edges[e].from, edges[e].to) && mark(csr, edges[e].to, edges[e].from));
    for (u64 i = 0; right && i < gap.directed; i++) {
        right = csr.neighbours[i] & GAP_MARK;
        csr.neighbours[i] &= ~GAP_MARK;
    }
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
