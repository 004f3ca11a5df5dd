/* What hint counts beside its observations, since boot. */
#pragma once

#include "kernel/types.h"

extern u64 hint_protected;  /* pages */
extern u64 hint_faults;     /* that were reported */
extern u64 hint_latency_ps; /* sum over these: from protection to fault */

/* Keys. */
extern u64 hint_pages, hint_fast, hint_weight_us;
