/* sources: tests/host/host.c workloads/g500/random.c workloads/g500/generate.c workloads/g500/csr.c */
/* Graph500's generator: jumps against single steps, and fingerprints of the reference generator's graphs. */
#include <stdlib.h>
#include <string.h>

#include "tests/host/host.h"
#include "workloads/g500/generate.h"
#include "workloads/g500/random.h"

static void jumps(void)
{
    struct g500_random state = g500_seed(2, 3), stepped = state, jumped;
    struct g500_jump half, whole;

    host_case("graph500.jump_is_many_steps");
    CHECK_EQ(3, state.z[0]);
    CHECK_EQ(4, state.z[2]);
    for (u64 n = 0; n < 300; n++) {
        struct g500_jump jump = g500_steps(0, 0, n);
        jumped = state;
        g500_jump(&jumped, &jump);
        CHECK(!memcmp(&jumped, &stepped, sizeof(jumped)));
        g500_next(&stepped);
    }
    half = g500_steps(0, 1ull << 63, 0);
    whole = g500_steps(1, 0, 0);
    stepped = jumped = state;
    g500_jump(&stepped, &half);
    g500_jump(&stepped, &half);
    g500_jump(&jumped, &whole);
    CHECK(!memcmp(&jumped, &stepped, sizeof(jumped)));
    CHECK(memcmp(&jumped, &state, sizeof(jumped)));
    CHECK_EQ(0, g500_reduce(G500_MODULUS));
    CHECK_EQ(UINT64_MAX % G500_MODULUS, g500_reduce(UINT64_MAX));
}

struct fingerprint {
    unsigned scale;
    u64 tuples, loops, distinct, max_degree, isolated, sum, fnv;
    struct g500_tuple first[2];
};

static int by_value(const void *a, const void *b)
{
    u64 x = *(const u64 *)a, y = *(const u64 *)b;

    return x < y ? -1 : x > y;
}

/* Degrees count distinct neighbours other than the vertex itself. */
static void fingerprint(const struct fingerprint *want, const char *name)
{
    u64 nr = (u64)G500_EDGE_FACTOR << want->scale, n = 1ull << want->scale, sum = 0;
    u64 loops = 0, distinct = 0, isolated = 0, max_degree = 0, *keys = malloc(nr * sizeof(u64)), nr_keys = 0;
    struct g500_tuple *tuples = malloc(nr * sizeof(*tuples));
    struct g500_edges edges = {.tuples = tuples, .nr = nr, .nr_vertices = (u32)n};
    u32 *degree = calloc(n, sizeof(u32));

    host_case(name);
    g500_generate(want->scale, 2, 3, tuples, NULL);
    for (u64 i = 0; i < nr; i++) {
        u64 a = tuples[i].v[0], b = tuples[i].v[1];
        CHECK(a < n && b < n);
        sum += a + b;
        if (a == b)
            loops++;
        else
            keys[nr_keys++] = MIN(a, b) << 32 | MAX(a, b);
    }
    qsort(keys, nr_keys, sizeof(*keys), by_value);
    for (u64 i = 0; i < nr_keys; i++) {
        if (i && keys[i] == keys[i - 1])
            continue;
        distinct++;
        degree[keys[i] >> 32]++;
        degree[(u32)keys[i]]++;
    }
    for (u64 v = 0; v < n; v++) {
        max_degree = MAX(max_degree, degree[v]);
        isolated += !degree[v];
    }
    CHECK_EQ(want->tuples, nr);
    CHECK_EQ(want->loops, loops);
    CHECK_EQ(want->distinct, distinct);
    CHECK_EQ(want->max_degree, max_degree);
    CHECK_EQ(want->isolated, isolated);
    CHECK_EQ(want->sum, sum);
    CHECK_EQ(want->fnv, g500_hash_edges(&edges));
    CHECK(!memcmp(tuples, want->first, sizeof(want->first)));
    free(keys), free(tuples), free(degree);
}

