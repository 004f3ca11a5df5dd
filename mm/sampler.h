/*
 * The hardware sampler: the model's ring of records (model/abi.h), of which there is one, and the spaces that want to
 * hear of theirs. What is done with the counts is up to the tracker.
 */
#pragma once

#include "kernel/clock.h"
#include "mm/parts.h"

/* A space's samples, by page since it was reported, and above their number OBSERVED_*. */
#define SAMPLE_KIND_SHIFT 30
#define SAMPLE_LOAD       ((u32)OBSERVED_READ << SAMPLE_KIND_SHIFT)
#define SAMPLE_STORE      ((u32)OBSERVED_WRITTEN << SAMPLE_KIND_SHIFT)
#define SAMPLE_NUMBER     (SAMPLE_LOAD - 1)

struct sampler_user {
    struct sampler_user *next;
    const struct space *space;
    u32 *samples;              /* by page */
    u32 *sampled, nr_sampled; /* the pages that have some */
};

/* Empties the user's counts and lets it hear of its space's records from now on. Allocates once. */
void sampler_attach(struct sampler_user *user, const struct space *space);
void sampler_detach(struct sampler_user *user);

/* Records that wait in the ring. */
u64 sampler_filled(void);

/* Takes all records out and counts each for its space; returns how many there were. */
u64 sampler_drain(void);
