/*
 * Rehearsal: the run is done once without moving a page, and the requests to every page are written down slice by
 * slice. A policy that knows the future (`clairvoyant`) then asks what the next span will bring. Nothing of the
 * rehearsal is measured.
 */
#pragma once

#include "lab/watch.h"

/* The phases' work is done in this many slices: after each the laboratory can look up. */
#define RUN_SLICES 64

/* The truth of the space becomes known to the parts that ask for it, of the past alone. */
void rehearsal_watch(const struct watch *watch);

/* Whose space is meant; makes its truth known to the parts that ask for it. Once a boot. */
void rehearsal_init(const struct watch *watch);

/* A slice of the rehearsed run is done, or the part of it that lies in the warm-up: keeps the requests that it brought, those of
 * the measured phase also apart. Booking: BOOK_OFF. */
void rehearsal_note(u32 slice, bool is_measured);

/* From now on pages are placed at their first touch as is best for the measured phase without moving any: as many as the fast
 * tier holds, those with the most requests in the rehearsal. Booking: BOOK_OFF. */
void rehearsal_place(void);

/* The rehearsal is over: the run that follows is at slice 0. */
void rehearsal_done(void);

/* So many slices of the run proper are done. */
void rehearsal_at(u32 slice);
