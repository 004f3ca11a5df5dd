/*
 * sample: a hardware sampler, as Intel's PEBS: a record for every `sample_load`-th load request and every
 * `sample_store`-th store.
 *
 *      the model:      the workload's N-th load that reaches memory, or M-th store:  write a record into the ring, or
 *                      drop it if full
 *      each tick:      at least `sample_threshold` records?  an interrupt, which drains the ring
 *                      else, by mode:
 *                      poll      drain, at the cost of a thread of its own          (HeMem, SOSP'21)
 *                      adaptive  the same every 2 ms, and the load period follows a share of a CPU  (MEMTIS, SOSP'23;
 *                                sample_adapt.c)
 *                      points    drain, at the workload's cost: each tick stands for a context switch   (Demeter,
 *                                SOSP'25)
 *      drain:          count a sample for each record's page; tell the model how far
 *      each window:    drain; report each page with its number of samples as weight
 *
 * A sampler sees requests, accesses that missed the last level, whether or not a prefetcher had asked for them
 * (PEBS's load-miss events do not count those); of stores it sees all. Periods do not shrink with the machine.
 * Differs from the sources: one ring for both kinds of record; records hold the line's address; the ring's traffic
 * takes no cache or bandwidth (its cost is in sample_ps); classification is not part of the drain; a polling thread's
 * idle turns cost nothing. Cost: sample_ps a record on the workload's path, a drain of some instructions a record,
 * interrupts. Known weak spot: at the periods that are cheap enough most pages have no sample in a window, and what
 * hits the caches is invisible.
 */
#include "mm/track/sample.h"
#include "kernel/clock.h"
#include "kernel/exit.h"
#include "kernel/string.h"
#include "mm/mech.h"
#include "mm/memory.h"

KEY_NUMBER(
    sample_load, "sample_load", 199, 0, UINT32_MAX,
    "sample: load requests a record, 0: none; MEMTIS 199 to 19997 (begins at 199), Demeter 4093, HeMem 5003 or 19997");
KEY_NUMBER(sample_store, "sample_store", 100003, 0, UINT32_MAX,
           "sample: stores a record, 0: none; MEMTIS begins at 100003, Demeter 65535, HeMem as for loads");
KEY_TEXT(sample_mode, "sample_mode", "poll", "poll|adaptive|points",
         "sample: who drains: a polling thread (HeMem), one under a share of a CPU (MEMTIS), the workload at fixed "
         "points (Demeter)");
KEY_NUMBER(sample_threshold, "sample_threshold", 2048, 1, UINT32_MAX,
           "sample: records in the ring that raise an interrupt; argued: half of the ring, the rest is for what comes "
           "until the next tick");
KEY_NUMBER(sample_interrupt_ns, "sample_interrupt_ns", 1000, 0, 1000000,
           "sample: ns of such an interrupt without its drain; argued: an exception and its iretq (245 ns) and some "
           "rdmsr and wrmsr of 100 ns");

u64 sample_records, sample_interrupts, sample_dropped;

/* Samples by page since it was reported, and above their number OBSERVED_*. */
#define KIND_SHIFT 30
#define FROM_LOAD  ((u32)OBSERVED_READ << KIND_SHIFT)
#define FROM_STORE ((u32)OBSERVED_WRITTEN << KIND_SHIFT)
#define NR_SAMPLES (FROM_LOAD - 1)
static u32 *samples, *sampled, nr_sampled; /* sampled: the pages that have some */

static const volatile struct model_sample *ring;
static u64 ring_mask, tail, dropped_before, period;
static enum { POLL, ADAPTIVE, POINTS } mode;
static booking_t thread; /* who runs the steps; free until the first one was seen */

static void drain(const struct space *space)
{
    const volatile struct model_header *header = model_header();
    u32 *const counts = samples, *end = sampled + nr_sampled, first_page = space->first_page,
               nr_pages = space->nr_pages;
    u64 head = header->ring_head, mask = ring_mask;

    for (u64 at = tail; at != head; at++) {
        const volatile struct model_sample *record = &ring[at & mask];
        u32 page = record->page - first_page, old;
        if (page >= nr_pages)
            continue;
        old = counts[page];
        if (!old)
            *end++ = page;
        counts[page] = (old | (record->store ? FROM_STORE : FROM_LOAD)) + 1;
    }
    sample_records += head - tail;
    nr_sampled = (u32)(end - sampled);
    model_doorbells->ring_tail = tail = head;
    sample_dropped = header->ring_dropped - dropped_before;
}

