#include "lib/string.h"
#include "workloads/g500/validate.h"

#define SEEN_JOINED 1
#define SEEN_TIGHT  2 /* and the depths differ by exactly the edge's weight */

/* Walks up from every vertex. `walk` remembers in which walk a vertex was met. */
static enum g500_rule follow_parents(const struct g500_tree *tree, u32 nr_vertices, u32 *walk)
{
    const u64 *parent = tree->parent, *depth = tree->depth;
    u64 stride = tree->stride;

    memset(walk, 0, nr_vertices * sizeof(u32));
    if (tree->root >= nr_vertices || parent[tree->root * stride] != tree->root || depth[tree->root * stride])
        return G500_RULE_CYCLES;
    walk[tree->root] = 1; /* walk v has the number v + 2 */
    for (u32 v = 0; v < nr_vertices; v++) {
        if ((parent[v * stride] == G500_NONE) != (depth[v * stride] == G500_NONE))
            return G500_RULE_SPAN;
        if (parent[v * stride] == G500_NONE)
            continue;
        for (u64 at = v; !walk[at] || walk[at] == v + 2;) { /* until an earlier walk or the root */
            if (walk[at] == v + 2)
                return G500_RULE_CYCLES;
            walk[at] = v + 2;
            at = parent[at * stride];
            if (at == G500_NONE)
                return G500_RULE_SPAN;
            if (at >= nr_vertices)
                return G500_RULE_JOINED;
        }
    }
    return G500_VALID;
}

enum g500_rule g500_validate(const struct g500_edges *edges, const struct g500_tree *tree, u32 *scratch)
{
    const u64 *parent = tree->parent, *depth = tree->depth;
    u64 stride = tree->stride;
    u32 *seen = scratch, nr_vertices = edges->nr_vertices;
    enum g500_rule broken = follow_parents(tree, nr_vertices, scratch);

    if (broken)
        return broken;
    for (u32 v = 0; v < nr_vertices && !edges->weights; v++)
        if (depth[v * stride] != G500_NONE && v != tree->root &&
            depth[v * stride] != depth[parent[v * stride] * stride] + 1)
            return G500_RULE_TREE;

    memset(seen, 0, nr_vertices * sizeof(u32));
    for (u64 i = 0; i < edges->nr; i++) {
        struct g500_tuple t = edges->tuples[i];
        u64 weight = edges->weights ? edges->weights[i] : 1;
        for (unsigned side = 0; side < 2; side++) {
            u64 from = t.v[side], to = t.v[!side];
            u64 low = depth[from * stride], high = depth[to * stride];
            if (low == G500_NONE && high == G500_NONE)
                continue;
            if (low == G500_NONE || high == G500_NONE)
                return G500_RULE_SPAN;
            if (high > low && high - low > weight)
                return parent[to * stride] == from ? G500_RULE_TREE : G500_RULE_EDGES;
            if (parent[to * stride] == from)
                seen[to] |= SEEN_JOINED | (high - low == weight ? SEEN_TIGHT : 0);
        }
    }
    for (u32 v = 0; v < nr_vertices; v++) {
        if (v == tree->root || depth[v * stride] == G500_NONE)
            continue;
        if (!seen[v])
            return G500_RULE_JOINED;
        if (!(seen[v] & SEEN_TIGHT))
            return G500_RULE_TREE;
    }
    return G500_VALID;
}

static struct g500_digest digest_of(const u64 *depth, u32 nr_vertices)
{
    struct g500_digest digest = {0};

    for (u32 v = 0; v < nr_vertices; v++) {
        if (depth[v] == G500_NONE)
            continue;
        digest.reached++;
        digest.sum += depth[v];
    }
    return digest;
}

struct g500_digest g500_find_levels(const struct g500_edges *edges, u32 root, u64 *level)
{
    bool changed = true;

    memset(level, 0xff, edges->nr_vertices * sizeof(u64));
    level[root] = 0;
    for (u64 now = 0; changed; now++) {
        changed = false;
        for (u64 i = 0; i < edges->nr; i++) {
            u64 *a = &level[edges->tuples[i].v[0]], *b = &level[edges->tuples[i].v[1]];
            if ((*a == now && *b == G500_NONE) || (*b == now && *a == G500_NONE)) {
                *(*a == now ? b : a) = now + 1;
                changed = true;
            }
        }
    }
    return digest_of(level, edges->nr_vertices);
}

struct g500_digest g500_find_distances(const struct g500_edges *edges, u32 root, u64 *distance)
{
    bool changed = true;

    memset(distance, 0xff, edges->nr_vertices * sizeof(u64));
    distance[root] = 0;
    while (changed) {
        changed = false;
        for (u64 i = 0; i < edges->nr; i++) {
            u64 *a = &distance[edges->tuples[i].v[0]], *b = &distance[edges->tuples[i].v[1]];
            u64 weight = edges->weights[i];
            if (*a < *b && *a + weight < *b) { /* the lower end is reached */
                *b = *a + weight;
                changed = true;
            } else if (*b < *a && *b + weight < *a) {
                *a = *b + weight;
                changed = true;
            }
        }
    }
    return digest_of(distance, edges->nr_vertices);
}

void g500_find_digests(const struct g500_edges *edges, const u32 *roots, u32 nr_roots, u32 *reached, u32 *next,
                       struct g500_digest *digests)
{
    bool changed = true;

    memset(reached, 0, edges->nr_vertices * sizeof(u32));
    for (u32 r = 0; r < nr_roots; r++) {
        reached[roots[r]] |= 1u << r;
        digests[r] = (struct g500_digest){.reached = 1};
    }
    for (u64 level = 1; changed; level++) {
        changed = false;
        memcpy(next, reached, edges->nr_vertices * sizeof(u32));
        for (u64 i = 0; i < edges->nr; i++) {
            struct g500_tuple t = edges->tuples[i];
            next[t.v[0]] |= reached[t.v[1]];
            next[t.v[1]] |= reached[t.v[0]];
        }
        for (u32 v = 0; v < edges->nr_vertices; v++) {
            for (u32 new = next[v] & ~reached[v]; new; new &= new - 1) {
                struct g500_digest *digest = &digests[__builtin_ctz(new)];
                digest->reached++;
                digest->sum += level;
                changed = true;
            }
            reached[v] = next[v];
        }
    }
}

static u32 find(u32 *above, u64 v)
{
    while (above[v] != v) {
        above[v] = above[above[v]]; /* halves the path */
        v = above[v];
    }
    return (u32)v;
}

void g500_component_edges(const struct g500_edges *edges, const u32 *roots, u32 nr_roots, u32 *above, u32 *count,
                          u64 *nr_edges)
{
    for (u32 v = 0; v < edges->nr_vertices; v++)
        above[v] = v;
    for (u64 i = 0; i < edges->nr; i++) {
        u32 a = find(above, edges->tuples[i].v[0]), b = find(above, edges->tuples[i].v[1]);
        above[MAX(a, b)] = MIN(a, b);
    }
    memset(count, 0, edges->nr_vertices * sizeof(u32));
    for (u64 i = 0; i < edges->nr; i++)
        count[find(above, edges->tuples[i].v[0])]++;
    for (u32 r = 0; r < nr_roots; r++)
        nr_edges[r] = count[find(above, roots[r])];
}
