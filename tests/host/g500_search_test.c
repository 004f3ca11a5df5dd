/* sources: tests/host/host.c workloads/g500/random.c workloads/g500/generate.c workloads/g500/csr.c workloads/g500/bfs.c workloads/g500/sssp.c workloads/g500/validate.c workloads/g500/teps.c */
/* Graph500's searches against naive ones, its five rules each broken once, and its rates worked out by hand. */
#include <stdlib.h>
#include <string.h>

#include "tests/host/host.h"
#include "workloads/g500/generate.h"
#include "workloads/g500/search.h"
#include "workloads/g500/teps.h"
#include "workloads/g500/validate.h"

enum { SCALE = 9, N = 1 << SCALE, NR = G500_EDGE_FACTOR << SCALE, BITS = 6 };

static struct g500_tuple tuples[NR];
static u32 weights[NR], scratch[N], other[N];
static u64 first[N + 1], adjacent[4 * NR], parent[N], queue[N], front[N / 64], next[N / 64], depth[N], naive[N];
static struct g500_vertex vertices[N];
static u64 heads[2 << BITS];
static u32 lightest[N][N]; /* UINT32_MAX: no edge */

static struct g500_edges edges = {.tuples = tuples, .nr = NR, .nr_vertices = N};
static struct g500_csr csr = {.first = first, .adjacent = adjacent, .nr_vertices = N};

static void make_graph(u64 seed, bool weighted)
{
    g500_generate(SCALE, seed, seed + 1, tuples, weights);
    memset(lightest, 0xff, sizeof(lightest));
    for (u32 i = 0; i < NR; i++) {
        u64 a = tuples[i].v[0], b = tuples[i].v[1];
        lightest[a][b] = lightest[b][a] = MIN(lightest[a][b], weighted ? weights[i] : 1);
    }
    edges.weights = weighted ? weights : NULL;
    csr.weighted = weighted;
    g500_build(&csr, &edges);
}

/* Dijkstra's algorithm on the matrix, without a heap; with all weights 1 it finds levels. */
static struct g500_digest dijkstra(u32 root)
{
    struct g500_digest digest = {0};
    bool done[N] = {false};

    memset(naive, 0xff, sizeof(naive));
    naive[root] = 0;
    for (;;) {
        u32 u = N;
        for (u32 v = 0; v < N; v++)
            if (!done[v] && naive[v] != G500_NONE && (u == N || naive[v] < naive[u]))
                u = v;
        if (u == N)
            return digest;
        done[u] = true;
        digest.reached++;
        digest.sum += naive[u];
        for (u32 v = 0; v < N; v++)
            if (lightest[u][v] != UINT32_MAX && naive[u] + lightest[u][v] < naive[v])
                naive[v] = naive[u] + lightest[u][v];
    }
}

static bool same(struct g500_digest a, struct g500_digest b)
{
    return a.reached == b.reached && a.sum == b.sum;
}

static void levels(void)
{
    struct g500_bfs top_down = {.parent = parent, .queue = queue};
    struct g500_bfs hybrid = {.parent = parent, .queue = queue, .front = front, .next = next};

    host_case("graph500.levels_against_naive");
    for (u64 seed = 2; seed < 6; seed++) {
        u32 roots[G500_ROOTS_AT_ONCE];
        struct g500_digest at_once[G500_ROOTS_AT_ONCE], found;
        make_graph(seed, false);
        for (u32 r = 0; r < G500_ROOTS_AT_ONCE; r++)
            roots[r] = host_below(N); /* isolated ones, too */
        g500_find_digests(&edges, roots, G500_ROOTS_AT_ONCE, scratch, other, at_once);
        for (u32 r = 0; r < G500_ROOTS_AT_ONCE; r++) {
            struct g500_tree tree = {.parent = parent, .depth = depth, .stride = 1, .root = roots[r]};
            struct g500_digest want = dijkstra(roots[r]);
            u64 scanned;
            CHECK(same(want, g500_find_levels(&edges, roots[r], depth)));
            CHECK(!memcmp(naive, depth, sizeof(depth)));
            CHECK(same(want, at_once[r]));
            memset(parent, 0xff, sizeof(parent));
            found = g500_bfs(&csr, &top_down, roots[r]);
            CHECK(same(want, found));
            CHECK_EQ(G500_VALID, g500_validate(&edges, &tree, scratch));
            scanned = found.scanned;
            memset(parent, 0xff, sizeof(parent));
            found = g500_bfs(&csr, &hybrid, roots[r]);
            CHECK(same(want, found));
            CHECK_EQ(G500_VALID, g500_validate(&edges, &tree, scratch));
            CHECK(want.reached < N / 2 || found.scanned < scanned / 2); /* it did look from below */
        }
    }
}

