#include "lab/windows.h"
#include "kernel/clock.h"
#include "kernel/panic.h"
#include "kernel/record.h"
#include "kernel/string.h"
#include "lab/books.h"
#include "lab/daemon.h"
#include "lab/lab.h"
#include "lab/policy.h"
#include "lab/rehearsal.h"
#include "lab/run.h"
#include "lab/scores.h"
#include "mm/memory.h"
#include "mm/truth.h"

struct window_scores window_scores;
u64 windows_observations;
struct cycle_truth last_cycle;

static struct observations found;
static struct plan plan;
static u32 *accesses, *requests; /* true counts of the cycle so far, by page */
static u32 *estimates;           /* sums of the observations' weights over the cycle so far, by page */
static u32 *declared;                        /* 1 for a page of the declared hot set, at a cycle's end */
static u32 window;                           /* of the running cycle, from 1 */
static u32 window_number;                    /* since windows_start() */
static bool window_open;                     /* tracking steps of this window have begun */
static u64 window_start_ps, cycle_start_ps;
static u64 window_due_ps;                    /* when its first tracking step was taken up: late or not, the next counts from it */
static u64 requests_before[NR_TIERS];        /* workload requests when the cycle began */

static bool track_step(void);
static bool classify_step(void);
static bool migrate_step(void);

static struct job track_job = {.name = "track", .account = ACCOUNT_TRACK, .step = track_step, .back_to_back = true};
static struct job classify_job = {
    .name = "classify", .account = ACCOUNT_CLASSIFY, .step = classify_step, .back_to_back = true};
static struct job migrate_job = {.name = "migrate", .account = ACCOUNT_MIGRATE, .step = migrate_step};
static struct job *const jobs[] = {&track_job, &classify_job, &migrate_job};

static const u32 *last_requests(void)
{
    return last_cycle.requests;
}

void windows_init(void)
{
    u64 bytes = arena.nr_pages * sizeof(u32);

    found.list = kmem_alloc(OBSERVATIONS_PER_STEP * sizeof(struct observation));
    plan.promote = kmem_alloc(bytes);
    plan.demote = kmem_alloc(bytes);
    accesses = kmem_alloc(bytes);
    requests = kmem_alloc(bytes);
    estimates = kmem_alloc(bytes);
    declared = kmem_alloc(bytes);
    last_cycle.accesses = kmem_alloc(bytes);
    last_cycle.requests = kmem_alloc(bytes);
    truth_source = (struct truth_source){last_requests, rehearsal_future};
}

static void add_score(struct score_sum *sum, u32 millionths_value)
{
    sum->sum += millionths_value;
    sum->count++;
}

/* Adds the closed epoch to the cycle's books. */
static void close_epoch(void)
{
    const struct page_truth *truth;

    model_doorbells->epoch = 1;
    model_check();
    truth = model_truth();
    if (!truth)
        return;
    books_add(truth);
    for (u32 page = 0; page < arena.nr_pages; page++) {
        accesses[page] += truth[page].loads + truth[page].stores;
        requests[page] += truth[page].request_loads + truth[page].request_stores;
    }
}

static void begin_cycle(void)
{
    u64 bytes = arena.nr_pages * sizeof(u32);
    const volatile struct model_counters *workload = &model_header()->account[ACCOUNT_WORKLOAD];

    memset(accesses, 0, bytes);
    memset(requests, 0, bytes);
    memset(estimates, 0, bytes);
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        requests_before[tier] = workload->requests[tier];
    cycle_start_ps = clock_now_ps();
    window = 0;
}

/* The sets that the program itself knows, against as many pages at the top of the estimates. */
static void score_declared(u32 n)
{
    const struct workload *workload = run_workload();
    struct agreement a;

    if (!workload->declared)
        return;
    for (u32 page = 0; page < n; page++)
        declared[page] = workload->declared(page);
    a = score_sets(declared, cut_nonzero(declared, n), estimates, cut_top(estimates, n, workload->nr_declared()), n);
    add_score(&window_scores.declared_precision, a.precision);
    add_score(&window_scores.declared_recall, a.recall);
}

static void score_tracker(u32 n, u32 k)
{
    struct cut t = cut_top(accesses, n, k), e = cut_top(estimates, n, k);
    struct agreement a = score_sets(accesses, t, estimates, e, n);
    struct caught caught = score_caught(accesses, t, estimates, e, n);

    add_score(&window_scores.precision, a.precision);
    add_score(&window_scores.recall, a.recall);
    add_score(&window_scores.weighted_recall, millionths(caught.by_verdict, caught.by_truth));
    add_score(&window_scores.verdict_regret, millionths(caught.by_truth - caught.by_verdict, caught.total));
}

