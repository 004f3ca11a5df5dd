/* The records of a run: what it was (`run`) and what came out (`summary`). */
#pragma once

#include "lab/totals.h"

/* Computes the run's id from image, model and the effective keys, and writes the `run` record. */
void report_init(u64 seed, u64 ops, u64 warmup);

/* One line on the console for the launcher: share done in percent, modelled time, fast-tier hit ratio. */
void report_progress(u32 percent);

void report_summary(const struct totals *all, const struct totals *steady, u64 checksum);

/* Names of the parts, "none" for a missing one: for every record that speaks of the policy. */
void report_parts(void);