/* The edges do not depend on whether weights are drawn; weights are uniform: mean 1/2, all below 1. */
static void weights(void)
{
    enum { SCALE = 12, NR = G500_EDGE_FACTOR << SCALE };
    struct g500_tuple *plain = malloc(NR * sizeof(*plain)), *weighted = malloc(NR * sizeof(*plain));
    u32 *weight = malloc(NR * sizeof(u32)), in_quarter[4] = {0};

    host_case("graph500.weights");
    g500_generate(SCALE, 2, 3, plain, NULL);
    g500_generate(SCALE, 2, 3, weighted, weight);
    CHECK(!memcmp(plain, weighted, NR * sizeof(*plain)));
    for (u32 i = 0; i < NR; i++) {
        CHECK(weight[i] < 1u << G500_WEIGHT_BITS);
        in_quarter[weight[i] >> (G500_WEIGHT_BITS - 2) & 3]++;
    }
    for (unsigned q = 0; q < 4; q++) /* 16384 expected, standard deviation 111 */
        CHECK(in_quarter[q] > NR / 4 - 500 && in_quarter[q] < NR / 4 + 500);
    free(plain), free(weighted), free(weight);
}

static void roots(void)
{
    enum { SCALE = 10, NR = G500_EDGE_FACTOR << SCALE, N = 1 << SCALE };
    struct g500_tuple *tuples = malloc(NR * sizeof(*tuples));
    struct g500_edges edges = {.tuples = tuples, .nr = NR, .nr_vertices = N};
    u64 bits[N / 64] = {0}, few[N / 64] = {0};
    u32 root[64], again[64], connected = 0;

    host_case("graph500.roots");
    g500_generate(SCALE, 2, 3, tuples, NULL);
    g500_mark_connected(&edges, bits);
    for (u32 v = 0; v < N; v++)
        connected += bits[v / 64] >> v % 64 & 1;
    CHECK_EQ(N - 125, connected);
    CHECK_EQ(64, g500_choose_roots(SCALE, 2, 3, bits, 64, root));
    CHECK_EQ(64, g500_choose_roots(SCALE, 2, 3, bits, 64, again));
    CHECK(!memcmp(root, again, sizeof(root)));
    for (u32 i = 0; i < 64; i++) {
        CHECK(bits[root[i] / 64] >> root[i] % 64 & 1);
        for (u32 j = 0; j < i; j++)
            CHECK(root[i] != root[j]);
    }
    few[3] = 5; /* two vertices that may be roots: both are found, and no third */
    CHECK_EQ(2, g500_choose_roots(SCALE, 2, 3, few, 64, root));
    CHECK_EQ(3 * 64 * 2 + 2, root[0] + root[1]);
    free(tuples);
}

static void csr(void)
{
    enum { SCALE = 9, NR = G500_EDGE_FACTOR << SCALE, N = 1 << SCALE };
    struct g500_tuple *tuples = malloc(NR * sizeof(*tuples));
    u32 *weight = malloc(NR * sizeof(u32)), *scratch = malloc(N * sizeof(u32));
    u64 *first = malloc((N + 1) * sizeof(u64)), *adjacent = malloc(NR * 4 * sizeof(u64));
    struct g500_edges edges = {.tuples = tuples, .nr = NR, .nr_vertices = N};

    host_case("graph500.csr_is_checked");
    g500_generate(SCALE, 2, 3, tuples, weight);
    for (int weighted = 0; weighted < 2; weighted++) {
        struct g500_csr csr = {.first = first, .adjacent = adjacent, .nr_vertices = N, .weighted = weighted};
        edges.weights = weighted ? weight : NULL;
        u64 entries = g500_build(&csr, &edges);
        CHECK(g500_csr_is_right(&csr, &edges, scratch));
        for (int i = 0; i < 100; i++) { /* any change of an entry, or of where a row begins, is noticed */
            u64 *word = i % 4 ? &adjacent[host_below((u32)entries << weighted)] : &first[host_below(N + 1)],
                old = *word;
            *word ^= 1u << host_below(9);
            CHECK(!g500_csr_is_right(&csr, &edges, scratch));
            *word = old;
        }
        CHECK(g500_csr_is_right(&csr, &edges, scratch));
    }
    free(tuples), free(weight), free(first), free(scratch), free(adjacent);
}

int main(void)
{
    static const struct fingerprint scale8 = {
        8, 4096, 85, 2152, 167, 15, 1020497, 0xc66c17a946fb7c5eull, {{{17, 138}}, {{82, 127}}}};
    static const struct fingerprint scale10 = {
        10, 16384, 144, 10551, 464, 125, 16789467, 0xe8ab86083270a8acull, {{{299, 797}}, {{684, 861}}}};

    jumps();
    fingerprint(&scale8, "graph500.fingerprint_scale_8");
    fingerprint(&scale10, "graph500.fingerprint_scale_10");
    weights();
    roots();
    csr();
    return host_done();
}
