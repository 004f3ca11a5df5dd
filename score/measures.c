#include "score/measures.h"
#include "kernel/record.h"
#include "kernel/string.h"
#include "lab/lab.h"
#include "lab/run.h"
#include "score/scores.h"
#include "mm/memory.h"

static KEY_NUMBER(
    hot_rate, "hot_rate", 0, 0, UINT32_MAX,
    "pages with at least so many accesses a cycle are scored against estimates of at least as much; 0: not");
static KEY_NUMBER(rank_scores, "ranks", 0, 0, 1,
                  "1: Kendall's tau-b and Spearman's rho of every cycle, which sorts all pages");

static KEY_NUMBER(ranked_key, "ranked", 0, 0, 1,
                  "1: record how often pages were accessed and credited over the measured phase, pages ranked by each");

#define RANKED_POINTS 200

enum score {
    PRECISION,
    RECALL,
    DECLARED_PRECISION,
    DECLARED_RECALL,
    WEIGHTED_RECALL,
    VERDICT_REGRET,
    PLACEMENT_REGRET,
    NR_FIRST_SCORES, /* the summary's from the start; the others follow at its end */
    ACCESSED_PRECISION = NR_FIRST_SCORES,
    ACCESSED_RECALL,
    RATE_PRECISION,
    RATE_RECALL,
    KENDALL_TAU,
    SPEARMAN_RHO,
    COUNT_INFLATION,
    NR_SCORES
};

static const char *const score_names[NR_SCORES] = {
    [PRECISION] = "precision",
    [RECALL] = "recall",
    [DECLARED_PRECISION] = "declared_precision",
    [DECLARED_RECALL] = "declared_recall",
    [WEIGHTED_RECALL] = "weighted_recall",
    [VERDICT_REGRET] = "verdict_regret",
    [PLACEMENT_REGRET] = "placement_regret",
    [ACCESSED_PRECISION] = "accessed_precision",
    [ACCESSED_RECALL] = "accessed_recall",
    [RATE_PRECISION] = "rate_precision",
    [RATE_RECALL] = "rate_recall",
    [KENDALL_TAU] = "kendall_tau",
    [SPEARMAN_RHO] = "spearman_rho",
    [COUNT_INFLATION] = "count_inflation",
};

/* Sets of pages, a cycle: mapped, looked at (as often as they were), estimate > 0, truly accessed, top k, declared; and
 * what they share. */
enum set { MAPPED, VISITS, SEEN, ACCESSED, HOT, DECLARED, SEEN_ACCESSED, SEEN_HOT, SEEN_DECLARED, NR_SETS };

static const char *const set_names[NR_SETS] = {
    [MAPPED] = "mapped_pages",
    [VISITS] = "visits",
    [SEEN] = "seen_pages",
    [ACCESSED] = "accessed_pages",
    [HOT] = "hot_pages",
    [DECLARED] = "declared_pages",
    [SEEN_ACCESSED] = "seen_accessed_pages",
    [SEEN_HOT] = "seen_hot_pages",
    [SEEN_DECLARED] = "seen_declared_pages",
};

/*
 * Every window of every page, by what was true and what was said. An observation without an access in its window is a
 * race when the page was accessed between the window's end and the next one's (the tracker looked later than the epoch
 * closed), else stale: a bit or an entry left over from before, a queue's credit. Sum of estimates = right + raced +
 * stale + repeated + extra weight.
 */
enum cause { RIGHT, MISSED, RACED, STALE, REPEATED, EXTRA_WEIGHT, NR_CAUSES };

static const char *const cause_names[NR_CAUSES] = {
    [RIGHT] = "right_windows", [MISSED] = "missed_windows",     [RACED] = "raced_windows",
    [STALE] = "stale_windows", [REPEATED] = "repeated_weights", [EXTRA_WEIGHT] = "extra_weights",
};

/* Of a page, in the last closed epoch and the window that looks at it. */
enum { WAS_ACCESSED = 1, WAS_OBSERVED = 2 };

static struct {
    s64 cycle[NR_SCORES], sum[NR_SCORES]; /* millionths; a cycle's may be RATIO_NULL */
    u32 count[NR_SCORES];
    u64 cycle_sets[NR_SETS], sum_sets[NR_SETS];
    u32 cycles, set_cycles;
    bool over; /* what epoch comes now, no window looks at */
    u64 causes[NR_CAUSES];
    u64 pairs; /* (page, window) truly accessed, in this cycle */
    u64 visits_before, requests_before[NR_TIERS];
    u64 samples_before, dropped_before; /* when the measured phase began */
} m;

static u8 *page_flags;
static u32 left_out; /* pages at the start of the space that are no part of the comparison */
static u64 left_out_observations;
static u32 *declared;                    /* 1 for a page of the declared hot set, at a cycle's end */
static u64 *work;                        /* for sorting */
static u32 *windows_accessed, *credited; /* by page, over the measured phase: windows with an access, and weights */

