#include "score/measures.h"
#include "lib/record.h"
#include "lib/string.h"
#include "lab/program.h"
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

static const char *const cause_names[NR_CAUSES] = {
    [RIGHT] = "right_windows", [MISSED] = "missed_windows",     [RACED] = "raced_windows",
    [STALE] = "stale_windows", [REPEATED] = "repeated_weights", [EXTRA_WEIGHT] = "extra_weights",
};

/* Of a page, in the last closed epoch and the window that looks at it. */
enum { WAS_ACCESSED = 1, WAS_OBSERVED = 2 };

void measures_init(struct measures *m, const struct space *space)
{
    *m = (struct measures){.space = space, .end = space->nr_pages};
    m->page_flags = kmem_alloc(m->space->nr_pages);
    m->declared = kmem_alloc(m->space->nr_pages * sizeof(u32));
    if (rank_scores)
        m->work = kmem_alloc(2 * m->space->nr_pages * sizeof(u64));
    if (ranked_key) {
        m->windows_accessed = kmem_alloc(m->space->nr_pages * sizeof(u32));
        m->credited = kmem_alloc(m->space->nr_pages * sizeof(u32));
    }
}

void measures_compare(struct measures *m, u32 first, u32 end)
{
    m->first = first;
    m->end = end;
}

u64 measures_left_out(const struct measures *m)
{
    return m->now.left_out_observations;
}

void measures_restart(struct measures *m)
{
    memset(&m->now, 0, sizeof(m->now));
    m->now.samples_before = model_header()->ring_head;
    m->now.dropped_before = model_header()->ring_dropped;
    memset(m->page_flags, 0, m->space->nr_pages);
    if (ranked_key) {
        memset(m->windows_accessed, 0, m->space->nr_pages * sizeof(u32));
        memset(m->credited, 0, m->space->nr_pages * sizeof(u32));
    }
}

void measures_begin(struct measures *m)
{
    const volatile struct model_counters *workload = &model_header()->account[ACCOUNT_WORKLOAD];

    m->now.pairs = 0;
    m->now.visits_before = m->space->pte_visits;
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        m->now.requests_before[tier] = workload->requests[tier] - m->others[tier];
}

void measures_stop(struct measures *m)
{
    m->now.over = true;
}

void measures_epoch(struct measures *m, const struct page_truth *truth, u32 nr_pages, bool looked_at)
{
    for (u32 page = m->first; page < MIN(nr_pages, m->end); page++) {
        u8 was = m->page_flags[page], now = truth[page].loads | truth[page].stores ? WAS_ACCESSED : 0;

        if (!(was | now))
            continue;
        if (looked_at && was)
            m->now.causes[was == (WAS_ACCESSED | WAS_OBSERVED) ? RIGHT
                     : was == WAS_ACCESSED                ? MISSED
                     : now                                ? RACED
                                                          : STALE]++;
        if (ranked_key && !m->now.over)
            m->windows_accessed[page] += now;
        m->page_flags[page] = now;
        m->now.pairs += now;
    }
}

/* One of the pages that an observation is about. */
static void page_observed(struct measures *m, u32 page, u32 weight)
{
    u8 *flags = &m->page_flags[page];

    if (*flags & WAS_OBSERVED)
        m->now.causes[REPEATED] += weight;
    else if (weight > 1)
        m->now.causes[EXTRA_WEIGHT] += weight - 1u;
    *flags |= WAS_OBSERVED;
    if (ranked_key)
        m->credited[page] += weight;
}

void measures_observed(struct measures *m, const struct observation *list, u32 count)
{
    for (u32 i = 0; i < count; i++) {
        u32 page = list[i].page, end = MIN(page + observation_pages(&list[i]), m->end);

        if (page < m->first || page >= m->end)
            m->now.left_out_observations++;
        for (; list[i].weight && page >= m->first && page < end; page++)
            page_observed(m, page, list[i].weight);
    }
}

static void set_pair(struct measures *m, enum score first, struct agreement a)
{
    m->now.cycle[first] = a.precision;
    m->now.cycle[first + 1] = a.recall;
}

