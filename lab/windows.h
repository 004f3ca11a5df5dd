/*
 * Windows, cycles and epochs: the tracker's rhythm, and the truth that belongs to it.
 *
 * A window ends when its time is over; its first tracking step closes the epoch, and from then on the tracker looks at
 * what has happened. After `cycle_windows` windows the cycle is scored, the classifier decides and the migrator carries
 * the plan out. Policies that never move have windows and cycles too, so that every row is scored over the same spans.
 */
#pragma once

#include "kernel/types.h"

/* Of the measured phase so far. */
struct window_scores {
    u64 windows, cycles, late_windows;
};

extern struct window_scores window_scores;

/* Observations that trackers have made since boot. */
extern u64 windows_observations;

/* Where the classifiers that know the truth find it: per page, over the last complete cycle. */
struct cycle_truth {
    u32 *accesses, *requests;
    u64 start_ps, end_ps;
};
extern struct cycle_truth last_cycle;

/* Allocates the books for the arena. Once a boot, after policy_choose(). */
void windows_init(void);

/* Starts tracking and moving, at the workload's present time: window 1 begins. Booking: BOOK_OFF. */
void windows_start(void);

/*
 * Begins window and cycle 1 anew, where the measured phase starts: nothing seen so far counts. Migration goes on.
 */
void windows_restart(void);

/* To be called at every tick: what a tracking device would have interrupted for. Booking: BOOK_OFF. */
void windows_tick(u64 now_ps);

/* Finishes what is in flight, so that nothing moves while the run is verified. */
void windows_stop(void);
