/* The sampler: what its two halves share, its keys, and what it counts beside its observations, since boot. */
#pragma once

#include "kernel/types.h"

extern u64 sample_records, sample_interrupts; /* taken from the ring; thresholds noticed */
extern u64 sample_dropped;                    /* lost because the ring was full, as of the last drain */

/* Keys. */
extern u64 sample_load, sample_store, sample_threshold, sample_interrupt_ns;
extern const char *sample_mode;

/*
 * MEMTIS's share of a CPU (sample_adapt.c). adapt_start() returns the period to begin with: the list's first that is
 * not below `period`. adapt_due() says whether the thread has slept long enough; adapt_period() takes in what a drain
 * has cost, and returns the period from now on.
 */
u64 adapt_start(u64 period, u64 now_ps);
bool adapt_due(u64 now_ps);
u64 adapt_period(u64 spent_ps, u64 now_ps);
