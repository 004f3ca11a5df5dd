/*
 * gap-pr: PageRank, as in the GAP Benchmark Suite (Beamer, Asanovic, Patterson, arXiv:1508.03619, section 3).
 *
 *      with gap_build=run, op 0:  build the graph (workloads/gap/graph.c)
 *      each other op:  one iteration over all vertices u, in pull direction:
 *                          score[u] <- 0.15 / n + 0.85 x sum of contribution[v] over the neighbours v of u
 *                          contribution[u] <- score[u] / degree(u)     gs: at once; jacobi: when all are done
 *                      a trial begins with scores 1 / n and ends when the sum of the changes is below 1e-4, or after
 *                      gap_iterations; then the next begins
 *
 * An op is an iteration and not a trial, so that a run can end, and windows be set, at any of them: iterations touch
 * the same memory in the same order. Scores are floats and sums of changes doubles, as in the original: 4 bytes a
 * vertex are part of its access pattern. A vertex without neighbours contributes to none, so its contribution is 0
 * where the original divides by 0.
 *
 * Verification: iterations once more by edges. Jacobi pushes each contribution into its neighbours' sums; Gauss-Seidel
 * pushes new contributions to the neighbours above and adds the old ones of those above. Lists ascend, so sums are
 * added up in the same order, and scores, contributions and all changes must be equal to the bit. When the last
 * iteration converged, one more push iteration, as the original's verifier does, must change less than 1e-4.
 */
#include "kernel/exit.h"
#include "lib/string.h"
#include "workloads/gap/graph.h"

static KEY_NUMBER(gap_iterations, "gap_iterations", 20, 1, 1000000,
                  "gap-pr: iterations of a trial at most (GAP's: 20; MEMTIS runs 1000)");
static KEY_TEXT(gap_pr_method, "gap_pr_method", "gs", "gs|jacobi",
                "gap-pr: gs uses new scores at once (GAP's), jacobi those of the last iteration");

#define DAMPING   0.85f
#define TOLERANCE 1e-4
#define NR_SHOWN  4 /* changes in the summary */

/* Where a sequence of iterations stands: the program's, and the verifier's. */
struct progress {
    u64 iteration;          /* done in this trial */
    double change;          /* of the last iteration: sum of the scores' absolute changes */
    u64 changes;            /* hash of all changes of this trial */
    double shown[NR_SHOWN]; /* the first ones */
};

struct vectors {
    float *scores, *contributions;
};

static u64 scores_at, contributions_at, trials, iterations, push_ppb;
static bool all_alike; /* trials so far had the same changes */
static struct progress now, whole;

static u64 place(u64 at)
{
    scores_at = gap_array(&at, gap.vertices * sizeof(float));
    contributions_at = gap_array(&at, gap.vertices * sizeof(float));
    return at;
}

static NOT_COUNTED u64 pr_pages(void)
{
    return gap_pages(17, place);
}

static NOT_COUNTED void pr_setup(u64 seed, u64 total_ops)
{
    (void)total_ops;
    gap_setup(seed);
    now = whole = (struct progress){0};
    trials = iterations = push_ppb = 0;
    all_alike = true;
}

static struct vectors vectors_of(u8 *memory)
{
    return (struct vectors){(float *)(memory + scores_at), (float *)(memory + contributions_at)};
}

static bool is_jacobi(void)
{
    return !strcmp(gap_pr_method, "jacobi");
}

static inline float share(const struct gap_csr *csr, u32 u, float score)
{
    u64 degree = csr->index[u + 1] - csr->index[u];

    return degree ? score / (float)degree : 0;
}

static inline double distance(float a, float b)
{
    float d = a - b;

    return (double)(d < 0 ? -d : d);
}

static void start_trial(const struct gap_csr *csr, struct vectors v, struct progress *p)
{
    float first = 1.0f / (float)gap.vertices;

    for (u32 u = 0; u < gap.vertices; u++) {
        v.scores[u] = first;
        v.contributions[u] = share(csr, u, first);
    }
    *p = (struct progress){0};
}

static bool ended(const struct progress *p)
{
    return p->iteration && (p->change < TOLERANCE || p->iteration == gap_iterations);
}

static void note(struct progress *p, double change)
{
    u64 bits;

    memcpy(&bits, &change, sizeof(bits));
    p->changes = gap_mix(p->changes, bits);
    if (p->iteration < NR_SHOWN)
        p->shown[p->iteration] = change;
    p->change = change;
    p->iteration++;
}

static double pull(const struct gap_csr *csr, struct vectors v, bool jacobi)
{
    float base = (1.0f - DAMPING) / (float)gap.vertices;
    double change = 0;
    u64 at = 0;

    for (u32 u = 0; u < gap.vertices; u++) {
        float sum = 0, old = v.scores[u], score;
        for (u64 end = csr->index[u + 1]; at < end; at++)
            sum += v.contributions[csr->neighbours[at]];
        score = base + DAMPING * sum;
        v.scores[u] = score;
        change += distance(score, old);
        if (!jacobi)
            v.contributions[u] = share(csr, u, score);
    }
    for (u32 u = 0; jacobi && u < gap.vertices; u++)
        v.contributions[u] = share(csr, u, v.scores[u]);
    return change;
}

