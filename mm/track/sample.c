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
 *      each window:    drain; report each page with its numbers of sampled loads and of stores as weights
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
#include "lib/string.h"

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

static const struct tracker sample;

static void drain(struct sample *t)
{
    t->sample_records += sampler_drain();
    t->sample_dropped = model_header()->ring_dropped - t->dropped_before;
}

static void sample_start(struct space *space)
{
    struct sample *t = space_own(space, TRACKER, &sample, sizeof(*t));

    if (!model_present())
        refuse("tracker=sample needs the model, which writes the samples: run it without --no-model");
    sampler_attach(&t->user, space);
    t->sample_records = t->sample_interrupts = t->sample_dropped = 0;
    t->dropped_before = model_header()->ring_dropped;
    t->mode = !strcmp(sample_mode, "adaptive") ? SAMPLE_ADAPTIVE
              : !strcmp(sample_mode, "points") ? SAMPLE_POINTS
                                               : SAMPLE_POLL;
    t->period = sample_load;
    if (t->mode == SAMPLE_ADAPTIVE && t->period)
        t->period = adapt_start(&t->adapt, t->period, clock_now_ps());
    model_doorbells->sample_load = t->period;
    model_doorbells->sample_store = sample_store;
}

static void sample_stop(struct space *space)
{
    struct sample *t = space->own[TRACKER];

    sampler_detach(&t->user);
    model_doorbells->sample_load = 0;
    model_doorbells->sample_store = 0;
}

static u64 thread_ps(const struct sample *t)
{
    return t->thread >> 8 == CORE_DAEMON ? clock_daemon_ps() : clock_now_ps();
}

/* MEMTIS's thread wakes up, drains and looks at what it has cost. */
static void drain_adaptive(struct sample *t, u64 now_ps)
{
    u64 before = thread_ps(t), next;

    if (!adapt_due(&t->adapt, now_ps))
        return;
    clock_book(t->thread);
    drain(t);
    clock_book(BOOK_OFF);
    next = adapt_period(&t->adapt, thread_ps(t) - before, now_ps);
    if (t->period && next != t->period)
        model_doorbells->sample_load = t->period = next;
}

static void sample_tick(struct space *space, u64 now_ps)
{
    struct sample *t = space->own[TRACKER];
    booking_t fault = clock_book(BOOK_OFF); /* that somebody looks at every tick is the laboratory's doing */
    u64 filled = sampler_filled();
    bool interrupt = filled >= sample_threshold;

    if (interrupt) {
        t->sample_interrupts++;
        clock_charge(ACCOUNT_FAULT, sample_interrupt_ns * 1000);
    }
    if (interrupt || (filled && t->mode != SAMPLE_ADAPTIVE)) {
        clock_book(interrupt || t->mode == SAMPLE_POINTS ? fault : t->thread);
        drain(t);
        clock_book(BOOK_OFF);
    }
    if (t->mode == SAMPLE_ADAPTIVE)
        drain_adaptive(t, now_ps);
    clock_book(fault);
}

static inline struct observation *report(struct observation *at, u32 page, u64 samples, u8 kind)
{
    if (samples)
        *at++ = (struct observation){.page = page, .weight = (u32)MIN(samples, 0xffffff) & 0xffffff, .flags = kind};
    return at;
}

static bool sample_step(struct space *space, struct observations *out)
{
    struct sample *t = space->own[TRACKER];
    struct sampler_user *user = &t->user;
    struct observation *at = out->list;

    t->thread = clock.booking;
    drain(t);
    for (u32 left = (u32)MIN(user->nr_sampled, OBSERVATIONS_PER_STEP / 2); left; left--) {
        u32 page = user->sampled[--user->nr_sampled];
        at = report(at, page, user->samples[page] % SAMPLE_STORE, OBSERVED_READ);
        at = report(at, page, user->samples[page] / SAMPLE_STORE, OBSERVED_WRITTEN);
        user->samples[page] = 0;
    }
    out->count = (u32)(at - out->list);
    return !user->nr_sampled;
}

static const struct tracker sample = {
    .part = {.name = "sample",
             .summary = "a hardware sampler of load requests and stores; sample_mode says who drains it",
             .counters = {COUNTER(sample, sample_records), COUNTER(sample, sample_dropped),
                          COUNTER(sample, sample_interrupts)},
             .start = sample_start,
             .stop = sample_stop},
    .step = sample_step,
    .tick = sample_tick,
};
REGISTER_TRACKER(sample);
