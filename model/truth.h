/*
 * The truth: exact counts per page and epoch, in two copies in the shared region.
 */
#pragma once

#include "model/abi.h"

#include <stdint.h>

struct truth {
    struct page_truth *copy[2];
    struct page_truth *counting; /* the copy of the open epoch */
    uint64_t pages;              /* pages that are in use: what has to be cleared */
};

/* Sets the two copies, `pages` entries each at most, and clears both. */
void truth_init(struct truth *truth, struct page_truth *even, struct page_truth *odd, uint64_t pages);

/* Clears both copies. */
void truth_clear(struct truth *truth);

/* Closes the epoch: `epoch` is the number of epochs closed after it; its copy is cleared and counts from now on. */
void truth_close(struct truth *truth, uint64_t epoch);
