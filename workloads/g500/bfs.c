#include "lib/string.h"
#include "workloads/g500/search.h"

/* To bottom-up when the level's rows have more than 1/ALPHA of the entries of rows that no level had; back when a
 * level is smaller than 1/BETA of the vertices (Beamer et al.; the values are those of the GAP benchmark suite). */
#define ALPHA 15
#define BETA  18

/* From the level queue[begin, end) to the one behind it; returns how many there are. */
static u64 step_down(const struct g500_csr *csr, const struct g500_bfs *bfs, u64 begin, u64 end, u64 *scanned)
{
    u64 *parent = bfs->parent, *queue = bfs->queue;
    const u64 *first = csr->first, *adjacent = csr->adjacent;
    u64 tail = end, looked_at = 0;

    for (u64 i = begin; i < end; i++) {
        u64 u = queue[i], row_end = first[u + 1];
        looked_at += row_end - first[u];
        for (u64 e = first[u]; e < row_end; e++) {
            u64 v = adjacent[e];
            if (parent[v] == G500_NONE) {
                parent[v] = u;
                queue[tail++] = v;
            }
        }
    }
    *scanned += looked_at;
    return tail - end;
}

static bool bit(const u64 *bits, u64 i)
{
    return bits[i / 64] >> i % 64 & 1;
}

/* From the level in bfs->front to bfs->next, which must be empty; returns how many there are. */
static u64 step_up(const struct g500_csr *csr, const struct g500_bfs *bfs, const u64 *front, u64 *next, u64 *scanned)
{
    u64 found = 0, looked_at = 0;

    for (u32 v = 0; v < csr->nr_vertices; v++) {
        if (bfs->parent[v] != G500_NONE)
            continue;
        u64 e = csr->first[v], row_end = csr->first[v + 1];
        looked_at -= e;
        while (e < row_end && !bit(front, csr->adjacent[e]))
            e++;
        looked_at += MIN(e + 1, row_end);
        if (e < row_end) {
            bfs->parent[v] = csr->adjacent[e];
            next[v / 64] |= 1ull << v % 64;
            found++;
        }
    }
    *scanned += looked_at;
    return found;
}

static u64 entries_ahead(const struct g500_csr *csr, const u64 *queue, u64 nr)
{
    u64 sum = 0;

    for (u64 i = 0; i < nr; i++)
        sum += csr->first[queue[i] + 1] - csr->first[queue[i]];
    return sum;
}

struct g500_digest g500_bfs(const struct g500_csr *csr, const struct g500_bfs *bfs, u32 root)
{
    struct g500_digest digest = {.reached = 1};
    u64 n = csr->nr_vertices, bitmap_bytes = ALIGN_UP(n, 64) / 8, unexplored = csr->first[n];
    u64 begin = 0, end = 1, size = 1, size_before = 0; /* the level is queue[begin, end) or, going up, in front */
    u64 *front = bfs->front, *next = bfs->next, *swap;
    bool may_go_up = front, up = false;

    bfs->parent[root] = root;
    bfs->queue[0] = root;
    for (u64 level = 1; size; level++) {
        if (may_go_up) {
            u64 ahead = entries_ahead(csr, bfs->queue + begin, size);
            if (ahead > unexplored / ALPHA) {
                may_go_up = false; /* once a search: what is left when it comes down is little */
                up = true;
                memset(front, 0, bitmap_bytes);
                for (u64 i = begin; i < end; i++)
                    front[bfs->queue[i] / 64] |= 1ull << bfs->queue[i] % 64;
            }
            unexplored -= MIN(unexplored, ahead);
        } else if (up && size < size_before && size <= n / BETA) {
            up = false;
            begin = end = 0;
            for (u32 v = 0; v < n; v++)
                if (bit(front, v))
                    bfs->queue[end++] = v;
        }
        size_before = size;
        if (up) {
            memset(next, 0, bitmap_bytes);
            size = step_up(csr, bfs, front, next, &digest.scanned);
            swap = front, front = next, next = swap;
        } else {
            size = step_down(csr, bfs, begin, end, &digest.scanned);
            begin = end;
            end += size;
        }
        digest.reached += size;
        digest.sum += size * level;
    }
    return digest;
}
