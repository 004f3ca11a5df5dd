/*
 * gap-cc: connected components by Afforest (Sutton, Ben-Nun, Barak, IPDPS 2018), the algorithm of the GAP Benchmark
 * Suite since its version 1.3; it suits a graph with one large component, where Shiloach and Vishkin's would visit all
 * edges in every round.
 *
 *      with gap_build=run, op 0:  build the graph (workloads/gap/graph.c)
 *      each other op:  one trial:  label[v] <- v
 *          for round 0 and 1:  link every vertex with its neighbour of that number;  compress
 *          c <- the label most frequent among 1024 vertices drawn at random
 *          link every vertex not labelled c with the rest of its neighbours;  compress
 *      link u, v:      walk up from both until they meet, hooking the higher label's root under the lower label
 *      compress:       every vertex takes its root's label
 *
 * An op is a whole trial: its phases differ. Runs on one core, so hooks are plain stores where the original swaps
 * atomically.
 *
 * Verification: a search by a queue labels each component by its lowest vertex, which is what Afforest's labels are in
 * the end, since only roots are hooked and only under lower ones. Each hook joins two components, so every trial has
 * vertices - components of them; labels are compared after the last one.
 */
#include "lib/string.h"
#include "workloads/gap/graph.h"
#include "workloads/gap/mt19937.h"

#define ROUNDS       2 /* the authors' choice */
#define NR_SAMPLES   1024
#define TABLE_SLOTS  (2 * NR_SAMPLES)
#define SAMPLER_SEED 5489 /* mt19937's own default, as in the original */

static u64 labels_at, trials, visited, components;
static u64 hooks;      /* of the last trial */
static bool all_alike; /* trials so far had as many hooks */

static u64 place(u64 at)
{
    labels_at = gap_array(&at, gap.vertices * sizeof(u32));
    return at;
}

static NOT_COUNTED u64 cc_pages(void)
{
    return gap_pages(17, place);
}

static NOT_COUNTED void cc_setup(u64 seed, u64 total_ops)
{
    (void)total_ops;
    gap_setup(seed);
    trials = visited = components = hooks = 0;
    all_alike = true;
}

static inline bool link_up(u32 *labels, u32 u, u32 v)
{
    u32 p = labels[u], q = labels[v];

    while (p != q) {
        u32 high = MAX(p, q), low = MIN(p, q), above = labels[high];
        if (above == low)
            return false;
        if (above == high) {
            labels[high] = low;
            return true;
        }
        p = labels[above];
        q = labels[low];
    }
    return false;
}

static void compress(u32 *labels)
{
    for (u32 v = 0; v < gap.vertices; v++)
        while (labels[v] != labels[labels[v]])
            labels[v] = labels[labels[v]];
}

/* The label that most of the sampled vertices have. Its table is small and stays in the cache: no part of the arena. */
static u32 frequent_label(const u32 *labels)
{
    static struct mt19937 mt;
    static struct {
        u32 label, count;
    } table[TABLE_SLOTS];
    u32 best = 0;

    mt19937_seed(&mt, SAMPLER_SEED);
    memset(table, 0, sizeof(table));
    for (unsigned i = 0; i < NR_SAMPLES; i++) {
        u32 label = labels[mt19937_below(&mt, gap.vertices)], slot = label * 0x9e3779b9 % TABLE_SLOTS;
        while (table[slot].count && table[slot].label != label)
            slot = (slot + 1) % TABLE_SLOTS;
        table[slot].label = label;
        table[slot].count++;
        if (table[slot].count > table[best].count)
            best = slot;
    }
    return table[best].label;
}