void measures_init(void)
{
    page_flags = kmem_alloc(arena.nr_pages);
    declared = kmem_alloc(arena.nr_pages * sizeof(u32));
    if (rank_scores)
        work = kmem_alloc(2 * arena.nr_pages * sizeof(u64));
    if (ranked_key) {
        windows_accessed = kmem_alloc(arena.nr_pages * sizeof(u32));
        credited = kmem_alloc(arena.nr_pages * sizeof(u32));
    }
}

void measures_leave_out(u32 nr_pages)
{
    left_out = nr_pages;
}

u64 measures_left_out(void)
{
    return left_out_observations;
}

void measures_restart(void)
{
    left_out_observations = 0;
    memset(&m, 0, sizeof(m));
    m.samples_before = model_header()->ring_head;
    m.dropped_before = model_header()->ring_dropped;
    memset(page_flags, 0, arena.nr_pages);
    if (ranked_key) {
        memset(windows_accessed, 0, arena.nr_pages * sizeof(u32));
        memset(credited, 0, arena.nr_pages * sizeof(u32));
    }
}

void measures_begin(void)
{
    const volatile struct model_counters *workload = &model_header()->account[ACCOUNT_WORKLOAD];

    m.pairs = 0;
    m.visits_before = pte_visits;
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        m.requests_before[tier] = workload->requests[tier];
}

void measures_stop(void)
{
    m.over = true;
}

void measures_epoch(const struct page_truth *truth, bool looked_at)
{
    for (u32 page = left_out; page < arena.nr_pages; page++) {
        u8 was = page_flags[page], now = truth[page].loads + truth[page].stores ? WAS_ACCESSED : 0;

        if (looked_at && was)
            m.causes[was == (WAS_ACCESSED | WAS_OBSERVED) ? RIGHT
                     : was == WAS_ACCESSED                ? MISSED
                     : now                                ? RACED
                                                          : STALE]++;
        if (ranked_key && !m.over)
            windows_accessed[page] += now;
        page_flags[page] = now;
        m.pairs += now;
    }
}

void measures_observed(const struct observation *list, u32 count)
{
    for (u32 i = 0; i < count; i++) {
        u8 *flags = &page_flags[list[i].page];

        if (list[i].page < left_out) {
            left_out_observations++;
            continue;
        }
        if (*flags & WAS_OBSERVED)
            m.causes[REPEATED] += list[i].weight;
        else if (list[i].weight > 1)
            m.causes[EXTRA_WEIGHT] += list[i].weight - 1u;
        *flags |= WAS_OBSERVED;
        if (ranked_key)
            credited[list[i].page] += list[i].weight;
    }
}

static void set_pair(enum score first, struct agreement a)
{
    m.cycle[first] = a.precision;
    m.cycle[first + 1] = a.recall;
}

static void score_tracker(const struct cycle_books *b)
{
    const struct workload *workload = run_workload();
    u32 n = b->nr_pages;
    struct cut t = cut_top(b->accesses, n, b->capacity), e = cut_top(b->estimates, n, b->capacity);
    struct cut accessed = cut_nonzero(b->accesses, n), seen = cut_nonzero(b->estimates, n);
    struct caught caught = score_caught(b->accesses, t, b->estimates, e, n);
    struct overlap overlap = score_overlap(b->accesses, accessed, b->estimates, seen, n);
    u64 sum = 0;

    set_pair(PRECISION, score_sets(b->accesses, t, b->estimates, e, n));
    set_pair(ACCESSED_PRECISION, score_sets(b->accesses, accessed, b->estimates, seen, n));
    m.cycle[WEIGHTED_RECALL] = millionths(caught.by_verdict, caught.by_truth);
    m.cycle[VERDICT_REGRET] = millionths(caught.by_truth - caught.by_verdict, caught.total);
    m.cycle_sets[ACCESSED] = overlap.truth;
    m.cycle_sets[SEEN] = overlap.estimate;
    m.cycle_sets[SEEN_ACCESSED] = overlap.common;
    overlap = score_overlap(b->accesses, t, b->estimates, seen, n);
    m.cycle_sets[HOT] = overlap.truth;
    m.cycle_sets[SEEN_HOT] = overlap.common;
    if (workload->declared) {
        u32 nr_declared = workload->nr_declared();
        for (u32 page = 0; page < n; page++)
            declared[page] = workload->declared(page);
        e = cut_top(b->estimates, n, nr_declared);
        t = cut_nonzero(declared, n);
        set_pair(DECLARED_PRECISION, score_sets(declared, t, b->estimates, e, n));
        overlap = score_overlap(declared, t, b->estimates, seen, n);
        m.cycle_sets[DECLARED] = overlap.truth;
        m.cycle_sets[SEEN_DECLARED] = overlap.common;
    }
    if (hot_rate)
        set_pair(RATE_PRECISION, score_sets(b->accesses, cut_at_least(b->accesses, n, (u32)hot_rate), b->estimates,
                                            cut_at_least(b->estimates, n, (u32)hot_rate), n));
    if (rank_scores) {
        struct rank_correlation r = score_ranks(b->accesses, b->estimates, n, work);
        if (r.defined) {
            m.cycle[KENDALL_TAU] = r.tau;
            m.cycle[SPEARMAN_RHO] = r.rho;
        }
    }
    for (u32 page = 0; page < n; page++)
        sum += b->estimates[page];
    if (m.pairs)
        m.cycle[COUNT_INFLATION] = (s64)(sum * 1000000 / m.pairs);
}

