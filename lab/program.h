/* The program under test: which workload, how much work, how large. Chosen by keys, once a boot. */
#pragma once

#include "lab/workload.h"

struct program {
    const struct workload *workload;
    u64 seed, ops, warmup; /* ops and warmup in the workload's unit */
    u64 pages;             /* that it needs */
};

extern struct program program;

/* Reads the keys; refuses an unknown workload and impossible parameters. */
void program_choose(void);

/* What it does over `work` units of its own in a time: units a second, rounded down; 0 for no time. */
u64 program_rate(u64 work, u64 time_ps);
