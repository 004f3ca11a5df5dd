/*
 * graph500-bfs, graph500-sssp: the Graph500 benchmark (graph500.org; "Introducing the Graph 500", Murphy et al., Cray
 * User Group 2010), one search at a time on one core.
 *
 *      setup:   the list of 16 x 2^scale edges, as the reference generator makes it; up to 64 roots with a neighbour
 *      op 0:    kernel 1, timed: the list becomes rows of neighbours, which no search changes
 *      each op: kernel 2, a breadth-first search, or kernel 3, shortest paths, from the next root; timed, once the
 *               arrays of the search before are cleared (as in the reference code)
 *
 * The edges, the rows and all state of a search lie in the arena, in the order in which the benchmark comes to need
 * them: so the small arrays that every edge leads to come last, and with first-touch into the slow tier. The list is
 * cold from op 1 on. Rows are read from their beginnings to their ends, in an order as random as the graph; parent or
 * distance of every neighbour are looked up at random, more often of vertices of high degree.
 *
 * Differs from the specification: kernel 1 is told how many vertices there are; a run may have fewer than 64 searches,
 * and begins with the first root again after the last.
 *
 * Verification (g500_validate.h) never uses the rows, but the list, which must be what was generated: the rows hold
 * exactly its edges; the last search's arrays follow the specification's five rules; and the number of vertices that
 * each search reached and the sum of their levels or distances are found once more by other algorithms. The checksum is
 * over these numbers, in the order of the searches, and thus the same for every correct tree.
 */
#include "kernel/exit.h"
#include "lib/size_text.h"
#include "lib/string.h"
#include "lab/workload.h"
#include "workloads/g500/generate.h"
#include "workloads/g500/search.h"
#include "workloads/g500/teps.h"
#include "workloads/g500/validate.h"
#include "workloads/lib/heap.h"

#define MAX_ROOTS    64 /* by the specification */
#define MAX_SEARCHES 4096

static KEY_NUMBER(scale, "g500_scale", 0, 0, G500_MAX_SCALE,
                  "graph500-*: 2^scale vertices, from 5 on; 0: 17 (bfs) or 16 (sssp), what a run of 30 s allows");
static KEY_NUMBER(max_roots, "g500_roots", MAX_ROOTS, 1, MAX_ROOTS,
                  "graph500-*: distinct roots, searched from in turn (the specification: 64)");
static KEY_TEXT(direction, "g500_direction", "top-down", "top-down|hybrid",
                "graph500-bfs: hybrid lets large levels be found from below; top-down is the reference's");
static KEY_NUMBER(
    delta_bits, "g500_delta_bits", 9, 0, 12,
    "graph500-sssp: buckets are 1/2^bits wide; at scale 18 9 bits scan an entry 1.07 times, 6 bits 4.5 times");

/* What the two programs differ in. */
static struct kernel {
    const char *phase;
    bool weighted;
    unsigned scale; /* by default */
} bfs_kernel = {.phase = "bfs", .scale = 17}, sssp_kernel = {.phase = "sssp", .weighted = true, .scale = 16}, *kernel;

static struct { /* offsets in the arena */
    u64 tuples, weights, first, adjacent, parent, queue, front, next, vertices, heads, pages;
} at;

static u8 *mem; /* the arena, as seen from the phase that runs */
static u32 nr_vertices, nr_roots, roots[MAX_ROOTS];
static u64 nr_tuples, list_hash, root_edges[MAX_ROOTS]; /* tuples in the root's component */
static u64 *wide;                                       /* two scratches of setup and verification: a number a vertex */
static u32 *narrow;

static u64 ops_done, edges_traversed, entries, build_ps;
static struct g500_digest digest[MAX_ROOTS]; /* of the first search from each root */
static bool repeats_differ;                  /* a later search from the same root gave another */
static u64 scanned;
static double ps_per_edge[MAX_SEARCHES]; /* of the searches since measured() */
static u32 nr_timed;

/* --- where things lie ------------------------------------------------------------------------------------------- */

