/*
 * Moments of a run at which somebody may look at it, with the clock paused: the shell (shell/). Without a spectator nothing is
 * called; none of these places is on a clocked path.
 */
#pragma once

#include "lab/daemon.h"

enum moment {
    MOMENT_NONE,     /* never comes; for who measures what a moment takes */
    MOMENT_BEGIN,    /* the program is set up and may run */
    MOMENT_SEEN,     /* a tracker's step has told what it saw: run_watch.found */
    MOMENT_WINDOW,   /* a window has been looked at and is recorded; what was noted of it is about to be forgotten */
    MOMENT_STEP,     /* a background step is done; `job` is its */
    MOMENT_TICK,     /* at a tick, when every step whose time has come is done */
    MOMENT_MEASURED, /* the warm-up is over: what follows counts */
    MOMENT_END       /* the program's work is done; parts and pages are as it left them */
};

/* Null without a spectator. `job` is null but for MOMENT_STEP. Booking: BOOK_OFF, interrupts off. */
extern void (*run_spectator)(enum moment moment, const struct job *job);

static inline void moment(enum moment what, const struct job *job)
{
    if (run_spectator)
        run_spectator(what, job);
}
