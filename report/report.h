/* The records of a run: what it was (`run`) and what came out (`summary`). */
#pragma once

#include "report/totals.h"

/* Computes the run's id from image, model and the effective keys, and writes the `run` record. */
void report_init(void);

/* What that id is: a hash of every key's effective value, of the model's configuration and of the machine's nodes. */
u64 report_configuration_hash(void);

/* One line on the console for the launcher: share done in percent, modelled time, fast-tier hit ratio. */
void report_progress(u32 percent);

/* While a run is only rehearsed its phases are not recorded. */
void report_quietly(bool quiet);

/* An `event` record: a named part of the run begins. Booking: BOOK_OFF. */
void report_phase(const char *name);

/* Into the record that is open: where the time went, in whole ns that still sum to cpu_ns. */
void report_ledger(const struct totals *t);

/* `work` in the unit of the workload's throughput, over the measured phase. */
void report_summary(const struct watch *watch, const struct totals *all, const struct totals *steady, u64 work, u64 checksum);

/* Names of the parts, "none" for a missing one: for every record that speaks of the policy. */
void report_parts(void);
