#include "lab/watch.h"
#include "kernel/clock.h"
#include "lib/keys.h"
#include "kernel/panic.h"
#include "lib/record.h"
#include "lib/string.h"
#include "report/events.h"
#include "lab/workload.h"
#include "lab/moment.h"
#include "mm/memory.h"
#include "mm/move.h"
#include "score/truth_sums.h"
#include "score/heat.h"
#include "score/replay.h"

static bool track_step(struct job *job);
static bool classify_step(struct job *job);
static bool migrate_step(struct job *job);

void watch_init(struct watch *w, struct space *space, const struct chosen *policy, u32 capacity)
{
    u64 bytes = space->nr_pages * sizeof(u32);

    *w = (struct watch){.space = space, .chosen = policy, .capacity = capacity, .recorded = true};
    w->found.list = kmem_alloc(OBSERVATIONS_PER_STEP * sizeof(struct observation));
    w->accesses = kmem_alloc(bytes);
    w->requests = kmem_alloc(bytes);
    w->estimates = kmem_alloc(bytes);
    w->last_accesses = kmem_alloc(bytes);
    w->last_requests = kmem_alloc(bytes);
    w->visible = policy->tiers_seen == ALL_TIERS ? NULL : kmem_alloc(bytes);
    measures_init(&w->measures, space);
    w->track = (struct job){.name = "track", .step = track_step, .back_to_back = true, .data = w};
    w->classify = (struct job){.name = "classify", .step = classify_step, .back_to_back = true, .data = w};
    w->migrate = (struct job){.name = "migrate", .step = migrate_step, .data = w};
    daemon_add(&w->track);
    daemon_add(&w->classify);
    daemon_add(&w->migrate);
    watches_add(w);
}

/* Whether what follows one space alone follows this one. */
static bool is_followed(const struct watch *w)
{
    return w->recorded && !w->pending;
}

static u32 all_accesses(const struct page_truth *truth)
{
    return truth->loads + truth->stores;
}

/* Adds the closed epoch to the cycle's counts. */
static NOT_COUNTED void add_epoch(struct watch *w, const struct page_truth *truth, u32 nr_pages)
{
    for (u32 page = 0; page < nr_pages; page++) {
        const struct page_truth *t = &truth[page];
        if (!(t->loads | t->stores | t->request_loads | t->request_stores))
            continue;
        w->accesses[page] += all_accesses(t);
        w->requests[page] += t->request_loads + t->request_stores;
    }
    for (u32 page = 0; w->visible && page < nr_pages; page++)
        if (space_resident(w->space, page) && w->chosen->tiers_seen & 1u << space_tier(w->space, page))
            w->visible[page] += all_accesses(&truth[page]);
}

static void close_epoch(struct watch *w)
{
    const struct page_truth *truth;
    u32 nr_pages = space_end(w->space);

    model_doorbells->epoch = 1;
    model_check();
    truth = model_truth();
    if (!truth)
        return;
    if (w->pending)
        watches_hand_out(truth);
    truth = w->pending ? w->pending : truth + w->space->first_page;
    if (is_followed(w)) {
        truth_sums_add(truth);
        heat_epoch(truth, clock_now_ps());
        replay_epoch(w, truth, clock_now_ps());
    }
    measures_epoch(&w->measures, truth, nr_pages, !w->window_open);
    add_epoch(w, truth, nr_pages);
    if (w->pending) {
        struct page_truth *old = w->closed;
        w->closed = w->pending;
        w->pending = memset(old, 0, w->space->nr_pages * sizeof(*old));
    }
}

static void begin_cycle(struct watch *w)
{
    u64 bytes = w->space->nr_pages * sizeof(u32);

    memset(w->accesses, 0, bytes);
    memset(w->requests, 0, bytes);
    memset(w->estimates, 0, bytes);
    if (w->visible)
        memset(w->visible, 0, bytes);
    measures_begin(&w->measures);
    w->cycle_start_ps = clock_now_ps();
    w->window = 0;
}

static void swap(u32 **a, u32 **b)
{
    u32 *old = *a;

    *a = *b;
    *b = old;
}

