/*
 * What only a laboratory knows: the true counts. Parts that use it say so (`uses_truth`) and stand apart in every
 * table. The laboratory hangs this on a space; without the model it is null.
 */
#pragma once

#include "kernel/types.h"

struct page_truth;
struct space;

struct truth_source {
    u32 (*cycles)(const struct space *space); /* of scoring, that have ended */
    const u32 *(*last_cycle_requests)(const struct space *space); /* per page, of the last complete cycle */
    void (*coming_requests)(const struct space *space, u32 *sums); /* per page, of the span to come (a rehearsed run) */

    /* By page, of the last window, where that is not all of the model's last epoch: with several machines. May be null. */
    const struct page_truth *(*last_window)(const struct space *space);
};
