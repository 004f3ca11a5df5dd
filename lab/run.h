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