/* How far the placement was from the best one: requests to the top k less those that the fast tier served. */
static void score_placement(u32 n, u32 k)
{
    const volatile struct model_counters *workload = &model_header()->account[ACCOUNT_WORKLOAD];
    u64 fast = workload->requests[TIER_FAST] - requests_before[TIER_FAST];
    u64 slow = workload->requests[TIER_SLOW] - requests_before[TIER_SLOW];
    struct cut t = cut_top(requests, n, k);
    struct caught best = score_caught(requests, t, requests, t, n);

    if (!(fast + slow))
        return;
    window_scores.placement_regret_sum += ((s64)best.by_truth - (s64)fast) * 1000000 / (s64)(fast + slow);
    window_scores.placement_regret_count++;
}

static void end_cycle(void)
{
    u32 n = arena.nr_pages, k = run_capacity();
    u64 total = 0;
    u32 *swap;

    for (u32 page = 0; page < n; page++)
        total += accesses[page];
    window_scores.cycles++;
    if (total) { /* a cycle without accesses is left out of the means */
        if (chosen.tracker) {
            score_tracker(n, k);
            score_declared(n);
        }
        score_placement(n, k);
    }
    swap = last_cycle.accesses, last_cycle.accesses = accesses, accesses = swap;
    swap = last_cycle.requests, last_cycle.requests = requests, requests = swap;
    last_cycle.start_ps = cycle_start_ps;
    last_cycle.end_ps = clock_now_ps();
    begin_cycle();
}

static void record_window(u64 end_ps)
{
    const volatile struct model_counters *w = &model_header()->account[ACCOUNT_WORKLOAD];

    if (!run_records_windows())
        return;
    record_begin("window");
    record_u64("window", window_number);
    record_u64("start_ns", window_start_ps / 1000);
    record_u64("end_ns", end_ps / 1000);
    record_u64("observations", found.count);
    record_u64("fast_requests", w->requests[TIER_FAST]);
    record_u64("slow_requests", w->requests[TIER_SLOW]);
    record_u64("promoted_pages", migration_counts.promoted);
    record_u64("demoted_pages", migration_counts.demoted);
    record_end();
}

/* What a tracker's step found goes into the books of the laboratory and to the classifier, which hears of every window. */
static void take_in(bool window_done)
{
    booking_t tracking = clock_book(BOOK_OFF);

    windows_observations += found.count;
    for (u32 i = 0; i < found.count; i++)
        estimates[found.list[i].page] += found.list[i].weight;
    if (chosen.classifier && chosen.classifier->observe && (found.count || window_done)) {
        if (!chosen.classifier->uses_truth)
            clock_book(book_on(ACCOUNT_CLASSIFY, (enum model_core)(tracking >> 8)));
        chosen.classifier->observe(&arena, found.list, found.count, window_number);
    }
    clock_book(tracking);
}

static void open_window(void)
{
    booking_t tracking = clock_book(BOOK_OFF);

    if (track_job.due_ps > track_job.not_before_ps)
        window_scores.late_windows++;
    window_due_ps = track_job.started_ps;
    close_epoch();
    window++;
    window_number++;
    window_scores.windows++;
    window_open = true;
    record_window(clock_now_ps());
    window_start_ps = clock_now_ps();
    clock_book(tracking);
}

/* After the last tracking step: the next window's end is due one window after this one's, or when the steps are done. */
static void close_window(void)
{
    booking_t tracking = clock_book(BOOK_OFF);

    window_open = false;
    track_job.not_before_ps = window_due_ps + chosen.pace.window_us * 1000000;
    if (window == chosen.pace.cycle_windows) {
        end_cycle();
        if (chosen.classifier && chosen.classifier->decide && !classify_job.pending)
            daemon_post(&classify_job, clock_now_ps());
    }
    clock_book(tracking);
}

static bool track_step(void)
{
    bool done = true;

    if (!window_open)
        open_window();
    found.count = 0;
    if (chosen.tracker) {
        booking_t tracking = chosen.tracker->uses_truth ? clock_book(BOOK_OFF) : clock.booking;
        done = chosen.tracker->step(&arena, &found);
        if (chosen.tracker->uses_truth)
            clock_book(tracking);
        take_in(done);
    }
    if (done)
        close_window();
    return true;
}

