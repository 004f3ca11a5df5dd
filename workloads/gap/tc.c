/*
 * gap-tc: counts triangles, as in the GAP Benchmark Suite (Beamer, Asanovic, Patterson, arXiv:1508.03619).
 *
 *      with gap_build=run, op 0:  build the graph (workloads/gap/graph.c)
 *      each other op:  one row u:  for every neighbour v < u:  count what the lists of u and v have in common below v
 *      before the first row of a trial, if degrees are skewed:  a second graph, whose vertices are numbered by
 *                      descending degree, so that the long lists of hubs have few entries below their own number
 *      a trial ends with the last row; then the next begins
 *
 * Relabelling pays when the mean degree is 10 or more and of 1000 vertices drawn the mean degree exceeds the median by
 * 1.3: the original's rule, which says yes for Kronecker and no for uniform graphs. gap_relabel overrides it. It is
 * part of the trial there, so it is here; the second graph then lies in memory beside the first one.
 *
 * An op is a row and not a trial: a trial of the default graph takes longer than all of another program's run, and rows
 * do not depend on each other. Degrees are sorted by counting where the original sorts pairs.
 *
 * Verification: the second graph has the first one's edges under new names, found by bisection, and its degrees
 * descend. Triangles are counted by marking u's neighbours below u and testing the neighbours of each. Rows of a trial
 * that has not ended are checked as far as it came.
 */
#include "lib/string.h"
#include "workloads/gap/graph.h"
#include "workloads/gap/mt19937.h"

#define MIN_DEGREE 10 /* the original's rule */
#define NR_SAMPLES 1000

static KEY_TEXT(gap_relabel, "gap_relabel", "auto", "auto|always|never",
                "gap-tc: whether to number vertices by degree first; auto: by the original's rule");

static u64 index_at, neighbours_at, names_at, starts_at; /* the second graph, new names, and where each degree begins */
static bool relabelled;
static bool prepared;            /* the next trial is set up already */
static u32 row;                  /* the next one */
static u64 count, trials, whole; /* triangles in this trial's rows; trials ended; triangles of the last one */
static u64 pairs;                /* edges done, in all trials */
static bool all_alike;           /* all trials counted the same */

static u64 place(u64 at)
{
    index_at = gap_array(&at, (gap.vertices + (u64)1) * sizeof(u64));
    neighbours_at = gap_array(&at, 2 * gap.tuples * sizeof(u32));
    names_at = gap_array(&at, gap.vertices * sizeof(u32));
    starts_at = gap_array(&at, gap.vertices * sizeof(u32));
    return at;
}

static NOT_COUNTED u64 tc_pages(void)
{
    return gap_pages(17, place);
}

static void start_trial(u8 *memory);

static NOT_COUNTED void tc_setup(u64 seed, u64 total_ops)
{
    (void)total_ops;
    gap_setup(seed);
    relabelled = false;
    row = 0;
    count = trials = whole = pairs = 0;
    all_alike = true;
    prepared = gap.built;
    if (prepared)
        start_trial(arena_direct(0));
}

/* The graph whose triangles are counted. */
static struct gap_csr counted(u8 *memory)
{
    if (!relabelled)
        return gap_view(memory);
    return (struct gap_csr){.index = (u64 *)(memory + index_at), .neighbours = (u32 *)(memory + neighbours_at)};
}

static inline u32 degree_of(const struct gap_csr *csr, u32 v)
{
    return (u32)(csr->index[v + 1] - csr->index[v]);
}

/* Whether degrees are skewed enough. */
static bool worth_relabelling(struct gap_csr csr)
{
    static struct mt19937 mt;
    static u32 samples[NR_SAMPLES]; /* small: no part of the arena */
    u64 sum = 0;

    if (gap.directed / 2 / gap.vertices < MIN_DEGREE)
        return false;
    mt19937_seed(&mt, gap_seed(gap.seed));
    for (unsigned i = 0; i < NR_SAMPLES; i++) {
        do
            samples[i] = degree_of(&csr, mt19937_below(&mt, gap.vertices));
        while (!samples[i]);
        sum += samples[i];
    }
    gap_sort(samples, NR_SAMPLES);
    return sum * 10 > (u64)samples[NR_SAMPLES / 2] * NR_SAMPLES * 13;
}

