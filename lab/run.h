/*
 * One run: setup (clock paused, model off), warm-up, a measured phase of fixed work, verification, summary.
 */
#pragma once

#include "lab/workload.h"

/* The phases' work is done in this many slices: after each the laboratory can look up. */
#define RUN_SLICES 64

/* Carries out the run that the keys describe; returns whether its workload verified. */
bool run_once(void);

/* The workload of this run. */
const struct workload *run_workload(void);

/* Capacity k of all scores and classifiers: the nominal `fast=` in pages. */
u32 run_capacity(void);

/* Whether windows are recorded: not while rehearsing. */
bool run_records_windows(void);

/* How many slices are done, of warm-up and measured phase together, and whether the program goes by the clock. */
u32 run_slice(void);
bool run_goes_by_clock(void);

/* Chooses workload and policy, allocates the books and writes the `run` record. Once a boot; also for tests. */
void run_init(void);

/* Fills the arena, starts the clock at zero and begins to track. Then the workload may run. */
void run_begin(u64 total_ops);

/* Runs the workload for `ops`, with ticks. */
void run_work(u64 ops);
