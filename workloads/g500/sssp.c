#include "workloads/g500/search.h"

void g500_clear(struct g500_vertex *vertices, u32 nr_vertices, u64 *head, unsigned bits)
{
    for (u32 v = 0; v < nr_vertices; v++)
        vertices[v] =
            (struct g500_vertex){.distance = G500_NONE, .parent = G500_NONE, .next = v, .previous = G500_NONE};
    for (u32 b = 0; b < g500_nr_buckets(bits); b++)
        head[b] = G500_NONE;
}

static inline void put(struct g500_vertex *vertices, u64 *head, u64 v)
{
    u64 next = *head;

    vertices[v].next = next;
    vertices[v].previous = G500_NONE;
    if (next != G500_NONE)
        vertices[next].previous = v;
    *head = v;
}

static inline void take(struct g500_vertex *vertices, u64 *head, u64 v)
{
    u64 next = vertices[v].next, previous = vertices[v].previous;

    if (next != G500_NONE)
        vertices[next].previous = previous;
    if (previous != G500_NONE)
        vertices[previous].next = next;
    else
        *head = next;
    vertices[v].next = v;
}

struct g500_digest g500_sssp(const struct g500_csr *csr, struct g500_vertex *vertices, u64 *head, unsigned bits,
                             u32 root)
{
    const u64 mask = g500_nr_buckets(bits) - 1, shift = G500_WEIGHT_BITS - bits;
    struct g500_digest digest = {.reached = 1};
    u64 waiting = 1, sum = 0, scanned = 0;

    vertices[root].distance = 0;
    vertices[root].parent = root;
    put(vertices, &head[0], root);
    for (u64 bucket = 0; waiting; bucket = (bucket + 1) & mask) {
        while (head[bucket] != G500_NONE) {
            u64 u = head[bucket], distance = vertices[u].distance;
            take(vertices, &head[bucket], u);
            waiting--;
            scanned += csr->first[u + 1] - csr->first[u];
            for (u64 e = csr->first[u], end = csr->first[u + 1]; e < end; e++) {
                u64 v = csr->adjacent[2 * e], through = distance + csr->adjacent[2 * e + 1];
                u64 old = vertices[v].distance, from, to;
                if (through >= old)
                    continue;
                vertices[v].distance = through;
                vertices[v].parent = u;
                sum += through;
                if (old == G500_NONE)
                    digest.reached++;
                else
                    sum -= old;
                from = old >> shift & mask;
                to = through >> shift & mask;
                if (vertices[v].next != v) { /* it waits already */
                    if (from == to)
                        continue;
                    take(vertices, &head[from], v);
                    waiting--;
                }
                put(vertices, &head[to], v);
                waiting++;
            }
        }
    }
    digest.sum = sum;
    digest.scanned = scanned;
    return digest;
}
