/*
 * Rehearsal: the run is done once without moving a page, and the requests to every page are written down window by window; of
 * a long run, some windows at a time. A policy that knows the future (`clairvoyant`) then asks what the next span will bring.
 * Nothing of the rehearsal is measured.
 */
#pragma once

#include "lab/watch.h"

/* The rehearsed run is kept in so many pieces at most, at least half of them used when it lasts that many windows. */
#define REHEARSAL_SLICES 64

/* The truth of the space becomes known to the parts that ask for it, of the past alone. */
void rehearsal_watch(const struct watch *watch);

/* Whose space is meant; makes its truth known to the parts that ask for it. Once a boot. */
void rehearsal_init(const struct watch *watch);

/* The rehearsed run begins, at time 0; its measured phase does; it is over. Booking: BOOK_OFF. */
void rehearsal_begin(void);
void rehearsal_measured(void);
void rehearsal_done(void);

/* From now on pages are placed at their first touch as is best for the measured phase without moving any: as many as the fast
 * tier holds, those with the most requests in the rehearsal. Booking: BOOK_OFF. */
void rehearsal_place(void);