static void end_cycle(struct watch *w)
{
    const struct cycle_counts counts = {w->accesses, w->visible ? w->visible : w->accesses, w->requests, w->estimates,
                                        w->space->nr_pages, w->capacity};

    if (w->cycle_ends)
        w->cycle_ends(w);
    w->cycles++;
    measures_end(&w->measures, &counts, w->chosen->tracker);
    swap(&w->last_accesses, &w->accesses);
    swap(&w->last_requests, &w->requests);
    w->cycles_ended++;
    w->last_start_ps = w->cycle_start_ps;
    w->last_end_ps = clock_now_ps();
    begin_cycle(w);
}

/* Once it has been looked at; `scored` when it was its cycle's last. */
static void record_window(const struct watch *w, bool scored)
{
    if (!w->recorded)
        return;
    record_begin("window");
    if (w->pending)
        record_u64("machine", w->number);
    record_u64("window", w->window_number);
    record_u64("start_ns", w->window_start_ps / 1000);
    record_u64("end_ns", w->window_end_ps / 1000);
    record_u64("observations", w->window_observations);
    record_u64("fast_requests", w->window_requests[TIER_FAST]);
    record_u64("slow_requests", w->window_requests[TIER_SLOW]);
    record_u64("promoted_pages", w->space->migration.promoted);
    record_u64("demoted_pages", w->space->migration.demoted);
    if (scored)
        measures_record_cycle(&w->measures);
    record_end();
}

/* What a tracker's step found is counted for the scores and told to the classifier, which hears of every window. */
static void take_in(struct watch *w, bool window_done)
{
    const struct classifier *classifier = w->chosen->classifier;
    const struct observations *found = &w->found;
    booking_t tracking = clock_book(BOOK_OFF);

    w->observations += found->count;
    w->window_observations += found->count;
    measures_observed(&w->measures, found->list, found->count);
    if (!w->pending) {
        heat_observed(found->list, found->count);
        replay_observed(found->list, found->count);
    }
    moment(MOMENT_SEEN, NULL);
    for (u32 i = 0; i < found->count; i++)
        for (u32 n = 0; n < observation_pages(&found->list[i]); n++)
            w->estimates[found->list[i].page + n] += found->list[i].weight;
    if (classifier && classifier->observe && (found->count || window_done)) {
        clock_book(book_on(w->classify.account, daemon_core()));
        classifier->observe(w->space, found->list, found->count, w->window_number);
    }
    clock_book(tracking);
}

static void open_window(struct watch *w)
{
    booking_t tracking = clock_book(BOOK_OFF);

    /* Windows keep to their grid, unless the last one's steps were unfinished when this one was due: then it starts
     * when they are done. */
    w->window_due_ps = w->track.not_before_ps;
    if (w->track.due_ps > w->track.not_before_ps) {
        w->late_windows++;
        w->window_due_ps = w->track.due_ps;
    }
    close_epoch(w);
    w->window++;
    w->decide_window++;
    w->window_number++;
    w->windows++;
    w->window_open = true;
    w->window_observations = 0;
    w->window_end_ps = clock_now_ps();
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        w->window_requests[tier] = model_header()->account[ACCOUNT_WORKLOAD].requests[tier] - w->measures.others[tier];
    clock_book(tracking);
}

static void begin_period(struct watch *w)
{
    u64 moves = w->chosen->pace.moves;

    w->decide_window = 0;
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        w->space->moves_left[tier] = moves ? (u32)moves : UINT32_MAX;
}

static void wake_migration(struct watch *w, u64 due_ps)
{
    w->space->awake = false;
    if (w->chosen->migrator && !w->migrate.pending)
        daemon_post(&w->migrate, due_ps);
}

/* After the last tracking step: the next window's end is due one window after this one's, or when the steps are done.
 */
static void close_window(struct watch *w)
{
    const struct classifier *classifier = w->chosen->classifier;
    booking_t tracking = clock_book(BOOK_OFF);
    bool last = w->window == w->chosen->score_windows;

    w->window_open = false;
    w->track.not_before_ps = w->window_due_ps + w->chosen->pace.window_us * 1000000;
    if (last)
        end_cycle(w);
    if (is_followed(w)) {
        heat_record(w->chosen->tracker);
        replay_record(w->chosen->tracker);
    }
    record_window(w, last);
    moment(MOMENT_WINDOW, NULL);
    if (is_followed(w))
        events_record();
    w->window_start_ps = w->window_end_ps;
    if (classifier && w->decide_window >= w->chosen->pace.decide_windows && !w->classify.pending) {
        begin_period(w);
        if (classifier->decide)
            daemon_post(&w->classify, clock_now_ps());
        else
            wake_migration(w, clock_now_ps());
    }
    clock_book(tracking);
}

