/*
 * One run: setup (clock paused, model off), warm-up, a measured phase of fixed work, verification, summary.
 */
#pragma once

#include "lab/watch.h"

/* The arena's. */
extern struct watch run_watch;

/* Chooses workload and policy, allocates what the run keeps and writes the `run` record. Once a boot; also for tests. */
void run_init(void);

/* Carries out the run that the keys describe; returns whether its workload verified. */
bool run_once(void);

/* The timer: forgets how fast the last run was, and whose handler ticks call. */
void run_reset_tick(void (*handler)(void));

/* Sets the next tick a little before `next`, on the workload's clock; UINT64_MAX for as late as may be. */
void run_arm_tick(u64 now_ps, u64 next);