/* New names by descending degree; among equals the higher old name comes first, as in the original. */
static void name_by_degree(struct gap_csr csr, u32 *names, u32 *starts)
{
    u32 next = 0;

    for (u32 d = 0; d < gap.vertices; d++)
        starts[d] = 0;
    for (u32 v = 0; v < gap.vertices; v++)
        starts[degree_of(&csr, v)]++;
    for (u32 d = gap.vertices; d-- > 0;) {
        u32 same = starts[d];
        starts[d] = next;
        next += same;
    }
    for (u32 v = gap.vertices; v-- > 0;)
        names[v] = starts[degree_of(&csr, v)]++;
}

static void relabel(u8 *memory)
{
    struct gap_csr from = gap_view(memory), to = counted(memory);
    u32 *names = (u32 *)(memory + names_at);
    u64 sum = 0;

    name_by_degree(from, names, (u32 *)(memory + starts_at));
    for (u32 v = 0; v < gap.vertices; v++)
        to.index[names[v]] = degree_of(&from, v);
    for (u32 v = 0; v < gap.vertices; v++) {
        u64 degree = to.index[v];
        to.index[v] = sum;
        sum += degree;
    }
    to.index[gap.vertices] = sum;
    for (u32 v = 0; v < gap.vertices; v++) {
        u32 *list = to.neighbours + to.index[names[v]];
        u64 degree = degree_of(&from, v);
        for (u64 i = 0; i < degree; i++)
            list[i] = names[from.neighbours[from.index[v] + i]];
        gap_sort(list, degree);
    }
}

static void start_trial(u8 *memory)
{
    relabelled =
        !strcmp(gap_relabel, "always") || (strcmp(gap_relabel, "never") && worth_relabelling(gap_view(memory)));
    if (relabelled)
        relabel(memory);
    row = 0;
    count = 0;
}

/* Triangles u > v > w. Every w is below v, which u's list holds, so `at` stops there at the latest. */
static u64 count_row(const struct gap_csr *csr, u32 u)
{
    const u32 *list = csr->neighbours + csr->index[u], *end = csr->neighbours + csr->index[u + 1];
    u64 found = 0;

    for (const u32 *i = list; i < end && *i < u; i++) {
        const u32 *at = list, *other = csr->neighbours + csr->index[*i],
                  *other_end = csr->neighbours + csr->index[*i + 1];
        for (; other < other_end && *other < *i; other++) {
            while (*at < *other)
                at++;
            found += *at == *other;
        }
        pairs++;
    }
    return found;
}

static void tc_run(u64 ops)
{
    struct gap_csr csr = counted(arena_base());

    if (ops && !gap.built) {
        workload_phase("build");
        gap_build(arena_base());
        ops--;
    }
    for (; ops; ops--) {
        if (!row) {
            workload_phase("trial");
            if (!prepared)
                start_trial(arena_base());
            prepared = false;
            csr = counted(arena_base());
        }
        count += count_row(&csr, row);
        if (++row == gap.vertices) {
            all_alike = all_alike && (!trials || count == whole);
            whole = count;
            trials++;
            row = 0;
        }
    }
}

/* --- verification ----------------------------------------------------------------------------------------------- */

