#include "lab/daemon.h"
#include "kernel/keys.h"
#include "kernel/panic.h"
#include "kernel/string.h"

static KEY_NUMBER(daemons, "daemons", 1, 0, 1, "spare cores of the machine that run background work; 0: the workload's core does");

static struct job *const *all;
static unsigned nr_all;
static u64 daemon_ps; /* d: when the daemon is free again */

u64 daemon_count(void)
{
    return daemons;
}

void daemon_init(struct job *const *jobs, unsigned nr_jobs)
{
    all = jobs;
    nr_all = nr_jobs;
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

    for (unsigned i = 0; i < nr_all; i++) {
        struct job *job = all[i];
        if (!job->pending)
            continue;
        if (!first || job->due_ps < first->due_ps ||
            (job->due_ps == first->due_ps && strcmp(job->name, first->name) < 0))
            first = job;
    }
    return first;
}

u64 daemon_next_ps(void)
{
    const struct job *job = first_due();

    return job ? MAX(daemon_ps, job->due_ps) : UINT64_MAX;
}

u64 daemon_wait_ps(const struct job *job, u64 now_ps)
{
    return daemons && job->paid_ps > now_ps ? (job->paid_ps - now_ps) * daemons / model_header()->cores : 0;
}

/* Runs one step and returns what it cost, undiluted. */
static u64 run_step(struct job *job, bool *more)
{
    enum model_core core = daemons ? CORE_DAEMON : CORE_WORKLOAD;
    u64 before = daemons ? clock_daemon_ps() : clock_now_ps();

    clock_book(book_on(job->account, core));
    *more = job->step();
    clock_book(BOOK_OFF);
    return (daemons ? clock_daemon_ps() : clock_now_ps()) - before;
}

void daemon_run(u64 now_ps)
{
    struct job *job;

    while ((job = first_due()) && MAX(daemon_ps, job->due_ps) <= now_ps) {
        u64 cost;
        bool more;

        job->started_ps = daemon_ps = MAX(daemon_ps, job->due_ps);
        cost = run_step(job, &more);
        /* Without a spare core the pace of migration stays the same; what is tracked and decided runs back to back. */
        if (daemons || !job->back_to_back)
            daemon_ps += cost * model_header()->cores;
        else
            now_ps = daemon_ps = MAX(daemon_ps, clock_now_ps());
        model_doorbells->step_end = daemon_ps;
        job->paid_ps = daemon_ps;
        job->pending = more;
        job->due_ps = MAX(daemon_ps, job->not_before_ps);
    }
}