static void score_tracker(struct measures *m, const struct cycle_counts *b)
{
    const struct workload *workload = program.workload;
    u32 n = b->nr_pages;
    struct cut t = cut_top(b->visible, n, b->capacity), e = cut_top(b->estimates, n, b->capacity);
    struct cut accessed = cut_nonzero(b->visible, n), seen = cut_nonzero(b->estimates, n);
    struct caught caught = score_caught(b->visible, t, b->estimates, e, n);
    struct overlap overlap = score_overlap(b->visible, accessed, b->estimates, seen, n);
    u64 sum = 0;

    set_pair(m, PRECISION, score_sets(b->visible, t, b->estimates, e, n));
    set_pair(m, ACCESSED_PRECISION, score_sets(b->visible, accessed, b->estimates, seen, n));
    m->now.cycle[WEIGHTED_RECALL] = millionths(caught.by_verdict, caught.by_truth);
    m->now.cycle[VERDICT_REGRET] = millionths(caught.by_truth - caught.by_verdict, caught.total);
    m->now.cycle_sets[ACCESSED] = overlap.truth;
    m->now.cycle_sets[SEEN] = overlap.estimate;
    m->now.cycle_sets[SEEN_ACCESSED] = overlap.common;
    overlap = score_overlap(b->visible, t, b->estimates, seen, n);
    m->now.cycle_sets[HOT] = overlap.truth;
    m->now.cycle_sets[SEEN_HOT] = overlap.common;
    if (workload->declared) {
        u32 nr_declared = workload->nr_declared();
        for (u32 page = 0; page < n; page++)
            m->declared[page] = workload->declared(page);
        e = cut_top(b->estimates, n, nr_declared);
        t = cut_nonzero(m->declared, n);
        set_pair(m, DECLARED_PRECISION, score_sets(m->declared, t, b->estimates, e, n));
        overlap = score_overlap(m->declared, t, b->estimates, seen, n);
        m->now.cycle_sets[DECLARED] = overlap.truth;
        m->now.cycle_sets[SEEN_DECLARED] = overlap.common;
    }
    if (hot_rate)
        set_pair(m, RATE_PRECISION, score_sets(b->visible, cut_at_least(b->visible, n, (u32)hot_rate), b->estimates,
                                            cut_at_least(b->estimates, n, (u32)hot_rate), n));
    if (rank_scores) {
        struct rank_correlation r = score_ranks(b->visible, b->estimates, n, m->work);
        if (r.defined) {
            m->now.cycle[KENDALL_TAU] = r.tau;
            m->now.cycle[SPEARMAN_RHO] = r.rho;
        }
    }
    for (u32 page = 0; page < n; page++)
        sum += b->estimates[page];
    if (m->now.pairs)
        m->now.cycle[COUNT_INFLATION] = (s64)(sum * 1000000 / m->now.pairs);
}

/* How far the placement was from the best one: requests to the top k less those that the fast tier served. */
static void score_placement(struct measures *m, const struct cycle_counts *b)
{
    const volatile struct model_counters *workload = &model_header()->account[ACCOUNT_WORKLOAD];
    u64 fast = workload->requests[TIER_FAST] - m->others[TIER_FAST] - m->now.requests_before[TIER_FAST];
    u64 slow = workload->requests[TIER_SLOW] - m->others[TIER_SLOW] - m->now.requests_before[TIER_SLOW];
    struct cut t = cut_top(b->requests, b->nr_pages, b->capacity);
    struct caught best = score_caught(b->requests, t, b->requests, t, b->nr_pages);

    if (fast + slow)
        m->now.cycle[PLACEMENT_REGRET] = ((s64)best.by_truth - (s64)fast) * 1000000 / (s64)(fast + slow);
}

