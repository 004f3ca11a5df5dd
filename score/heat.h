/*
 * The heat of a run: the model's exact accesses by address and time, and how they spread over the pages, recorded on
 * request (`heat=1`) for pictures of access patterns.
 */
#pragma once

#include "kernel/types.h"
#include "model/abi.h"

/* Forgets how accesses spread over the pages: the measured phase begins. The map goes on. */
void heat_restart(u64 now_ps);

/* An epoch ends now: records what was accessed in it. */
void heat_epoch(const struct page_truth *truth, u64 now_ps);

/* Records the distribution over the pages, in the measured phase. */
void heat_report(void);
