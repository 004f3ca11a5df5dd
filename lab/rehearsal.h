/*
 * Rehearsal: the run is done once without moving a page, and the requests to every page are written down slice by
 * slice. A policy that knows the future (`clairvoyant`) then asks what the next span will bring. Nothing of the
 * rehearsal is measured.
 */
#pragma once

#include "kernel/types.h"

/* Rehearses the run of `total_ops`; leaves the arena filled but unspecified. */
void rehearse(u64 total_ops);

/*
 * Adds up the requests to each page that the span to come will see, into `sums` (one per page of the arena). The span
 * begins now and is as long as the last cycle: in slices of work, or in time for a program that goes by the clock.
 */
void rehearsal_future(u32 *sums);