/* How far the placement was from the best one: requests to the top k less those that the fast tier served. */
static void score_placement(const struct cycle_books *b)
{
    const volatile struct model_counters *workload = &model_header()->account[ACCOUNT_WORKLOAD];
    u64 fast = workload->requests[TIER_FAST] - m.requests_before[TIER_FAST];
    u64 slow = workload->requests[TIER_SLOW] - m.requests_before[TIER_SLOW];
    struct cut t = cut_top(b->requests, b->nr_pages, b->capacity);
    struct caught best = score_caught(b->requests, t, b->requests, t, b->nr_pages);

    if (fast + slow)
        m.cycle[PLACEMENT_REGRET] = ((s64)best.by_truth - (s64)fast) * 1000000 / (s64)(fast + slow);
}

void measures_end(const struct cycle_books *b, bool tracked)
{
    u64 total = 0;

    m.cycles++;
    for (unsigned i = 0; i < NR_SCORES; i++)
        m.cycle[i] = RATIO_NULL;
    memset(m.cycle_sets, 0, sizeof(m.cycle_sets));
    m.cycle_sets[MAPPED] = arena.resident[TIER_FAST] + arena.resident[TIER_SLOW];
    m.cycle_sets[VISITS] = pte_visits - m.visits_before;
    for (u32 page = 0; page < b->nr_pages; page++)
        total += b->accesses[page];
    if (!total)
        return;
    if (tracked) {
        struct cycle_books scored = {b->accesses + left_out, b->requests + left_out, b->estimates + left_out,
                                     b->nr_pages - left_out, b->capacity};
        score_tracker(&scored);
    }
    score_placement(b);
    m.set_cycles++;
    for (unsigned i = 0; i < NR_SETS; i++)
        m.sum_sets[i] += m.cycle_sets[i];
    for (unsigned i = 0; i < NR_SCORES; i++) {
        if (m.cycle[i] == RATIO_NULL)
            continue;
        m.sum[i] += m.cycle[i];
        m.count[i]++;
    }
}

void measures_record_cycle(void)
{
    record_u64("cycle", m.cycles);
    for (unsigned i = 0; i < NR_SCORES; i++)
        record_millionths(score_names[i], m.cycle[i]);
    for (unsigned i = 0; i < NR_SETS; i++)
        record_u64(set_names[i], m.cycle_sets[i]);
}

static void record_means(unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++)
        record_millionths(score_names[i], m.count[i] ? m.sum[i] / (s64)m.count[i] : RATIO_NULL);
}

void measures_record_scores(void)
{
    record_means(0, NR_FIRST_SCORES);
}

void measures_record_more(void)
{
    record_means(NR_FIRST_SCORES, NR_SCORES);
    for (unsigned i = 0; i < NR_SETS; i++)
        record_u64(set_names[i], m.set_cycles ? m.sum_sets[i] / m.set_cycles : 0);
    for (unsigned i = 0; i < NR_CAUSES; i++)
        record_u64(cause_names[i], m.causes[i]);
    record_u64("samples", model_header()->ring_head - m.samples_before);
    record_u64("samples_dropped", model_header()->ring_dropped - m.dropped_before);
}

/* The value at each of RANKED_POINTS + 1 places when `values` stand in descending order; pages that were never mapped
 * are not among them. */
static void rank_points(const u32 *values, u32 *points)
{
    u32 pages = arena.resident[TIER_FAST] + arena.resident[TIER_SLOW];

    for (u32 i = 0; i <= RANKED_POINTS; i++)
        points[i] = cut_top(values, arena.nr_pages, MAX((u32)((u64)i * pages / RANKED_POINTS), 1)).value;
}

void measures_record_ranked(void)
{
    u32 accessed[RANKED_POINTS + 1], said[RANKED_POINTS + 1];

    if (!ranked_key)
        return;
    rank_points(windows_accessed, accessed);
    rank_points(credited, said);
    record_begin("event");
    record_text("event", "ranked");
    record_array("points"); /* per mille of the mapped pages; windows truly accessed, weights credited */
    for (u32 i = 0; i <= RANKED_POINTS; i++) {
        record_array(NULL);
        record_u64(NULL, i * 1000 / RANKED_POINTS);
        record_u64(NULL, accessed[i]);
        record_u64(NULL, said[i]);
        record_close();
    }
    record_close();
    record_end();
}
