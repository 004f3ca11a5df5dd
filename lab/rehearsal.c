#include "lab/rehearsal.h"
#include "kernel/clock.h"
#include "lib/string.h"
#include "lab/program.h"
#include "mm/memory.h"
#include "lib/sort.h"
#include "mm/truth.h"

static bool note_window(struct job *j);

enum { WHOLE = 256 }; /* of a slice: parts of it are in 256ths */

static const struct watch *watch;
static struct job job = {.name = "rehearse", .account = ACCOUNT_OFF, .step = note_window};

/* What it has noted, in pieces of time: of each the requests by page, saturating, and where in the run it ended. */
static struct slice {
    u16 *requests;
    u64 end;
} slices[REHEARSAL_SLICES];
static u32 nr_slices;               /* that are complete; the next one is open */
static u32 windows, slice_windows;  /* that the open one has, and that a complete one has */
static bool is_measured;
static u32 *measured; /* requests by page in the measured phase */
static u64 last_decision, last_decision_ps; /* where in the run it was, and when */

static bool goes_by_clock(void)
{
    const struct workload *w = program.workload;

    return w->deadline_ps && w->deadline_ps() != UINT64_MAX;
}

/*
 * How far the run is. Its accesses tell, which are the same ones whatever tier serves them; the program's own unit of work
 * may be coarse (a search of a graph lasts many windows). Of a program that goes by the clock, time does.
 */
static u64 whereabouts(void)
{
    const volatile struct model_counters *w = &model_header()->account[ACCOUNT_WORKLOAD];

    if (goes_by_clock())
        return clock_now_ps();
    return w->loads[TIER_FAST] + w->loads[TIER_SLOW] + w->stores[TIER_FAST] + w->stores[TIER_SLOW];
}

static void add(u16 *sum, u32 requests)
{
    *sum = (u16)MIN(*sum + requests, 0xffffu);
}

/* All slices are full: two become one each, and the coming ones will be as long. */
static void halve(void)
{
    u32 nr_pages = watch->space->nr_pages;

    for (u32 s = 0; s < REHEARSAL_SLICES; s++) {
        struct slice *to = &slices[s / 2];
        if (s % 2 == 0)
            memcpy(to->requests, slices[s].requests, nr_pages * sizeof(u16));
        for (u32 page = 0; s % 2 && page < nr_pages; page++)
            add(&to->requests[page], slices[s].requests[page]);
        to->end = slices[s].end;
    }
    nr_slices = REHEARSAL_SLICES / 2;
    slice_windows *= 2;
}

static void open_slice(void)
{
    struct slice *slice = &slices[nr_slices];

    if (!slice->requests)
        slice->requests = kmem_alloc(watch->space->nr_pages * sizeof(u16));
    memset(slice->requests, 0, watch->space->nr_pages * sizeof(u16));
    windows = 0;
}

/* Enters what has come since the last time. */
static void note(void)
{
    struct slice *open = &slices[nr_slices];
    const struct page_truth *truth;

    model_doorbells->epoch = 1;
    truth = model_truth();
    for (u32 page = 0; truth && page < watch->space->nr_pages; page++) {
        u32 requests = truth[page].request_loads + truth[page].request_stores;
        add(&open->requests[page], requests);
        if (is_measured)
            measured[page] += requests;
    }
    open->end = whereabouts();
}

static bool note_window(struct job *j)
{
    note();
    if (++windows == slice_windows) {
        if (++nr_slices == REHEARSAL_SLICES)
            halve();
        open_slice();
    }
    j->not_before_ps = clock_now_ps() + watch->chosen->pace.window_us * 1000000;
    return true;
}

void rehearsal_begin(void)
{
    if (!measured) {
        measured = kmem_alloc(watch->space->nr_pages * sizeof(u32));
        daemon_add(&job);
    }
    memset(measured, 0, watch->space->nr_pages * sizeof(u32));
    is_measured = false;
    nr_slices = 0;
    slice_windows = 1;
    open_slice();
    daemon_post(&job, clock_now_ps() + watch->chosen->pace.window_us * 1000000);
}

void rehearsal_measured(void)
{
    note();
    is_measured = true;
}

void rehearsal_done(void)
{
    note();
    daemon_cancel(&job);
    last_decision = last_decision_ps = 0;
}

void rehearsal_place(void)
{
    struct space *space = watch->space;
    u64 *sorted = kmem_alloc(space->nr_pages * sizeof(u64));
    u8 *plan = kmem_alloc(space->nr_pages);

    for (u32 page = 0; page < space->nr_pages; page++)
        sorted[page] = (u64)measured[page] << 32 | page;
    sort_u64(sorted, space->nr_pages);
    for (u32 rank = 0; rank < space->nr_pages; rank++) /* the last has most */
        plan[(u32)sorted[rank]] = space->nr_pages - rank <= space->share[TIER_FAST] ? TIER_FAST : TIER_SLOW;
    space->plan = plan;
    space_placement = PLACE_BY_PAGE;
}

/*
 * Adds up the requests to each page that the span to come will see. The span begins now and lasts until the next decision, at the pace of the
 * time since the last one, which is less than a cycle ago where a phase has begun in between. Of a slice that lies in it in part that part
 * counts, in whole 256ths; of what they add up to, a page that is asked for at all has one.
 */
static void coming_requests(const struct space *space, u32 *sums)
{
    const struct pace *pace = &watch->chosen->pace;
    u64 now_ps = clock_now_ps(), cycle_ns = pace->window_us * 1000 * pace->decide_windows, start = 0;
    u64 ns = MAX((now_ps - last_decision_ps) / 1000, 1), from = whereabouts(), done = from - last_decision;
    u64 to = from + done / ns * cycle_ns + done % ns * cycle_ns / ns;

    last_decision = from;
    last_decision_ps = now_ps;
    memset(sums, 0, space->nr_pages * sizeof(u32));
    for (u32 s = 0; s <= nr_slices; start = slices[s++].end) {
        u64 begin = MAX(start, from), end = MIN(slices[s].end, to);
        u32 part = end > begin ? (u32)((end - begin) * WHOLE / (slices[s].end - start)) : 0;
        for (u32 page = 0; part && page < space->nr_pages; page++)
            sums[page] += slices[s].requests[page] * part;
    }
    for (u32 page = 0; page < space->nr_pages; page++)
        sums[page] = (sums[page] + WHOLE - 1) / WHOLE;
}

static const u32 *last_cycle_requests(const struct space *space)
{
    return watch_of(space)->last_requests;
}

static u32 cycles_ended(const struct space *space)
{
    return watch_of(space)->cycles_ended;
}

static const struct page_truth *last_window(const struct space *space)
{
    return watch_of(space)->closed;
}

void rehearsal_watch(const struct watch *watched)
{
    static const struct truth_source source = {cycles_ended, last_cycle_requests, coming_requests, last_window};

    watched->space->truth = &source;
}

void rehearsal_init(const struct watch *watched)
{
    watch = watched;
    rehearsal_watch(watched);
}
