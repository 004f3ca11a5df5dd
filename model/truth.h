/*
 * The truth: exact counts per page and epoch, in two copies in the shared region.
 */
#pragma once

#include "model/abi.h"

#include <stddef.h>
#include <stdint.h>

struct truth {
    struct page_truth *copy[2];
    struct page_truth *counting; /* the copy of the open epoch */
    uint64_t pages;              /* pages that are in use: what has to be cleared */

    /*
     * The counts that the last access was to, and what is still to be added to them. Mostly they are not in the host's
     * caches: core.c asks for them as the access begins, and when the next one goes to another page they have come.
     */
    struct page_truth *owed_to; /* in `counting`; NULL: none */
    struct page_truth owed;
};

/* Sets the two copies, `pages` entries each at most, and clears both. */
void truth_init(struct truth *truth, struct page_truth *even, struct page_truth *odd, uint64_t pages);

/* Clears both copies. */
void truth_clear(struct truth *truth);

/* Closes the epoch: `epoch` is the number of epochs closed after it; its copy is cleared and counts from now on. */
void truth_close(struct truth *truth, uint64_t epoch);

/* Adds what is owed, so that the open copy can be read. */
static inline void truth_settle(struct truth *truth)
{
    struct page_truth *to = truth->owed_to, owed = truth->owed;

    if (to) {
        to->loads += owed.loads;
        to->stores += owed.stores;
        to->request_loads += owed.request_loads;
        to->request_stores += owed.request_stores;
    }
    truth->owed_to = NULL;
    truth->owed = (struct page_truth){0};
}

/* Where an access to a page is counted, until the next call. */
static inline struct page_truth *truth_of(struct truth *truth, uint32_t page)
{
    struct page_truth *of = &truth->counting[page];

    if (truth->owed_to != of) {
        truth_settle(truth);
        truth->owed_to = of;
    }
    return &truth->owed;
}

/* The same for known counts, which need not be the last access's and do not become so. */
static inline struct page_truth *truth_at(struct truth *truth, struct page_truth *of)
{
    return of == truth->owed_to ? &truth->owed : of;
}
