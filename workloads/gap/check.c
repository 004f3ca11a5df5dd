/*
 * Whether the lists are the graph that was generated, by hashes and stamps instead of counting and transposing.
 *
 *      the edges are still those that were generated
 *      for every edge (u, v):  sum[u] += hash(v);  sum[v] += hash(u)
 *      every raw list u, taken away from sum[u], leaves 0       so it holds u's ends, but for hashes that cancel
 *      every list u ascends strictly and has as many entries as its raw list has different ones other than u
 *      every entry is one of these: the raw list has stamped it with u
 *
 * The hash is 64 bits of SplitMix64, a sum of them misses an error with probability 2^-64. Lists are read in order and
 * only sums and stamps at random, so that the check costs less than the build, in the emulator too.
 */
#include "lib/string.h"
#include "workloads/gap/graph.h"
#include "workloads/lib/random.h"

static u64 hash(u32 v)
{
    u64 state = v;

    return random_next(&state);
}

/* Whether the raw lists, which end where the build's cursors stopped, hold the edges' ends. */
static bool raw_is_right(const u32 *raw, const u64 *ends, u64 *sums)
{
    const struct gap_edge *edges = arena_direct(gap.edges_at);
    u64 at = 0;

    memset(sums, 0, gap.vertices * sizeof(*sums));
    for (u64 e = 0; e < gap.tuples; e++) {
        if (edges[e].from >= gap.vertices || edges[e].to >= gap.vertices)
            return false;
        sums[edges[e].from] += hash(edges[e].to);
        sums[edges[e].to] += hash(edges[e].from);
    }
    for (u32 u = 0; u < gap.vertices; u++) {
        if (ends[u] < at || ends[u] > 2 * gap.tuples)
            return false;
        for (; at < ends[u]; at++) {
            if (raw[at] >= gap.vertices)
                return false;
            sums[u] -= hash(raw[at]);
        }
        if (sums[u])
            return false;
    }
    return at == 2 * gap.tuples;
}

/* Whether each list is its raw list as a set. `stamps` has a number a vertex, and must be 0. */
static bool lists_are_sets(struct gap_csr csr, const u32 *raw, const u64 *ends, u32 *stamps)
{
    u64 at = 0;

    if (csr.index[0] != 0 || csr.index[gap.vertices] != gap.directed || gap.directed > 2 * gap.tuples)
        return false;
    for (u32 u = 0; u < gap.vertices; u++) {
        u64 different = 0;
        for (; at < ends[u]; at++) {
            u32 v = raw[at];
            different += v != u && stamps[v] != u + 1;
            stamps[v] = u + 1;
        }
        if (csr.index[u + 1] != csr.index[u] + different)
            return false;
        for (u64 i = csr.index[u]; i < csr.index[u + 1]; i++) {
            u32 v = csr.neighbours[i];
            if (v >= gap.vertices || v == u || stamps[v] != u + 1 || (i > csr.index[u] && v <= csr.neighbours[i - 1]))
                return false;
        }
    }
    return true;
}

u64 gap_hash_edges(void)
{
    const struct gap_edge *edges = arena_direct(gap.edges_at);
    u64 hash_so_far = 0;

    for (u64 e = 0; e < gap.tuples; e++)
        hash_so_far = gap_mix(hash_so_far, (u64)edges[e].from << 32 | edges[e].to);
    return hash_so_far;
}

bool gap_check(void)
{
    static u64 *sums;
    static u32 *stamps;
    const u32 *raw = arena_direct(gap.raw_at);
    const u64 *ends = arena_direct(gap.cursors_at);

    if (gap_hash_edges() != gap.edges_hash)
        return false;
    if (!sums) {
        sums = workload_alloc(gap.room * sizeof(*sums));
        stamps = workload_alloc(gap.room * sizeof(*stamps));
    }
    memset(stamps, 0, gap.vertices * sizeof(*stamps));
    return raw_is_right(raw, ends, sums) && lists_are_sets(gap_view(arena_direct(0)), raw, ends, stamps);
}

u64 gap_checksum(void)
{
    struct gap_csr csr = gap_view(arena_direct(0));
    u64 sum = gap_mix(gap.vertices, gap.directed);

    for (u32 v = 0; v < gap.vertices; v++)
        sum = gap_mix(sum, csr.index[v + 1]);
    for (u64 i = 0; i < gap.directed; i++)
        sum = gap_mix(sum, csr.neighbours[i]);
    return sum;
}