/* Whether the second graph is the first one under names that descend by degree. */
static bool is_relabelled(u8 *memory, bool *taken)
{
    struct gap_csr from = gap_view(memory), to = counted(memory);
    const u32 *names = (u32 *)(memory + names_at);

    memset(taken, 0, gap.vertices);
    if (to.index[0] || to.index[gap.vertices] != gap.directed)
        return false;
    for (u32 v = 0; v < gap.vertices; v++)
        if (to.index[v] > to.index[v + 1] || to.index[v + 1] > gap.directed)
            return false;
    for (u32 v = 0; v < gap.vertices; v++) {
        if (names[v] >= gap.vertices || taken[names[v]] || degree_of(&to, names[v]) != degree_of(&from, v) ||
            (v && degree_of(&to, v) > degree_of(&to, v - 1)))
            return false;
        taken[names[v]] = true;
    }
    for (u32 v = 0; v < gap.vertices; v++) {
        u32 *list = to.neighbours + to.index[names[v]];
        u64 degree = degree_of(&from, v);
        for (u64 i = 0; i < degree; i++)
            if ((i && list[i] <= list[i - 1]) ||
                gap_find(list, degree, names[from.neighbours[from.index[v] + i]]) == degree)
                return false;
    }
    return true;
}

/* Counts by marks. `marks` has a number a vertex: that of the last row in whose list it was, plus 1. */
static u64 count_by_marks(struct gap_csr csr, u32 *marks, u32 from, u32 to)
{
    u64 found = 0;

    for (u32 u = from; u < to; u++) {
        for (u64 i = csr.index[u]; i < csr.index[u + 1]; i++)
            marks[csr.neighbours[i]] = u + 1;
        for (u64 i = csr.index[u]; i < csr.index[u + 1] && csr.neighbours[i] < u; i++) {
            u32 v = csr.neighbours[i];
            for (u64 j = csr.index[v]; j < csr.index[v + 1] && csr.neighbours[j] < v; j++)
                found += marks[csr.neighbours[j]] == u + 1;
        }
    }
    return found;
}

static NOT_COUNTED bool tc_verify(u64 *checksum)
{
    u8 *memory = arena_direct(0);
    u32 *marks = gap_scratch();
    struct gap_csr csr;
    bool right = all_alike;
    u64 part;

    *checksum = 0;
    if (!gap.built)
        return true;
    if (!gap_check())
        return false;
    *checksum = gap_mix(gap_mix(gap_mix(gap_checksum(), whole), count), row);
    if (!trials && !row)
        return true;
    csr = counted(memory);
    if (relabelled && !is_relabelled(memory, gap_scratch()))
        return false;
    memset(marks, 0, gap.vertices * sizeof(*marks));
    part = count_by_marks(csr, marks, 0, row);
    if (row)
        right = right && part == count;
    if (trials)
        right = right && part + count_by_marks(csr, marks, row, gap.vertices) == whole;
    return right;
}

static u64 tc_work(void)
{
    return pairs;
}

/* triangles is missing as long as no trial has ended. */
static NOT_COUNTED void tc_report(void)
{
    gap_report();
    result_u64("trials", trials);
    if (trials)
        result_u64("triangles", whole);
    result_text("relabelled", relabelled ? "yes" : "no");
    result_u64("part_rows", row);
    result_u64("part_triangles", row ? count : 0);
}

/*
 * mlp: two lists are read in order, so what misses is the start of v's list, once an edge, and the index before it.
 * Which list comes next is known from u's list, but between two starts lie the steps of a merge, whose branches depend
 * on the data; only where lists are short (a few dozen instructions) does a reorder buffer of 224 entries reach the
 * next start, and one branch guessed wrong throws it away: 2.
 */
struct workload gap_tc = {
    .name = "gap-tc",
    .summary = "counts triangles by merging sorted lists (GAP Benchmark Suite)",
    .ops = 10000,
    .warmup = 1,
    .unit = "rows",
    .macro = {.bytes = 36 * MIB, .ops = 4000, .warmup = 1},
    .mlp = 2000,
    .reads_input = true,
    .pages = tc_pages,
    .setup = tc_setup,
    .run = tc_run,
    .verify = tc_verify,
    .work = tc_work,
    .work_unit = "edges",
    .report = tc_report,
};
REGISTER_WORKLOAD(gap_tc);
