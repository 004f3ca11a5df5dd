/*
 * The hardware sampler: the model's ring of records (model/abi.h), of which there is one, and the spaces that want to
 * hear of theirs. What is done with the counts is up to the tracker.
 */
#pragma once

#include "kernel/clock.h"
#include "mm/parts.h"

/* A page's samples since it was reported: loads in the low half, stores in the high one. */
#define SAMPLE_LOAD  ((u64)1)
#define SAMPLE_STORE ((u64)1 << 32)

struct sampler_user {
    struct sampler_user *next;
    const struct space *space;
    u64 *samples;             /* by page */
    u32 *sampled, nr_sampled; /* the pages that have some */
};

/* Empties the user's counts and lets it hear of its space's records from now on. Allocates once. */
void sampler_attach(struct sampler_user *user, const struct space *space);
void sampler_detach(struct sampler_user *user);

/* Records that wait in the ring. */
u64 sampler_filled(void);

/* Takes all records out and counts each for its space; returns how many there were. */
u64 sampler_drain(void);
