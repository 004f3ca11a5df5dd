/*
 * Events: every order, why it was given and what became of it, on request (`events=1`).
 *
 *      given   what made the classifier want it: its last decision, or the touch of the page if that was later; an order that
 *              follows neither is given when it is taken
 *      taken   the migrator has asked for it, and the page is the migrator's
 *      done    the migrator has told what became of it
 *
 * The classifier of the run is replaced by a stand-in that calls it and takes notes, with the clock paused. So a run without
 * events runs the very code that it would if there were none.
 */
#pragma once

#include "lab/policy.h"

/* Orders that are kept until the window's end; further ones are left out, and counted. */
#define EVENTS_ROOM 8192

struct event {
    u32 page;
    u8 to, reason, outcome; /* enum tier, the classifier's code, enum outcome */
    bool touched, done;
    u64 given_ps, taken_ps, done_ps;
    u64 waited_ps; /* of the touch that it follows, where it does */
    u64 facts[2][MAX_FACTS]; /* of the classifier, of the tracker, when it was taken */
};

/* With `events=1`: puts the stand-in in place of chosen->classifier, whose space has so many pages. Once a boot. */
void events_init(struct chosen *policy, u32 nr_pages);

/* A run begins: nothing is noted. */
void events_start(void);

/* Records the orders that are done as `event` records, and forgets them. Booking: BOOK_OFF. */
void events_record(void);

/* The orders that are not yet recorded, in the order in which they were taken; sets *count. Null where none are noted. */
const struct event *events_noted(u32 *count);

/* Since events_start(): orders for which there was no room. */
u64 events_left_out(void);
