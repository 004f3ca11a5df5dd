/*
 * Every page's true counts, summed over the measured phase and recorded on request (`truth=1`), so that they can be
 * held against what a scripted workload is known to do.
 */
#pragma once

#include "kernel/types.h"
#include "model/abi.h"

/* Forgets everything: the measured phase begins. */
void truth_sums_begin(void);

/* Adds a closed epoch. */
void truth_sums_add(const struct page_truth *epoch);

/* Writes them as `event` records with "event":"truth": [page, loads, stores, request loads, request stores] for every
 * page with any. */
void truth_sums_report(void);