/* Returns the number of hooks. */
static u64 afforest(struct gap_csr csr, u32 *labels)
{
    u64 hooked = 0;
    u32 most;

    for (u32 v = 0; v < gap.vertices; v++)
        labels[v] = v;
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (u32 u = 0; u < gap.vertices; u++) {
            u64 at = csr.index[u] + round;
            if (at >= csr.index[u + 1])
                continue;
            hooked += link_up(labels, u, csr.neighbours[at]);
            visited++;
        }
        compress(labels);
    }
    most = frequent_label(labels);
    for (u32 u = 0; u < gap.vertices; u++) {
        if (labels[u] == most)
            continue;
        for (u64 at = csr.index[u] + ROUNDS; at < csr.index[u + 1]; at++) {
            hooked += link_up(labels, u, csr.neighbours[at]);
            visited++;
        }
    }
    compress(labels);
    return hooked;
}

static void cc_run(u64 ops)
{
    u8 *memory = arena_base();

    if (ops && !gap.built) {
        workload_phase("build");
        gap_build(memory);
        ops--;
    }
    for (; ops; ops--) {
        u64 before = hooks;
        workload_phase("trial");
        hooks = afforest(gap_view(memory), (u32 *)(memory + labels_at));
        all_alike = all_alike && (!trials || hooks == before);
        trials++;
    }
}

/* Labels each component by its first vertex, and counts them. */
static u64 search_all(struct gap_csr csr, u32 *labels, u32 *queue)
{
    u64 count = 0;

    memset(labels, 0xff, gap.vertices * sizeof(*labels));
    for (u32 first = 0; first < gap.vertices; first++) {
        u32 head = 0, tail = 0;
        if (labels[first] != UINT32_MAX)
            continue;
        count++;
        labels[first] = first;
        queue[tail++] = first;
        while (head < tail) {
            u32 u = queue[head++];
            for (u64 i = csr.index[u]; i < csr.index[u + 1]; i++) {
                u32 v = csr.neighbours[i];
                if (labels[v] != UINT32_MAX)
                    continue;
                labels[v] = first;
                queue[tail++] = v;
            }
        }
    }
    return count;
}

static NOT_COUNTED bool cc_verify(u64 *checksum)
{
    const u32 *labels = arena_direct(labels_at);
    u32 *expected = gap_scratch(), *queue = expected + gap.vertices;

    *checksum = 0;
    if (!gap.built)
        return true;
    if (!gap_check())
        return false;
    *checksum = gap_checksum();
    if (!trials)
        return true;
    components = search_all(gap_view(arena_direct(0)), expected, queue);
    for (u32 v = 0; v < gap.vertices; v++)
        *checksum = gap_mix(*checksum, labels[v]);
    return all_alike && hooks == gap.vertices - components && !memcmp(labels, expected, gap.vertices * sizeof(*labels));
}

/* Edges of the graph for each trial, whether Afforest looked at them or not: what a user waits for. */
static u64 cc_work(void)
{
    return trials * gap.directed / 2;
}

static NOT_COUNTED void cc_report(void)
{
    gap_report();
    result_u64("trials", trials);
    result_u64("components", trials ? gap.vertices - hooks : 0);
    result_u64("visited_entries", visited);
}

/*
 * mlp: linking takes some 12 instructions an edge when both labels are equal, the most frequent case, and the loads of
 * two neighbours' labels do not depend on each other; but the walk up is a chain of loads, and compressing one of at
 * least two. Independent pairs of dependent loads in 224 entries, with a branch on each that is guessed wrong now and
 * then: 4.
 */
struct workload gap_cc = {
    .name = "gap-cc",
    .summary = "connected components by Afforest (GAP Benchmark Suite)",
    .ops = 4,
    .warmup = 1,
    .unit = "trials",
    .macro = {.bytes = 32 * MIB, .ops = 3, .warmup = 1},
    .mlp = 4000,
    .reads_input = true,
    .pages = cc_pages,
    .setup = cc_setup,
    .run = cc_run,
    .verify = cc_verify,
    .work = cc_work,
    .work_unit = "edges",
    .report = cc_report,
};
REGISTER_WORKLOAD(gap_cc);