static u64 lay_out(unsigned bits)
{
    u64 n = (u64)1 << bits, m = n * G500_EDGE_FACTOR;
    struct heap heap;

    heap_init(&heap, 16 * GIB);
    at.tuples = heap_array(&heap, m * sizeof(struct g500_tuple));
    if (kernel->weighted)
        at.weights = heap_array(&heap, m * sizeof(u32));
    at.first = heap_array(&heap, (n + 1) * sizeof(u64));
    at.adjacent = heap_array(&heap, 2 * m * (kernel->weighted ? 2 : 1) * sizeof(u64));
    if (kernel->weighted) {
        at.vertices = heap_array(&heap, n * sizeof(struct g500_vertex));
        at.heads = heap_array(&heap, g500_nr_buckets((unsigned)delta_bits) * sizeof(u64));
    } else {
        at.parent = heap_array(&heap, n * sizeof(u64));
        at.queue = heap_array(&heap, n * sizeof(u64));
        if (!strcmp(direction, "hybrid")) {
            at.front = heap_array(&heap, ALIGN_UP(n, 64) / 8);
            at.next = heap_array(&heap, ALIGN_UP(n, 64) / 8);
        }
    }
    at.pages = heap.end >> PAGE_SHIFT;
    return heap.end;
}

static u64 pages_of(struct kernel *chosen)
{
    kernel = chosen;
    if (workload_size()) {
        if (key_given(&scale))
            refuse("size= is the footprint that g500_scale= gives: give one");
        for (scale = G500_MAX_SCALE; scale > G500_MIN_SCALE && lay_out((unsigned)scale) > workload_size();)
            scale--;
        if (lay_out((unsigned)scale) > workload_size())
            refuse("size=%s: the smallest graph needs %s", size_text(workload_size()).text,
                   size_text(at.pages << PAGE_SHIFT).text);
    }
    if (!scale)
        scale = kernel->scale;
    if (scale < G500_MIN_SCALE)
        refuse("g500_scale=%lu: must be 0 or %d to %d", scale, G500_MIN_SCALE, G500_MAX_SCALE);
    lay_out((unsigned)scale);
    nr_vertices = 1u << scale;
    nr_tuples = (u64)nr_vertices * G500_EDGE_FACTOR;
    return at.pages;
}

static NOT_COUNTED u64 bfs_pages(void)
{
    return pages_of(&bfs_kernel);
}

static NOT_COUNTED u64 sssp_pages(void)
{
    return pages_of(&sssp_kernel);
}

static struct g500_edges the_edges(void)
{
    return (struct g500_edges){.tuples = (struct g500_tuple *)(mem + at.tuples),
                               .weights = kernel->weighted ? (u32 *)(mem + at.weights) : NULL,
                               .nr = nr_tuples,
                               .nr_vertices = nr_vertices};
}

static struct g500_csr the_csr(void)
{
    return (struct g500_csr){.first = (u64 *)(mem + at.first),
                             .adjacent = (u64 *)(mem + at.adjacent),
                             .nr_vertices = nr_vertices,
                             .weighted = kernel->weighted};
}

static struct g500_vertex *the_vertices(void)
{
    return (struct g500_vertex *)(mem + at.vertices);
}

/* --- the program ------------------------------------------------------------------------------------------------ */

/* The reference's own seeds are 2 and 3: so those of seed=1. */
static NOT_COUNTED void g500_setup(u64 seed, u64 total_ops)
{
    struct g500_edges edges;

    if (total_ops > MAX_SEARCHES + 1)
        refuse("graph500: warmup and ops together are at most %d, the build and %d searches", MAX_SEARCHES + 1,
               MAX_SEARCHES);
    for (u32 page = 0; page < at.pages; page++)
        arena_populate(page);
    if (!wide) {
        wide = workload_alloc(nr_vertices * sizeof(u64));
        narrow = workload_alloc(nr_vertices * sizeof(u32));
    }
    mem = arena_direct(0);
    edges = the_edges();
    g500_generate((unsigned)scale, seed + 1, seed + 2, (struct g500_tuple *)(mem + at.tuples),
                  kernel->weighted ? (u32 *)(mem + at.weights) : NULL);

    list_hash = g500_hash_edges(&edges);
    memset(wide, 0, nr_vertices * sizeof(u64));
    g500_mark_connected(&edges, wide);
    nr_roots = g500_choose_roots((unsigned)scale, seed + 1, seed + 2, wide, (u32)max_roots, roots);
    if (!nr_roots)
        refuse("graph500: seed=%lu makes a graph without edges", seed);
    g500_component_edges(&edges, roots, nr_roots, (u32 *)wide, narrow, root_edges);

    ops_done = edges_traversed = entries = build_ps = scanned = 0;
    nr_timed = 0;
    repeats_differ = false;
    memset(digest, 0, sizeof(digest));
}

