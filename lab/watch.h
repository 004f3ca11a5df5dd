/*
 * Watching a space: its windows, cycles and epochs, the policy's work in the background, and the truth that belongs to
 * it. One object for each space that is managed.
 *
 * A window ends when its time is over; its first tracking step closes the epoch, and from then on the tracker looks at
 * what has happened. After `score_windows` windows the cycle is scored, the same for every policy. After the policy's own
 * `decide_windows` the classifier decides, and migration is woken. Policies that never move have windows and cycles too,
 * so that every row is scored over the same spans.
 */
#pragma once

#include "lab/daemon.h"
#include "lab/policy.h"
#include "mm/truth.h"
#include "score/measures.h"

struct watch {
    struct space *space;
    const struct chosen *chosen; /* the policy's parts and pace */
    u32 capacity;                /* k of all scores: the nominal `fast=` in pages */
    bool recorded;               /* windows are recorded: not while rehearsing */

    struct observations found;
    u32 *accesses, *requests;          /* true counts of the cycle so far, by page */
    u32 *visible;                      /* of the accesses, those that the tracker could see; all: same as accesses */
    u32 *estimates;                    /* sums of the observations' weights over the cycle so far, by page */
    u32 *last_accesses, *last_requests; /* true counts of the last complete cycle */
    u64 last_start_ps, last_end_ps;
    struct measures measures;

    struct job track, classify, migrate;
    u32 window;        /* of the running cycle, from 1 */
    u32 decide_window; /* since the last decision */
    u32 window_number; /* since watch_start() */
    bool window_open;  /* tracking steps of this window have begun */
    u64 window_start_ps, window_end_ps, cycle_start_ps;
    u64 window_observations;       /* of this window */
    u64 window_requests[NR_TIERS]; /* of the workload, at its end */
    u64 window_due_ps;             /* when its first tracking step was taken up: late or not, the next counts from it */

    u64 windows, cycles, late_windows; /* of the measured phase so far */
    u32 cycles_ended;                  /* since watch_start() */
    u64 observations;                  /* since boot */

    /* Of several that are watched at once (watch_several()). */
    struct watch *next;
    unsigned number;
    struct page_truth *pending, *closed; /* counts of its open epoch, as any watch's closing closes the model's for all; of the last one */
    void (*cycle_ends)(struct watch *w); /* before the cycle's counts are forgotten; may be null */
};

/* Allocates for the space. Once a boot, after policy_choose(). */
void watch_init(struct watch *w, struct space *space, const struct chosen *policy, u32 capacity);

/* It is one of several: its windows are recorded with its number; heat, replay, books and events, which follow one, are not. After
 * watch_init(). */
void watch_several(struct watch *w, unsigned number);

/* The one that watches the space. */
const struct watch *watch_of(const struct space *space);

/* The watch's own part in lab/watches.c: it is one of all, takes its share of an epoch that was closed for one of several, and says how long a
 * fault waits for its step. */
void watches_add(struct watch *w);
void watches_hand_out(const struct page_truth *truth);
u64 watches_wait_ps(const struct space *space);

/* Starts tracking and moving, at the workload's present time: window 1 begins. Booking: BOOK_OFF. */
void watch_start(struct watch *w);

/*
 * Begins window and cycle 1 anew, where the measured phase starts: nothing seen so far counts. Migration goes on.
 */
void watch_restart(struct watch *w);

/* To be called at every tick: what a tracking device would have interrupted for, and migration that was woken. Booking:
 * BOOK_OFF. */
void watch_tick(struct watch *w, u64 now_ps);

/* Finishes what is in flight and takes the parts away, so that nothing moves while the run is verified. */
void watch_stop(struct watch *w);