static void distances(void)
{
    host_case("graph500.distances_against_dijkstra");
    for (u64 seed = 2; seed < 6; seed++) {
        make_graph(seed, true);
        for (unsigned bits = 0; bits <= BITS; bits += 2) {
            u32 root = host_below(N);
            struct g500_tree tree = {
                .parent = &vertices->parent, .depth = &vertices->distance, .stride = 4, .root = root};
            struct g500_digest want = dijkstra(root), found;
            CHECK(same(want, g500_find_distances(&edges, root, depth)));
            CHECK(!memcmp(naive, depth, sizeof(depth)));
            g500_clear(vertices, N, heads, bits);
            found = g500_sssp(&csr, vertices, heads, bits, root);
            CHECK(same(want, found));
            for (u32 v = 0; v < N; v++)
                CHECK_EQ(naive[v], vertices[v].distance);
            CHECK_EQ(G500_VALID, g500_validate(&edges, &tree, scratch));
        }
    }
}

/* A vertex of the tree for which `fits` holds, or N. */
static u32 any(bool (*fits)(u32 v, u32 u), u32 *u)
{
    for (u32 v = 0; v < N; v++)
        for (*u = 0; *u < N; (*u)++)
            if (depth[v] != G500_NONE && depth[v] && depth[*u] != G500_NONE && v != *u && fits(v, *u))
                return v;
    return N;
}

static bool joined(u32 v, u32 u)
{
    return lightest[v][u] != UINT32_MAX;
}
static bool beside(u32 v, u32 u)
{
    return joined(v, u) && depth[v] == depth[u];
}
static bool apart(u32 v, u32 u)
{
    return !joined(v, u) && depth[v] == depth[u] + 1;
}
static bool slack(u32 v, u32 u)
{
    return joined(v, u) && depth[u] < depth[v] && depth[v] < depth[u] + lightest[v][u];
}
static bool farther(u32 v, u32 u)
{
    return !joined(v, u) && depth[u] < depth[v];
}
static bool grandchild(u32 v, u32 u)
{
    return parent[v] == u && depth[u];
}

static bool is_parent(u32 v)
{
    for (u32 w = 0; w < N; w++)
        if (parent[w] == v)
            return true;
    return false;
}

static struct g500_tree tree = {.parent = parent, .depth = depth, .stride = 1};

static void breaks(enum g500_rule want, u64 *word, u64 value)
{
    u64 old = *word;

    CHECK_EQ(G500_VALID, g500_validate(&edges, &tree, scratch));
    *word = value;
    CHECK_EQ(want, g500_validate(&edges, &tree, scratch));
    *word = old;
}

/* On generated graphs, one word changed for each of the rules 1, 2, 4, 5. */
static void mutations(bool weighted)
{
    u32 u, v, leaf = N;

    make_graph(2, weighted);
    tree.root = 7;
    while (first[tree.root] == first[tree.root + 1])
        tree.root++;
    if (weighted) {
        g500_clear(vertices, N, heads, BITS);
        g500_sssp(&csr, vertices, heads, BITS, tree.root);
        for (v = 0; v < N; v++)
            parent[v] = vertices[v].parent, depth[v] = vertices[v].distance;
    } else {
        struct g500_bfs bfs = {.parent = parent, .queue = queue};
        memset(parent, 0xff, sizeof(parent));
        g500_bfs(&csr, &bfs, tree.root);
        g500_find_levels(&edges, tree.root, depth);
    }
    v = any(grandchild, &u);
    CHECK(v < N);
    breaks(G500_RULE_CYCLES, &parent[u], v);
    breaks(G500_RULE_CYCLES, &parent[v], v);
    breaks(G500_RULE_CYCLES, &parent[tree.root], v);
    v = any(weighted ? slack : beside, &u);
    CHECK(v < N);
    breaks(G500_RULE_TREE, &parent[v], u);
    for (v = 0; v < N && leaf == N; v++)
        if (depth[v] != G500_NONE && depth[v] && !is_parent(v))
            leaf = v;
    CHECK(leaf < N);
    breaks(G500_RULE_SPAN, &depth[leaf], G500_NONE);
    breaks(G500_RULE_SPAN, &parent[leaf], G500_NONE);
    u64 kept = parent[leaf];
    parent[leaf] = G500_NONE; /* as if it had not been found at all */
    u64 level = depth[leaf];
    depth[leaf] = G500_NONE;
    CHECK_EQ(G500_RULE_SPAN, g500_validate(&edges, &tree, scratch));
    parent[leaf] = kept, depth[leaf] = level;
    v = any(weighted ? farther : apart, &u);
    CHECK(v < N);
    breaks(G500_RULE_JOINED, &parent[v], u);
    breaks(G500_RULE_JOINED, &parent[v], N + 5);
}

