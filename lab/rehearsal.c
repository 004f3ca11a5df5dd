#include "lab/rehearsal.h"
#include "kernel/clock.h"
#include "kernel/panic.h"
#include "kernel/string.h"
#include "lab/lab.h"
#include "lab/run.h"
#include "lab/windows.h"
#include "mm/memory.h"

static u16 *counts[RUN_SLICES]; /* requests by page, saturating */
static u64 slice_end_ps[RUN_SLICES];
static u32 last_slice; /* where the last cycle ended */

static void note_slice(u32 slice)
{
    const struct page_truth *truth;

    model_doorbells->epoch = 1;
    truth = model_truth();
    for (u32 page = 0; truth && page < arena.nr_pages; page++)
        counts[slice][page] = (u16)MIN(truth[page].request_loads + truth[page].request_stores, 0xffffu);
    slice_end_ps[slice] = clock_now_ps();
}

void rehearse(u64 total_ops)
{
    if (!counts[0])
        for (u32 slice = 0; slice < RUN_SLICES; slice++)
            counts[slice] = kmem_alloc(arena.nr_pages * sizeof(u16));
    run_begin(total_ops);
    windows_stop(); /* what rehearses neither tracks nor moves */
    for (u32 slice = 0; slice < RUN_SLICES; slice++) {
        run_work(total_ops * (slice + 1) / RUN_SLICES - total_ops * slice / RUN_SLICES);
        note_slice(slice);
    }
    last_slice = 0;
}

static u32 slice_at(u64 time_ps)
{
    u32 slice = 0;

    while (slice + 1 < RUN_SLICES && slice_end_ps[slice] <= time_ps)
        slice++;
    return slice;
}

void rehearsal_future(u32 *sums)
{
    u32 now = MIN(run_slice(), RUN_SLICES - 1), first = now, last = MIN(2 * now - MIN(last_slice, now), RUN_SLICES - 1);

    if (run_goes_by_clock()) {
        u64 length = last_cycle.end_ps - last_cycle.start_ps;
        first = slice_at(clock_now_ps());
        last = slice_at(clock_now_ps() + length);
    }
    last_slice = now;
    memset(sums, 0, arena.nr_pages * sizeof(u32));
    for (u32 slice = first; slice <= last; slice++)
        for (u32 page = 0; page < arena.nr_pages; page++)
            sums[page] += counts[slice][page];
}
