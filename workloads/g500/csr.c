#include "lib/string.h"
#include "workloads/g500/graph.h"

u64 g500_build(const struct g500_csr *csr, const struct g500_edges *edges)
{
    u64 *first = csr->first, *adjacent = csr->adjacent, sum = 0;

    memset(first, 0, (csr->nr_vertices + (u64)1) * sizeof(u64));
    for (u64 i = 0; i < edges->nr; i++) {
        struct g500_tuple t = edges->tuples[i];
        if (t.v[0] != t.v[1]) {
            first[t.v[0]]++;
            first[t.v[1]]++;
        }
    }
    for (u32 v = 0; v < csr->nr_vertices; v++) {
        sum += first[v];
        first[v] = sum; /* the end of its row, which moves down to its beginning */
    }
    first[csr->nr_vertices] = sum;
    if (csr->weighted) {
        for (u64 i = 0; i < edges->nr; i++) {
            struct g500_tuple t = edges->tuples[i];
            u32 weight = edges->weights[i];
            if (t.v[0] != t.v[1]) {
                u64 *a = &adjacent[2 * --first[t.v[0]]], *b = &adjacent[2 * --first[t.v[1]]];
                a[0] = t.v[1], a[1] = weight;
                b[0] = t.v[0], b[1] = weight;
            }
        }
    } else {
        for (u64 i = 0; i < edges->nr; i++) {
            struct g500_tuple t = edges->tuples[i];
            if (t.v[0] != t.v[1]) {
                adjacent[--first[t.v[0]]] = t.v[1];
                adjacent[--first[t.v[1]]] = t.v[0];
            }
        }
    }
    return sum;
}

/* SplitMix64's mixing of an entry: sums of such hashes tell multisets apart. */
static u64 hash(u64 from, u64 to, u64 weight)
{
    u64 z = (from << 32 ^ to) + weight * 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

u64 g500_hash_edges(const struct g500_edges *edges)
{
    u64 sum = G500_HASH_START;

    for (u64 i = 0; i < edges->nr; i++) {
        sum = g500_mix(g500_mix(sum, edges->tuples[i].v[0]), edges->tuples[i].v[1]);
        if (edges->weights)
            sum = g500_mix(sum, edges->weights[i]);
    }
    return sum;
}

bool g500_csr_is_right(const struct g500_csr *csr, const struct g500_edges *edges, u32 *scratch)
{
    u64 wanted = 0, found = 0, entries = 0;

    memset(scratch, 0, csr->nr_vertices * sizeof(u32));
    for (u64 i = 0; i < edges->nr; i++) {
        u64 a = edges->tuples[i].v[0], b = edges->tuples[i].v[1], weight = edges->weights ? edges->weights[i] : 0;
        if (a == b)
            continue;
        scratch[a]++;
        scratch[b]++;
        wanted += hash(a, b, weight) + hash(b, a, weight);
        entries += 2;
    }
    if (csr->first[0] || csr->first[csr->nr_vertices] != entries)
        return false;
    for (u32 v = 0; v < csr->nr_vertices; v++) {
        if (csr->first[v + 1] - csr->first[v] != scratch[v])
            return false;
        for (u64 i = csr->first[v]; i < csr->first[v + 1]; i++)
            found +=
                csr->weighted ? hash(v, csr->adjacent[2 * i], csr->adjacent[2 * i + 1]) : hash(v, csr->adjacent[i], 0);
    }
    return found == wanted;
}