/* A tree whose every edge is right, beside an edge that it should have taken: 0-1-2-3 and 0-3. */
static void shortcut(void)
{
    struct g500_tuple ring[] = {{{0, 1}}, {{1, 2}}, {{3, 2}}, {{0, 3}}};
    u32 lengths[] = {5, 5, 5, 14};
    struct g500_edges graph = {.tuples = ring, .nr = 4, .nr_vertices = 4};
    u64 up[] = {0, 0, 1, 2}, level[] = {0, 1, 2, 3}, distance[] = {0, 5, 10, 15};
    struct g500_tree path = {.parent = up, .depth = level, .stride = 1};

    CHECK_EQ(G500_RULE_EDGES, g500_validate(&graph, &path, scratch));
    graph.weights = lengths;
    path.depth = distance;
    CHECK_EQ(G500_RULE_EDGES, g500_validate(&graph, &path, scratch));
    lengths[3] = 15;
    CHECK_EQ(G500_VALID, g500_validate(&graph, &path, scratch));
    distance[3] = 16;
    CHECK_EQ(G500_RULE_TREE, g500_validate(&graph, &path, scratch));
}

static void component_edges(void)
{
    struct g500_tuple some[] = {{{0, 1}}, {{1, 0}}, {{1, 1}}, {{2, 3}}, {{4, 4}}, {{3, 5}}, {{5, 2}}};
    struct g500_edges graph = {.tuples = some, .nr = 7, .nr_vertices = 7};
    u32 roots[] = {0, 1, 2, 4, 5, 6};
    u64 nr[6];

    host_case("graph500.edges_of_a_component");
    g500_component_edges(&graph, roots, 6, scratch, other, nr);
    CHECK(nr[0] == 3 && nr[1] == 3 && nr[2] == 3 && nr[3] == 1 && nr[4] == 3 && nr[5] == 0);
}

static void rates(void)
{
    double four[] = {3000, 1000, 4000, 2000}, one[] = {500}, many[1000];
    struct g500_teps t = g500_sum_up(four, 4);

    host_case("graph500.rates");
    CHECK_EQ(250000000, t.min);
    CHECK_EQ(285714285, t.first_quartile); /* 3500 ps an edge */
    CHECK_EQ(400000000, t.median);
    CHECK_EQ(666666666, t.third_quartile);
    CHECK_EQ(1000000000, t.max);
    CHECK_EQ(400000000, t.harmonic_mean);
    CHECK_EQ(119256958, t.harmonic_stddev); /* 1290.99 / (2500^2 x sqrt 3) */
    t = g500_sum_up(one, 1);
    CHECK(t.min == 2000000000 && t.median == t.min && t.max == t.min && t.third_quartile == t.min);
    CHECK_EQ(0, t.harmonic_stddev);
    for (u32 i = 0; i < ARRAY_SIZE(many); i++)
        many[i] = 1 + host_below(1000000);
    g500_sum_up(many, ARRAY_SIZE(many));
    for (u32 i = 1; i < ARRAY_SIZE(many); i++)
        CHECK(many[i - 1] <= many[i]);
}

int main(void)
{
    levels();
    distances();
    host_case("graph500.rules_for_levels");
    mutations(false);
    host_case("graph500.rules_for_distances");
    mutations(true);
    host_case("graph500.rule_of_edges");
    shortcut();
    component_edges();
    rates();
    return host_done();
}
