#include "lab/windows.h"
#include "kernel/clock.h"
#include "kernel/panic.h"
#include "kernel/record.h"
#include "kernel/string.h"
#include "score/books.h"
#include "lab/daemon.h"
#include "score/heat.h"
#include "lab/lab.h"
#include "score/measures.h"
#include "score/replay.h"
#include "lab/policy.h"
#include "lab/rehearsal.h"
#include "lab/run.h"
#include "mm/memory.h"
#include "mm/truth.h"

struct window_scores window_scores;
u64 windows_observations;
struct cycle_truth last_cycle;

static struct observations found;
static struct plan plan;
static u32 *accesses, *requests; /* true counts of the cycle so far, by page */
static u32 *estimates;           /* sums of the observations' weights over the cycle so far, by page */
static u32 window;               /* of the running cycle, from 1 */
static u32 window_number;        /* since windows_start() */
static bool window_open;         /* tracking steps of this window have begun */
static u64 window_start_ps, window_end_ps, cycle_start_ps;
static u64 window_observations;       /* of this window */
static u64 window_requests[NR_TIERS]; /* of the workload, at its end */
static u64 window_due_ps; /* when its first tracking step was taken up: late or not, the next counts from it */

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
    last_cycle.accesses = kmem_alloc(bytes);
    last_cycle.requests = kmem_alloc(bytes);
    measures_init();
    truth_source = (struct truth_source){last_requests, rehearsal_future};
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
    heat_epoch(truth, clock_now_ps());
    replay_epoch(truth, clock_now_ps());
    measures_epoch(truth, !window_open);
    for (u32 page = 0; page < arena.nr_pages; page++) {
        accesses[page] += truth[page].loads + truth[page].stores;
        requests[page] += truth[page].request_loads + truth[page].request_stores;
    }
}

static void begin_cycle(void)
{
    u64 bytes = arena.nr_pages * sizeof(u32);

    memset(accesses, 0, bytes);
    memset(requests, 0, bytes);
    memset(estimates, 0, bytes);
    measures_begin();
    cycle_start_ps = clock_now_ps();
    window = 0;
}

static void end_cycle(void)
{
    struct cycle_books books = {accesses, requests, estimates, arena.nr_pages, run_capacity()};
    u32 *swap;

    window_scores.cycles++;
    measures_end(&books, chosen.tracker);
    swap = last_cycle.accesses, last_cycle.accesses = accesses, accesses = swap;
    swap = last_cycle.requests, last_cycle.requests = requests, requests = swap;
    last_cycle.start_ps = cycle_start_ps;
    last_cycle.end_ps = clock_now_ps();
    begin_cycle();
}

/* Once it has been looked at; `scored` when it was its cycle's last. */
static void record_window(bool scored)
{
    if (!run_records_windows())
        return;
    record_begin("window");
    record_u64("window", window_number);
    record_u64("start_ns", window_start_ps / 1000);
    record_u64("end_ns", window_end_ps / 1000);
    record_u64("observations", window_observations);
    record_u64("fast_requests", window_requests[TIER_FAST]);
    record_u64("slow_requests", window_requests[TIER_SLOW]);
    record_u64("promoted_pages", migration_counts.promoted);
    record_u64("demoted_pages", migration_counts.demoted);
    if (scored)
        measures_record_cycle();
    record_end();
}

/* What a tracker's step found goes into the books of the laboratory and to the classifier, which hears of every window.
 */
static void take_in(bool window_done)
{
    booking_t tracking = clock_book(BOOK_OFF);

    windows_observations += found.count;
    window_observations += found.count;
    measures_observed(found.list, found.count);
    heat_observed(found.list, found.count);
    replay_observed(found.list, found.count);
    for (u32 i = 0; i < found.count; i++)
        estimates[found.list[i].page] += found.list[i].weight;
    if (chosen.classifier && chosen.classifier->observe && (found.count || window_done)) {
        clock_book(book_on(classify_job.account, daemon_core()));
        chosen.classifier->observe(&arena, found.list, found.count, window_number);
    }
    clock_book(tracking);
}