static u64 now_ps(void)
{
    u64 now;

    workload_pause();
    now = workload_now_ps();
    workload_resume();
    return now;
}

static void build(void)
{
    struct g500_edges edges = the_edges();
    struct g500_csr csr = the_csr();
    u64 start;

    workload_phase("build");
    start = now_ps();
    entries = g500_build(&csr, &edges);
    build_ps = now_ps() - start;
}

static struct g500_digest search(u32 root, u64 *time_ps)
{
    struct g500_csr csr = the_csr();
    struct g500_digest found;
    u64 start;

    workload_phase(kernel->phase);
    if (kernel->weighted) {
        u64 *heads = (u64 *)(mem + at.heads);
        g500_clear(the_vertices(), nr_vertices, heads, (unsigned)delta_bits);
        start = now_ps();
        found = g500_sssp(&csr, the_vertices(), heads, (unsigned)delta_bits, root);
    } else {
        struct g500_bfs bfs = {.parent = (u64 *)(mem + at.parent), .queue = (u64 *)(mem + at.queue)};
        if (!strcmp(direction, "hybrid")) {
            bfs.front = (u64 *)(mem + at.front);
            bfs.next = (u64 *)(mem + at.next);
        }
        memset(bfs.parent, 0xff, nr_vertices * sizeof(u64));
        start = now_ps();
        found = g500_bfs(&csr, &bfs, root);
    }
    *time_ps = now_ps() - start;
    return found;
}

static void g500_run(u64 ops)
{
    mem = arena_base();
    for (u64 end = ops_done + ops; ops_done < end; ops_done++) {
        if (!ops_done) {
            build();
            continue;
        }
        u32 r = (u32)((ops_done - 1) % nr_roots);
        u64 time_ps;
        struct g500_digest found = search(roots[r], &time_ps);
        if (ops_done > nr_roots)
            repeats_differ = repeats_differ || found.reached != digest[r].reached || found.sum != digest[r].sum;
        else
            digest[r] = found;
        scanned += found.scanned;
        edges_traversed += root_edges[r];
        ps_per_edge[nr_timed++] = (double)time_ps / (double)root_edges[r];
    }
}

static NOT_COUNTED void g500_measured(void)
{
    nr_timed = 0;
    scanned = 0;
}

static u64 g500_work(void)
{
    return edges_traversed;
}

/* --- is it right? ----------------------------------------------------------------------------------------------- */

static bool last_search_is_valid(const struct g500_edges *edges)
{
    u32 root = roots[(ops_done - 2) % nr_roots];
    struct g500_tree tree = {.root = root};

    if (kernel->weighted) {
        tree.parent = &the_vertices()->parent;
        tree.depth = &the_vertices()->distance;
        tree.stride = sizeof(struct g500_vertex) / sizeof(u64);
    } else { /* the search keeps no levels */
        g500_find_levels(edges, root, wide);
        tree.parent = (u64 *)(mem + at.parent);
        tree.depth = wide;
        tree.stride = 1;
    }
    return g500_validate(edges, &tree, narrow) == G500_VALID;
}

static bool digests_are_right(const struct g500_edges *edges, u32 nr_used)
{
    struct g500_digest wanted[MAX_ROOTS] = {0};
    bool right = true;

    for (u32 r = 0; r < nr_used; r += G500_ROOTS_AT_ONCE) {
        if (!kernel->weighted)
            g500_find_digests(edges, &roots[r], MIN(nr_used - r, G500_ROOTS_AT_ONCE), (u32 *)wide, narrow, &wanted[r]);
    }
    for (u32 r = 0; r < nr_used; r++) {
        if (kernel->weighted)
            wanted[r] = g500_find_distances(edges, roots[r], wide);
        right = right && wanted[r].reached == digest[r].reached && wanted[r].sum == digest[r].sum;
    }
    return right;
}