static void pr_run(u64 ops)
{
    struct gap_csr csr = gap_view(arena_base());
    struct vectors v = vectors_of(arena_base());

    if (ops && !gap.built) {
        workload_phase("build");
        gap_build(arena_base());
        ops--;
    }
    for (; ops; ops--) {
        if (!now.iteration || ended(&now)) {
            workload_phase("trial");
            start_trial(&csr, v, &now);
        }
        note(&now, pull(&csr, v, is_jacobi()));
        iterations++;
        if (ended(&now)) {
            all_alike = all_alike && (!trials || whole.changes == now.changes);
            whole = now;
            trials++;
        }
    }
}

/* --- verification ----------------------------------------------------------------------------------------------- */

/* An iteration by edges; sums[] is zero before and after. */
static double push(const struct gap_csr *csr, struct vectors v, float *sums, bool jacobi)
{
    float base = (1.0f - DAMPING) / (float)gap.vertices;
    double change = 0;

    for (u32 u = 0; jacobi && u < gap.vertices; u++)
        for (u64 i = csr->index[u]; i < csr->index[u + 1]; i++)
            sums[csr->neighbours[i]] += v.contributions[u];
    for (u32 u = 0; u < gap.vertices; u++) {
        u64 above = csr->index[u], end = csr->index[u + 1];
        float old = v.scores[u];
        while (above < end && csr->neighbours[above] < u)
            above++;
        for (u64 i = above; !jacobi && i < end; i++)
            sums[u] += v.contributions[csr->neighbours[i]];
        v.scores[u] = base + DAMPING * sums[u];
        sums[u] = 0;
        change += distance(v.scores[u], old);
        v.contributions[u] = share(csr, u, v.scores[u]);
        for (u64 i = above; !jacobi && i < end; i++)
            sums[csr->neighbours[i]] += v.contributions[u];
    }
    return change;
}

/* Repeats as much of a trial as run has ever done, and compares. */
static bool repeats(const struct gap_csr *csr, struct vectors v, struct vectors again, float *sums)
{
    u64 last = trials ? whole.iteration : now.iteration;
    size_t bytes = gap.vertices * sizeof(float);
    struct progress p;
    bool same = true;

    if (now.iteration > last)
        return false; /* a trial longer than the first whole one */
    memset(sums, 0, bytes);
    start_trial(csr, again, &p);
    while (p.iteration < last) {
        if (ended(&p))
            return false;
        note(&p, push(csr, again, sums, is_jacobi()));
        if (p.iteration == now.iteration)
            same = same && p.changes == now.changes && !memcmp(v.scores, again.scores, bytes) &&
                   !memcmp(v.contributions, again.contributions, bytes);
    }
    return same && (!trials || (all_alike && ended(&p) && p.changes == whole.changes));
}

static NOT_COUNTED bool pr_verify(u64 *checksum)
{
    u8 *memory = arena_direct(0);
    struct gap_csr csr = gap_view(memory);
    struct vectors v = vectors_of(memory), again;
    float *scratch = gap_scratch(), *sums = scratch + 2 * (u64)gap.vertices;
    bool right;

    *checksum = 0;
    if (!gap.built)
        return true;
    if (!gap_check())
        return false;
    *checksum = gap_mix(gap_checksum(), iterations);
    if (!now.iteration)
        return true;
    again = (struct vectors){scratch, scratch + gap.vertices};
    right = repeats(&csr, v, again, sums);
    for (u32 u = 0; u < gap.vertices; u++) {
        u32 bits;
        memcpy(&bits, &v.scores[u], sizeof(bits));
        *checksum = gap_mix(*checksum, bits);
    }
    if (now.change < TOLERANCE) {
        double change;
        memcpy(again.scores, v.scores, gap.vertices * sizeof(float));
        for (u32 u = 0; u < gap.vertices; u++)
            again.contributions[u] = share(&csr, u, v.scores[u]);
        change = push(&csr, again, sums, true);
        push_ppb = (u64)(change * 1e9);
        right = right && change < TOLERANCE;
    }
    return right;
}

static u64 pr_work(void)
{
    return iterations * gap.directed;
}

static NOT_COUNTED void pr_report(void)
{
    static const char *const names[NR_SHOWN] = {"change_1_ppb", "change_2_ppb", "change_3_ppb", "change_4_ppb"};
    const struct progress *p = trials ? &whole : &now;

    gap_report();
    result_u64("trials", trials);
    result_u64("iterations", p->iteration);
    for (unsigned i = 0; i < NR_SHOWN; i++)
        result_u64(names[i], (u64)(p->shown[i] * 1e9));
    result_u64("change_ppb", (u64)(p->change * 1e9));
    result_u64("push_change_ppb", push_ppb);
}

/*
 * mlp: an edge takes some 6 instructions (a load from the list, which is sequential, the load of a contribution, an
 * addition), and no load depends on another edge's. A reorder buffer of 224 entries holds over 30 edges, more than the
 * 10 line-fill buffers take (Intel Optimization Reference Manual, 2.5): 10.
 */
struct workload gap_pr = {
    .name = "gap-pr",
    .summary = "PageRank over adjacency lists, pull direction (GAP Benchmark Suite)",
    .ops = 6,
    .warmup = 1,
    .unit = "iterations",
    .macro = {.bytes = 32 * MIB, .ops = 2, .warmup = 1},
    .mlp = 10000,
    .reads_input = true,
    .pages = pr_pages,
    .setup = pr_setup,
    .run = pr_run,
    .verify = pr_verify,
    .work = pr_work,
    .work_unit = "edges",
    .report = pr_report,
};
REGISTER_WORKLOAD(gap_pr);