static void finish_migration(void)
{
    if (!migrate_job.pending)
        return;
    daemon_cancel(&migrate_job);
    chosen.migrator->finish(&arena);
}

static bool classify_step(void)
{
    booking_t classifying = clock.booking;
    bool done;

    if (migrate_job.pending) { /* the old plan is superseded */
        clock_book(book_on(ACCOUNT_MIGRATE, (enum model_core)(classifying >> 8)));
        finish_migration();
    }
    clock_book(chosen.classifier->uses_truth ? BOOK_OFF : classifying);
    done = chosen.classifier->decide(&arena, &plan, run_capacity());
    clock_book(classifying);
    if (!done)
        return true;
    trace("plan", plan.nr_promote, plan.nr_demote);
    if (chosen.pace.cycle_moves) {
        plan.nr_promote = (u32)MIN(plan.nr_promote, chosen.pace.cycle_moves);
        plan.nr_demote = (u32)MIN(plan.nr_demote, chosen.pace.cycle_moves);
    }
    if (chosen.migrator && plan.nr_promote + plan.nr_demote) {
        chosen.migrator->begin(&arena, &plan);
        daemon_post(&migrate_job, classify_job.due_ps);
    }
    return false;
}

static bool migrate_step(void)
{
    booking_t migrating = chosen.migrator->is_free ? clock_book(BOOK_OFF) : clock.booking;
    bool done = chosen.migrator->step(&arena, (u32)chosen.pace.step_pages);

    if (done)
        chosen.migrator->finish(&arena);
    if (chosen.migrator->is_free)
        clock_book(migrating);
    return !done;
}

/* The workload touched a page in flight: it waits for the step that is being paid for, then completes the move itself. */
static bool fault_in_flight(struct space *space, u32 page, bool write)
{
    u64 wait_ps;

    if (!chosen.migrator->fault)
        return false;
    wait_ps = daemon_wait_ps(&migrate_job, clock_now_ps());
    if (!chosen.migrator->fault(space, page, write))
        return false;
    clock_charge(ACCOUNT_FAULT, wait_ps);
    return true;
}

static bool fault_tracked(struct space *space, u32 page, bool write)
{
    return chosen.tracker->fault(space, page, write);
}

static void tell_classifier(struct space *space, u32 page, enum tier tier)
{
    chosen.classifier->mapped(space, page, tier);
}

void windows_start(void)
{
    memset(&window_scores, 0, sizeof(window_scores));
    memset(arena.hooks, 0, sizeof(arena.hooks));
    migration_counts = (struct migration_counts){0};
    migration_tell(chosen.classifier);
    classify_job.pending = migrate_job.pending = track_job.pending = false;
    daemon_init(jobs, ARRAY_SIZE(jobs));
    track_job.account = chosen.tracker ? ACCOUNT_TRACK : ACCOUNT_OFF; /* windows without a tracker cost nothing */
    if (chosen.migrator)
        space_add_hook(&arena, fault_in_flight);
    if (chosen.tracker && chosen.tracker->fault)
        space_add_hook(&arena, fault_tracked);
    arena.mapped = NULL;
    if (chosen.classifier) {
        if (chosen.classifier->start)
            chosen.classifier->start(&arena);
        if (chosen.classifier->mapped) {
            arena.mapped = tell_classifier;
            for (u32 page = 0; page < arena.nr_pages; page++)
                if (space_resident(&arena, page))
                    tell_classifier(&arena, page, space_tier(&arena, page));
        }
    }
    window_number = 0;
    windows_restart();
}

void windows_restart(void)
{
    memset(&window_scores, 0, sizeof(window_scores));
    daemon_cancel(&track_job);
    if (chosen.tracker && chosen.tracker->start)
        chosen.tracker->start(&arena);
    close_epoch(); /* and forget it */
    books_open();
    begin_cycle();
    window_open = false;
    window_start_ps = clock_now_ps();
    daemon_post(&track_job, window_start_ps + chosen.pace.window_us * 1000000);
}

void windows_tick(u64 now_ps)
{
    if (!chosen.tracker || !chosen.tracker->tick || !track_job.pending)
        return;
    clock_book(BOOK_FAULT);
    chosen.tracker->tick(&arena, now_ps);
    clock_book(BOOK_OFF);
}

void windows_stop(void)
{
    finish_migration();
    daemon_cancel(&track_job);
    daemon_cancel(&classify_job);
    if (chosen.tracker && chosen.tracker->stop)
        chosen.tracker->stop(&arena);
    close_epoch(); /* the last one is cut short */
    arena.mapped = NULL;
}
