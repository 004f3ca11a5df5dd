/*
 * What only a laboratory knows: the true counts. Parts that use it say so (`uses_truth`) and stand apart in every
 * table. The laboratory fills these in; without the model they stay null.
 */
#pragma once

#include "kernel/types.h"

struct truth_source {
    const u32 *(*last_cycle_requests)(void); /* per page, of the last complete cycle */
    void (*coming_requests)(u32 *sums);      /* per page, of the span to come (a rehearsed run) */
};

extern struct truth_source truth_source;