static bool track_step(struct job *job)
{
    struct watch *w = job->data;
    bool done = true;

    if (!w->window_open)
        open_window(w);
    w->found.count = 0;
    if (w->chosen->tracker) {
        done = w->chosen->tracker->step(w->space, &w->found);
        take_in(w, done);
    }
    if (done)
        close_window(w);
    return true;
}

/* Completes what is in flight: a new decision begins with every page in its place. */
static void settle_migration(struct watch *w)
{
    booking_t before;

    if (!w->migrate.pending)
        return;
    daemon_cancel(&w->migrate);
    before = clock_book(book_on(w->migrate.account, daemon_core()));
    while (!w->chosen->migrator->step(w->space, 0))
        ;
    clock_book(before);
}

static bool classify_step(struct job *job)
{
    struct watch *w = job->data;

    settle_migration(w);
    if (!w->chosen->classifier->decide(w->space))
        return true;
    wake_migration(w, job->due_ps);
    return false;
}

static bool migrate_step(struct job *job)
{
    struct watch *w = job->data;

    return !w->chosen->migrator->step(w->space, (u32)w->chosen->pace.step_pages);
}

/* Of the one space whose faults are served. */
static struct watch *watching;

static u64 wait_ps(const struct space *space)
{
    (void)space;
    return daemon_wait_ps(&watching->migrate, clock_now_ps());
}

/* A phase begins; the tracker has just been started. */
static void begin_phase(struct watch *w)
{
    w->windows = w->cycles = w->late_windows = 0;
    close_epoch(w); /* and forget it */
    measures_restart(&w->measures);
    if (is_followed(w)) {
        truth_sums_begin();
        heat_restart(clock_now_ps());
    }
    begin_cycle(w);
    w->decide_window = 0;
    w->window_open = false;
    w->window_start_ps = clock_now_ps();
    daemon_post(&w->track, w->window_start_ps + w->chosen->pace.window_us * 1000000);
}

void watch_start(struct watch *w)
{
    const struct chosen *c = w->chosen;

    daemon_reset();
    w->track.pending = w->classify.pending = w->migrate.pending = false;
    /* What knows the truth, is free, or is not there costs nothing. */
    w->track.account = c->tracker && !c->tracker->part.uses_truth ? ACCOUNT_TRACK : ACCOUNT_OFF;
    w->classify.account = c->classifier && !c->classifier->part.uses_truth ? ACCOUNT_CLASSIFY : ACCOUNT_OFF;
    w->migrate.account = c->migrator && !c->migrator->is_free ? ACCOUNT_MIGRATE : ACCOUNT_OFF;
    watching = w;
    w->space->wait_ps = w->pending ? watches_wait_ps : wait_ps;
    w->space->in_fault = c->pace.in_fault;
    parts_start(w->space, c->tracker, c->classifier, c->migrator);
    begin_period(w);
    w->window_number = 0;
    if (is_followed(w))
        replay_start();
    events_start();
    begin_phase(w);
}

/* Also of a warm-up that ends within its first window, whose bits are of accesses that are forgotten. */
void watch_restart(struct watch *w)
{
    daemon_cancel(&w->track);
    if (w->chosen->tracker && w->chosen->tracker->part.start)
        w->chosen->tracker->part.start(w->space);
    begin_phase(w);
    /* Else a bound would keep, for as much as a cycle, the placement for what came before the phase. */
    if (w->chosen->classifier && w->chosen->classifier->knows_future && !w->classify.pending) {
        begin_period(w);
        daemon_post(&w->classify, clock_now_ps());
    }
}

void watch_tick(struct watch *w, u64 now_ps)
{
    const struct tracker *tracker = w->chosen->tracker;

    if (tracker && tracker->tick && w->track.pending) {
        clock_book(BOOK_FAULT);
        tracker->tick(w->space, now_ps);
        clock_book(BOOK_OFF);
    }
    if (w->space->awake && !w->classify.pending)
        wake_migration(w, now_ps);
}

void watch_stop(struct watch *w)
{
    daemon_cancel(&w->migrate);
    daemon_cancel(&w->track);
    daemon_cancel(&w->classify);
    parts_stop(w->space);
    measures_stop(&w->measures);
    close_epoch(w); /* the last one is cut short */
    if (is_followed(w)) {
        heat_record(false);
        replay_record(false);
        events_record();
    }
    w->space->wait_ps = NULL;
}