static void open_window(void)
{
    booking_t tracking = clock_book(BOOK_OFF);

    /* Windows keep to their grid, unless the last one's steps were unfinished when this one was due: then it starts
     * when they are done. */
    window_due_ps = track_job.not_before_ps;
    if (track_job.due_ps > track_job.not_before_ps) {
        window_scores.late_windows++;
        window_due_ps = track_job.due_ps;
    }
    close_epoch();
    window++;
    window_number++;
    window_scores.windows++;
    window_open = true;
    window_observations = 0;
    window_end_ps = clock_now_ps();
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        window_requests[tier] = model_header()->account[ACCOUNT_WORKLOAD].requests[tier];
    clock_book(tracking);
}

/* After the last tracking step: the next window's end is due one window after this one's, or when the steps are done.
 */
static void close_window(void)
{
    booking_t tracking = clock_book(BOOK_OFF);
    bool last = window == chosen.pace.cycle_windows;

    window_open = false;
    track_job.not_before_ps = window_due_ps + chosen.pace.window_us * 1000000;
    if (last)
        end_cycle();
    heat_record(chosen.tracker);
    replay_record(chosen.tracker);
    record_window(last);
    window_start_ps = window_end_ps;
    if (last && chosen.classifier && chosen.classifier->decide && !classify_job.pending)
        daemon_post(&classify_job, clock_now_ps());
    clock_book(tracking);
}

static bool track_step(void)
{
    bool done = true;

    if (!window_open)
        open_window();
    found.count = 0;
    if (chosen.tracker) {
        done = chosen.tracker->step(&arena, &found);
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
        clock_book(book_on(migrate_job.account, daemon_core()));
        finish_migration();
        clock_book(classifying);
    }
    done = chosen.classifier->decide(&arena, &plan, run_capacity());
    if (!done)
        return true;
    clock_book(BOOK_OFF);
    trace("plan", plan.nr_promote, plan.nr_demote);
    if (chosen.pace.cycle_moves) {
        plan.nr_promote = (u32)MIN(plan.nr_promote, chosen.pace.cycle_moves);
        plan.nr_demote = (u32)MIN(plan.nr_demote, chosen.pace.cycle_moves);
    }
    if (chosen.migrator && plan.nr_promote + plan.nr_demote) {
        chosen.migrator->begin(&arena, &plan);
        daemon_post(&migrate_job, classify_job.due_ps);
    }
    clock_book(classifying);
    return false;
}

static bool migrate_step(void)
{
    bool done = chosen.migrator->step(&arena, (u32)chosen.pace.step_pages);

    if (done)
        chosen.migrator->finish(&arena);
    return !done;
}

/* The workload touched a page in flight: it waits for the step that is being paid for, then completes the move itself.
 */
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
    /* What knows the truth, is free, or is not there costs nothing. */
    track_job.account = chosen.tracker && !chosen.tracker->uses_truth ? ACCOUNT_TRACK : ACCOUNT_OFF;
    classify_job.account = chosen.classifier && !chosen.classifier->uses_truth ? ACCOUNT_CLASSIFY : ACCOUNT_OFF;
    migrate_job.account = chosen.migrator && !chosen.migrator->is_free ? ACCOUNT_MIGRATE : ACCOUNT_OFF;
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
    replay_start();
    windows_restart();
}

void windows_restart(void)
{
    memset(&window_scores, 0, sizeof(window_scores));
    daemon_cancel(&track_job);
    if (chosen.tracker && chosen.tracker->start)
        chosen.tracker->start(&arena);
    close_epoch(); /* and forget it */
    measures_restart();
    books_open();
    heat_restart(clock_now_ps());
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
    measures_stop();
    close_epoch(); /* the last one is cut short */
    heat_record(false);
    replay_record(false);
    arena.mapped = NULL;
}