static NOT_COUNTED bool g500_verify(u64 *checksum)
{
    struct g500_edges edges;
    struct g500_csr csr;

    mem = arena_direct(0);
    edges = the_edges();
    csr = the_csr();
    *checksum = g500_mix(list_hash, entries);
    for (u64 i = 1; i < ops_done; i++) {
        u32 r = (u32)((i - 1) % nr_roots);
        *checksum = g500_mix(g500_mix(g500_mix(*checksum, roots[r]), digest[r].reached), digest[r].sum);
    }
    if (g500_hash_edges(&edges) != list_hash) /* first: what follows relies on it */
        return false;
    if (ops_done && (!g500_csr_is_right(&csr, &edges, narrow) || repeats_differ))
        return false;
    return ops_done < 2 ||
           (last_search_is_valid(&edges) && digests_are_right(&edges, (u32)MIN(ops_done - 1, nr_roots)));
}

/* Fields of the summary, over the measured phase; null where there was no search, or no second one. */
static NOT_COUNTED void g500_report(void)
{
    static const char *const keys[] = {"teps_min", "teps_first_quartile", "teps_median",         "teps_third_quartile",
                                       "teps_max", "teps_harmonic_mean",  "teps_harmonic_stddev"};
    struct g500_teps t = {0};

    result_u64("scale", scale);
    result_u64("edge_factor", G500_EDGE_FACTOR);
    result_u64("construction_ns", build_ps / 1000);
    result_u64("searches", nr_timed);
    result_u64("scanned_entries", scanned);
    if (nr_timed)
        t = g500_sum_up(ps_per_edge, nr_timed);
    const u64 values[] = {t.min, t.first_quartile, t.median,         t.third_quartile,
                          t.max, t.harmonic_mean,  t.harmonic_stddev};
    for (unsigned i = 0; i < ARRAY_SIZE(keys); i++) {
        if (nr_timed > (i == ARRAY_SIZE(keys) - 1))
            result_u64(keys[i], values[i]);
        else
            result_ratio(keys[i], 0, 0);
    }
}

/*
 * mlp: about six instructions an entry, so a reorder buffer of 224 (Cascade Lake; Intel Optimization Reference Manual,
 * 2.5) holds some 37 entries, whose look-ups of parents do not depend on each other. But a vertex that is found first
 * (one entry in 32) and a row that ends (as often, in the mean) are branches that are predicted wrongly, and what
 * follows waits for their miss: in the mean 16 entries are under way, and half of these before the branch. With
 * parents of vertices of high degree in the caches, half of the look-ups miss.
 */
static const struct workload graph500_bfs = {
    .name = "graph500-bfs",
    .summary = "Graph500: builds a Kronecker graph and searches it breadth-first",
    .ops = 2,
    .warmup = 1,
    .unit = "searches",
    .macro = {.bytes = 64 * MIB, .ops = 4, .warmup = 1}, /* scale 16, 34 MiB: 17 takes 67, and too long */
    .mlp = 4000,
    .pages = bfs_pages,
    .setup = g500_setup,
    .run = g500_run,
    .verify = g500_verify,
    .measured = g500_measured,
    .work = g500_work,
    .work_unit = "edges",
    .report = g500_report,
};
REGISTER_WORKLOAD(graph500_bfs);

/*
 * mlp: as above, with eight instructions an entry and, where a distance shrinks, a list of vertices to be changed
 * around it, whose misses depend on the first.
 */
static const struct workload graph500_sssp = {
    .name = "graph500-sssp",
    .summary = "Graph500: builds a weighted Kronecker graph and finds shortest paths in it",
    .ops = 4,
    .warmup = 1,
    .unit = "searches",
    .macro = {.bytes = 32 * MIB, .ops = 4, .warmup = 1}, /* scale 15, 27 MiB */
    .mlp = 3000,
    .pages = sssp_pages,
    .setup = g500_setup,
    .run = g500_run,
    .verify = g500_verify,
    .measured = g500_measured,
    .work = g500_work,
    .work_unit = "edges",
    .report = g500_report,
};
REGISTER_WORKLOAD(graph500_sssp);
