/*
 * The heat of a run, recorded on request (`heat=1`) for pictures: by address and time the model's exact accesses, what
 * the tracker saw of them and what lay in the fast tier; and how the accesses spread over the pages.
 */
#pragma once

#include "kernel/types.h"
#include "mm/parts.h"
#include "model/abi.h"

/* Forgets how accesses spread over the pages: the measured phase begins. The map goes on. */
void heat_restart(u64 now_ps);

/* An epoch ends now: notes what was accessed in it and where pages lie. */
void heat_epoch(const struct page_truth *truth, u64 now_ps);

/* What a tracker's step found in that epoch. */
void heat_observed(const struct observation *list, u32 count);

/* Records the epoch, unless that was done; `looked_at`: a tracker has looked at all of it. */
void heat_record(bool looked_at);

/* Records the distribution over the pages, in the measured phase. */
void heat_report(void);
