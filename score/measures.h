/*
 * What a tracker is measured by: its estimates against the truth, once a cycle. Means over the cycles go into the
 * summary, each cycle's own figures into the `window` record that closes it.
 *
 * Booking: BOOK_OFF throughout.
 */
#pragma once

#include "model/abi.h"
#include "mm/mech.h"

/* A cycle's books, by page: true accesses and requests, and the sums of the observations' weights. */
struct cycle_books {
    const u32 *accesses, *requests, *estimates;
    u32 nr_pages, capacity;
};

/* Allocates for the arena. Once a boot. */
void measures_init(void);

/*
 * The space's first pages are none of the program's (a machine's image and page tables): trackers see them, and the
 * truth may not, so they are not compared. Pages are then numbered from the first that is.
 */
void measures_leave_out(u32 nr_pages);

/* Observations of such pages in the measured phase. */
u64 measures_left_out(void);

/* Forgets all cycles and observations so far. */
void measures_restart(void);

/* A cycle begins. */
void measures_begin(void);

/* An epoch was closed. `looked_at`: the window before it was, to its end. */
void measures_epoch(const struct page_truth *truth, bool looked_at);

/* Windows have ended: the next epoch only settles what the last one saw. */
void measures_stop(void);

/* What a tracker's step found in the running window. */
void measures_observed(const struct observation *list, u32 count);

/* Scores the cycle that ends. A cycle without accesses is left out of the means. */
void measures_end(const struct cycle_books *books, bool tracked);

/* The last cycle's figures, into the record that is open. */
void measures_record_cycle(void);

/* The means: those that every summary has had from the start, and all others, which follow at its end. */
void measures_record_scores(void);
void measures_record_more(void);

/* With ranked=1: pages ranked by true and by credited count, as vTMM's figure 3 does. */
void measures_record_ranked(void);