static void set_mode(void)
{
    mode = !strcmp(sample_mode, "adaptive") ? ADAPTIVE : !strcmp(sample_mode, "points") ? POINTS : POLL;
    period = sample_load;
    if (mode == ADAPTIVE && period)
        period = adapt_start(period, clock_now_ps());
}

static void sample_start(struct space *space)
{
    const volatile struct model_header *header = model_header();

    if (!model_present())
        refuse("tracker=sample needs the model, which writes the samples: run it without --no-model");
    ring = (const void *)(MODEL_VA + header->ring_offset);
    ring_mask = header->ring_entries - 1;
    if (!samples) {
        samples = kmem_alloc(space->nr_pages * sizeof(u32));
        sampled = kmem_alloc(space->nr_pages * sizeof(u32));
    }
    memset(samples, 0, space->nr_pages * sizeof(u32));
    nr_sampled = 0;
    tail = header->ring_head;
    dropped_before = header->ring_dropped;
    sample_dropped = 0;
    model_doorbells->ring_tail = tail;
    set_mode();
    model_doorbells->sample_load = period;
    model_doorbells->sample_store = sample_store;
}

static void sample_stop(struct space *space)
{
    (void)space;
    model_doorbells->sample_load = 0;
    model_doorbells->sample_store = 0;
}

static u64 thread_ps(void)
{
    return thread >> 8 == CORE_DAEMON ? clock_daemon_ps() : clock_now_ps();
}

/* MEMTIS's thread wakes up, drains and looks at what it has cost. */
static void drain_adaptive(struct space *space, u64 now_ps)
{
    u64 before = thread_ps(), next;

    if (!adapt_due(now_ps))
        return;
    clock_book(thread);
    drain(space);
    clock_book(BOOK_OFF);
    next = adapt_period(thread_ps() - before, now_ps);
    if (period && next != period)
        model_doorbells->sample_load = period = next;
}

static void sample_tick(struct space *space, u64 now_ps)
{
    booking_t fault = clock_book(BOOK_OFF); /* that somebody looks at every tick is the laboratory's doing */
    u64 filled = model_header()->ring_head - tail;
    bool interrupt = filled >= sample_threshold;

    if (interrupt) {
        sample_interrupts++;
        clock_charge(ACCOUNT_FAULT, sample_interrupt_ns * 1000);
    }
    if (interrupt || (filled && mode != ADAPTIVE)) {
        clock_book(interrupt || mode == POINTS ? fault : thread);
        drain(space);
        clock_book(BOOK_OFF);
    }
    if (mode == ADAPTIVE)
        drain_adaptive(space, now_ps);
    clock_book(fault);
}

static bool sample_step(struct space *space, struct observations *out)
{
    thread = clock.booking;
    drain(space);
    struct observation *at = out->list;
    for (u32 left = (u32)MIN(nr_sampled, OBSERVATIONS_PER_STEP); left; left--) {
        u32 page = sampled[--nr_sampled], n = samples[page];
        samples[page] = 0;
        *at++ = (struct observation){
            .page = page, .weight = (u16)MIN(n & NR_SAMPLES, 0xffffu), .flags = (u8)(n >> KIND_SHIFT)};
    }
    out->count = (u32)(at - out->list);
    return !nr_sampled;
}

static const struct tracker sample = {
    .counters = {{"sample_records", &sample_records},
                 {"sample_dropped", &sample_dropped},
                 {"sample_interrupts", &sample_interrupts}},
    .name = "sample",
    .summary = "a hardware sampler of load requests and stores; sample_mode says who drains it",
    .start = sample_start,
    .step = sample_step,
    .tick = sample_tick,
    .stop = sample_stop,
};
REGISTER_TRACKER(sample);
