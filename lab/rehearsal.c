#include "lab/rehearsal.h"
#include "kernel/clock.h"
#include "lib/string.h"
#include "lab/program.h"
#include "mm/memory.h"
#include "lib/sort.h"
#include "mm/truth.h"

static const struct watch *watch;
static u16 *counts[RUN_SLICES]; /* requests by page, saturating */
static u64 slice_end_ps[RUN_SLICES];
static u32 *measured; /* requests by page in the measured phase */
static u32 now;        /* slices of the run that are done */
static u32 last_slice; /* where the last cycle ended */

void rehearsal_note(u32 slice, bool is_measured)
{
    const struct page_truth *truth;

    if (!measured)
        measured = kmem_alloc(watch->space->nr_pages * sizeof(u32));
    if (!counts[slice])
        counts[slice] = kmem_alloc(watch->space->nr_pages * sizeof(u16));
    model_doorbells->epoch = 1;
    truth = model_truth();
    for (u32 page = 0; truth && page < watch->space->nr_pages; page++) {
        u32 requests = truth[page].request_loads + truth[page].request_stores;
        counts[slice][page] = (u16)MIN(counts[slice][page] + requests, 0xffffu);
        if (is_measured)
            measured[page] += requests;
    }
    slice_end_ps[slice] = clock_now_ps();
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

void rehearsal_done(void)
{
    now = last_slice = 0;
}

void rehearsal_at(u32 slice)
{
    now = slice;
}

static u32 slice_at(u64 time_ps)
{
    u32 slice = 0;

    while (slice + 1 < RUN_SLICES && slice_end_ps[slice] <= time_ps)
        slice++;
    return slice;
}

static bool goes_by_clock(void)
{
    const struct workload *w = program.workload;

    return w->deadline_ps && w->deadline_ps() != UINT64_MAX;
}

/*
 * Adds up the requests to each page that the span to come will see. The span begins now and is as long as the last
 * cycle: in slices of work, or in time for a program that goes by the clock.
 */
static void coming_requests(const struct space *space, u32 *sums)
{
    u32 first = MIN(now, RUN_SLICES - 1), last = MIN(2 * first - MIN(last_slice, first), RUN_SLICES - 1), here = first;

    if (goes_by_clock()) {
        u64 length = watch->last_end_ps - watch->last_start_ps;
        first = slice_at(clock_now_ps());
        last = slice_at(clock_now_ps() + length);
    }
    last_slice = here;
    memset(sums, 0, space->nr_pages * sizeof(u32));
    for (u32 slice = first; slice <= last; slice++)
        for (u32 page = 0; page < space->nr_pages; page++)
            sums[page] += counts[slice][page];
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