void measures_end(struct measures *m, const struct cycle_counts *b, bool tracked)
{
    u64 total = 0;

    m->now.cycles++;
    for (unsigned i = 0; i < NR_SCORES; i++)
        m->now.cycle[i] = RATIO_NULL;
    memset(m->now.cycle_sets, 0, sizeof(m->now.cycle_sets));
    m->now.cycle_sets[MAPPED] = m->space->resident[TIER_FAST] + m->space->resident[TIER_SLOW];
    m->now.cycle_sets[VISITS] = m->space->pte_visits - m->now.visits_before;
    for (u32 page = 0; page < b->nr_pages; page++)
        total += b->accesses[page];
    if (!total)
        return;
    if (tracked) {
        u32 out = m->first;
        struct cycle_counts scored = {b->accesses + out,  b->visible + out, b->requests + out,
                                      b->estimates + out, MIN(b->nr_pages, m->end) - out, b->capacity};
        score_tracker(m, &scored);
    }
    score_placement(m, b);
    m->now.set_cycles++;
    for (unsigned i = 0; i < NR_SETS; i++)
        m->now.sum_sets[i] += m->now.cycle_sets[i];
    for (unsigned i = 0; i < NR_SCORES; i++) {
        if (m->now.cycle[i] == RATIO_NULL)
            continue;
        m->now.sum[i] += m->now.cycle[i];
        m->now.count[i]++;
    }
}

void measures_add(struct measures *to, const struct measures *from)
{
    for (unsigned i = 0; i < NR_SCORES; i++) {
        to->now.sum[i] += from->now.sum[i];
        to->now.count[i] += from->now.count[i];
    }
    for (unsigned i = 0; i < NR_SETS; i++)
        to->now.sum_sets[i] += from->now.sum_sets[i];
    for (unsigned i = 0; i < NR_CAUSES; i++)
        to->now.causes[i] += from->now.causes[i];
    to->now.set_cycles += from->now.set_cycles;
    to->now.left_out_observations += from->now.left_out_observations;
}

void measures_record_cycle(const struct measures *m)
{
    record_u64("cycle", m->now.cycles);
    for (unsigned i = 0; i < NR_SCORES; i++)
        record_millionths(score_names[i], m->now.cycle[i]);
    for (unsigned i = 0; i < NR_SETS; i++)
        record_u64(set_names[i], m->now.cycle_sets[i]);
}

static s64 mean(const struct measures *m, unsigned i)
{
    return m->now.count[i] ? m->now.sum[i] / (s64)m->now.count[i] : RATIO_NULL;
}

void measures_for_each(const struct measures *m, void (*each)(const char *name, s64 cycle, s64 mean))
{
    for (unsigned i = 0; i < NR_SCORES; i++)
        each(score_names[i], m->now.set_cycles ? m->now.cycle[i] : RATIO_NULL, mean(m, i));
}

static void record_means(const struct measures *m, unsigned from, unsigned to)
{
    for (unsigned i = from; i < to; i++)
        record_millionths(score_names[i], mean(m, i));
}

void measures_record_scores(const struct measures *m)
{
    record_means(m, 0, NR_FIRST_SCORES);
}

void measures_record_more(const struct measures *m)
{
    record_means(m, NR_FIRST_SCORES, NR_SCORES);
    for (unsigned i = 0; i < NR_SETS; i++)
        record_u64(set_names[i], m->now.set_cycles ? m->now.sum_sets[i] / m->now.set_cycles : 0);
    for (unsigned i = 0; i < NR_CAUSES; i++)
        record_u64(cause_names[i], m->now.causes[i]);
    record_u64("samples", model_header()->ring_head - m->now.samples_before);
    record_u64("samples_dropped", model_header()->ring_dropped - m->now.dropped_before);
}

/* The value at each of RANKED_POINTS + 1 places when `values` stand in descending order; pages that were never mapped
 * are not among them. */
static void rank_points(const struct measures *m, const u32 *values, u32 *points)
{
    u32 pages = m->space->resident[TIER_FAST] + m->space->resident[TIER_SLOW];

    for (u32 i = 0; i <= RANKED_POINTS; i++)
        points[i] = cut_top(values, m->space->nr_pages, MAX((u32)((u64)i * pages / RANKED_POINTS), 1)).value;
}

void measures_record_ranked(const struct measures *m)
{
    u32 accessed[RANKED_POINTS + 1], said[RANKED_POINTS + 1];

    if (!ranked_key)
        return;
    rank_points(m, m->windows_accessed, accessed);
    rank_points(m, m->credited, said);
    record_begin("event");
    record_text("event", "ranked");
    record_array("points"); /* per mille of the mapped pages; windows truly accessed, weights m->credited */
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
