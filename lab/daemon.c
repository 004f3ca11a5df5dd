#include "lab/daemon.h"
#include "lib/keys.h"
#include "kernel/panic.h"
#include "lib/string.h"
#include "lab/moment.h"

static KEY_NUMBER(daemons, "daemons", 1, 0, 1,
                  "spare cores of the machine that run background work; 0: the workload's core does");

static struct job *all;
static u64 daemon_ps; /* d: when the daemon is free again */

u64 daemon_count(void)
{
    return daemons;
}

void daemon_add(struct job *job)
{
    job->next_job = all;
    all = job;
}

void daemon_reset(void)
{
    daemon_ps = 0;
}

void daemon_post(struct job *job, u64 due_ps)
{
    ASSERT(!job->pending);
    job->pending = true;
    job->due_ps = job->not_before_ps = due_ps;
    job->paid_ps = 0;
}

void daemon_cancel(struct job *job)
{
    job->pending = false;
}

static struct job *first_due(void)
{
    struct job *first = NULL;

    for (struct job *job = all; job; job = job->next_job) {
        if (!job->pending)
            continue;
        if (!first || job->due_ps < first->due_ps ||
            (job->due_ps == first->due_ps && strcmp(job->name, first->name) < 0))
            first = job;
    }
    return first;
}

/* When a job's next step can begin. Without a spare core nobody is busy with another job's. */
static u64 ready_ps(const struct job *job)
{
    return daemons ? MAX(daemon_ps, job->due_ps) : job->due_ps;
}

u64 daemon_next_ps(void)
{
    const struct job *job = first_due();

    return job ? ready_ps(job) : UINT64_MAX;
}

u64 daemon_wait_ps(const struct job *job, u64 now_ps)
{
    return daemons && job->paid_ps > now_ps ? (job->paid_ps - now_ps) * daemons / model_header()->cores : 0;
}

enum model_core daemon_core(void)
{
    return daemons ? CORE_DAEMON : CORE_WORKLOAD;
}

/*
 * Runs one step and returns for how long it keeps the daemon busy. On the workload's own core (no spare one) memory
 * time is already that of a core's share, so only the instructions are dilated: migration then keeps about the pace
 * that a daemon would have.
 */
static u64 run_step(struct job *job, bool *more)
{
    enum model_core core = daemon_core();
    u64 insns = clock.core_insns[core], memory_ps = model_header()->core_ps[core], cores = model_header()->cores;

    clock_book(book_on(job->account, core));
    *more = job->step(job);
    clock_book(BOOK_OFF);
    insns = clock.core_insns[core] - insns;
    memory_ps = model_header()->core_ps[core] - memory_ps;
    job->cost_ps += insns * clock.insn_ps + memory_ps;
    return insns * clock.insn_ps * cores + memory_ps * (daemons ? cores : 1);
}

void daemon_run(u64 now_ps)
{
    struct job *job;

    while ((job = first_due()) && ready_ps(job) <= now_ps) {
        u64 busy_ps;
        bool more;

        job->started_ps = ready_ps(job);
        busy_ps = run_step(job, &more);
        if (daemons)
            job->paid_ps = daemon_ps = job->started_ps + busy_ps;
        else if (job->back_to_back)
            job->paid_ps = now_ps = clock_now_ps();
        else
            job->paid_ps = job->started_ps + busy_ps;
        model_doorbells->step_end = job->paid_ps;
        job->pending = more;
        job->due_ps = MAX(job->paid_ps, job->not_before_ps);
        moment(MOMENT_STEP, job);
    }
}
