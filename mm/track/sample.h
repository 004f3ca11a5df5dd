/* The sampler: its state in a space, its keys, and the period that follows a share of a CPU. */
#pragma once

#include "mm/sampler.h"

/* MEMTIS's thread: where in the list of periods it is, when it last looked at its share and woke up, what it has cost. */
struct adapt {
    u32 at;
    u64 checked_ps, woken_ps, total_ps;
};

struct sample {
    struct sampler_user user;
    struct adapt adapt;
    u64 period;
    enum { SAMPLE_POLL, SAMPLE_ADAPTIVE, SAMPLE_POINTS } mode;
    booking_t thread; /* who runs the steps; free until the first one was seen */
    /* Taken from the ring; thresholds noticed; lost because the ring was full, as of the last drain. */
    u64 sample_records, sample_interrupts, sample_dropped;
    u64 dropped_before;
};

/* Keys. */
extern u64 sample_load, sample_store, sample_threshold, sample_interrupt_ns;
extern const char *sample_mode;

/*
 * MEMTIS's share of a CPU (sample_adapt.c). adapt_start() returns the period to begin with: the list's first that is
 * not below `period`. adapt_due() says whether the thread has slept long enough; adapt_period() takes in what a drain
 * has cost, and returns the period from now on.
 */
u64 adapt_start(struct adapt *adapt, u64 period, u64 now_ps);
bool adapt_due(const struct adapt *adapt, u64 now_ps);
u64 adapt_period(struct adapt *adapt, u64 spent_ps, u64 now_ps);
