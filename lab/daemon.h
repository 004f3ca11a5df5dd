/*
 * Background work: who runs the steps of tracking, classifying and migrating, and what they cost whom.
 *
 * With `daemons=1` there is a spare core in the machine, of which this modelled core has its share: 1/cores. Steps are
 * run by a daemon with a clock d of its own. Work due at t sets d = max(d, t); while d has passed, the next step runs,
 * all at once; then d grows by cost x cores / daemons. So a long copy keeps the daemon busy, and the workload runs, and
 * may touch the pages in flight, between two steps. With `daemons=0` every step is charged to the workload, undiluted.
 * Jobs do not wait for each other: tracking and deciding run back to back when they are due, and migration, which no
 * daemon slows down, keeps about a daemon's pace.
 */
#pragma once

#include "kernel/clock.h"

struct job {
    const char *name; /* ties between jobs due at the same time go by name */
    enum model_account account;
    bool (*step)(struct job *job); /* does one step; false when there is no further one */
    void *data;                    /* the step's own */
    struct job *next_job;          /* all that exist, in no order */
    bool pending, back_to_back; /* back_to_back: with daemons=0 the next step follows at once */
    u64 due_ps;                 /* of the next step, on the workload's clock */
    u64 not_before_ps;          /* a step may set this: the next one is not due earlier */
    u64 started_ps;             /* when the running or last step was taken up, on the daemon's clock */
    u64 paid_ps;                /* when the last step is paid for */
    u64 cost_ps;                /* of its steps since somebody made it 0, undiluted */
};

/* Makes a job known; it must stay valid. Once a boot. */
void daemon_add(struct job *job);

/* Resets the daemon's clock. */
void daemon_reset(void);

/* Makes a job due. It must not be pending. */
void daemon_post(struct job *job, u64 due_ps);

/* Withdraws a job; nothing happens when it is not pending. */
void daemon_cancel(struct job *job);

/* Runs every step whose time has come. Called from ticks, with the booking at BOOK_OFF. */
void daemon_run(u64 now_ps);

/* When the next step can run; UINT64_MAX when there is nothing to do. */
u64 daemon_next_ps(void);

/* How long a fault must wait for the job's last step, if that is still being paid for: in the workload's time. */
u64 daemon_wait_ps(const struct job *job, u64 now_ps);

/* On which core steps run. */
enum model_core daemon_core(void);

/* Number of spare cores: the key `daemons`. */
u64 daemon_count(void);
