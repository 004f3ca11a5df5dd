/* Background work: when steps run, in which order, and what they cost whom. */
#include "lab/daemon.h"
#include "kernel/cpu.h"
#include "tests/guest/guest.h"

static u32 steps_left, steps_done;
static char order[16];
static u32 nr_order;

static bool spin_step(struct job *job)
{
    (void)job;
    guest_spin(1000);
    steps_done++;
    return --steps_left > 0;
}

static bool note(char name)
{
    if (nr_order < sizeof(order))
        order[nr_order++] = name;
    return nr_order < 6;
}

static bool step_a(struct job *job)
{
    (void)job;
    return note('a');
}

static bool step_b(struct job *job)
{
    (void)job;
    return note('b');
}

static bool step_c(struct job *job)
{
    (void)job;
    return note('c');
}

static struct job spinner = {.name = "spinner", .account = ACCOUNT_MIGRATE, .step = spin_step};
static struct job tracker = {.name = "tracker", .account = ACCOUNT_TRACK, .step = spin_step, .back_to_back = true};
static struct job job_a = {.name = "a", .account = ACCOUNT_TRACK, .step = step_a};
static struct job job_b = {.name = "b", .account = ACCOUNT_CLASSIFY, .step = step_b};
static struct job job_c = {.name = "c", .account = ACCOUNT_CLASSIFY, .step = step_c};
/* Whichever end the list of jobs grows at, one of a and c is on the wrong side of b. */
static struct job *const jobs[] = {&job_b, &tracker, &spinner, &job_a, &job_c};

static void start(u32 steps)
{
    static bool known;

    clock_reset();
    for (unsigned i = 0; !known && i < ARRAY_SIZE(jobs); i++)
        daemon_add(jobs[i]);
    known = true;
    daemon_reset();
    for (unsigned i = 0; i < ARRAY_SIZE(jobs); i++)
        jobs[i]->pending = false;
    steps_left = steps;
    steps_done = nr_order = 0;
}

/* What was paid for background work so far, by whoever pays. */
static u64 paid(void)
{
    return daemon_count() ? clock_daemon_ps() : clock_now_ps();
}

/* For how long the steps of the last run_at() keep who runs them busy: without a spare core memory time is a core's
 * share already. */
static u64 busy_ps;

/* Runs the daemon at that time and expects so many steps; returns their cost, undiluted. */
static u64 run_at(u64 now_ps, u32 steps)
{
    enum model_core core = daemon_core();
    u64 before = paid(), insns = clock.core_insns[core], memory_ps = model_header()->core_ps[core],
        cores = model_header()->cores;
    u32 done = steps_done;

    daemon_run(now_ps);
    EXPECT_EQ(done + steps, steps_done);
    insns = clock.core_insns[core] - insns;
    memory_ps = model_header()->core_ps[core] - memory_ps;
    busy_ps = insns * clock.insn_ps * cores + memory_ps * (daemon_count() ? cores : 1);
    return paid() - before;
}

TEST(one_step_at_a_time, "daemon.d",
     "the daemon's clock grows by each step's cost x cores, counted from itself and not from now")
{
    u64 cores = model_header()->cores, d = 1000000, cost;

    start(3);
    EXPECT_EQ(UINT64_MAX, daemon_next_ps());
    daemon_post(&spinner, d);
    EXPECT_EQ(d, daemon_next_ps());
    run_at(d - 1, 0);

    cost = run_at(d, 1);
    EXPECT(cost >= 2000 * clock.insn_ps);
    d += busy_ps;
    EXPECT_EQ(d, daemon_next_ps());
    EXPECT_EQ(d, spinner.paid_ps);
    EXPECT_EQ(1000000, spinner.started_ps);
    EXPECT_EQ(daemon_count() ? (d - 600000) / cores : 0, daemon_wait_ps(&spinner, 600000));
    EXPECT_EQ(0, daemon_wait_ps(&spinner, d));

    run_at(d - 1, 0);
    run_at(d + 54321, 1); /* a late tick costs no throughput */
    EXPECT_EQ(d, spinner.started_ps);
    d += busy_ps;
    EXPECT_EQ(d, daemon_next_ps());

    run_at(d, 1);
    EXPECT(!spinner.pending);
    EXPECT_EQ(UINT64_MAX, daemon_next_ps());
    run_at(UINT64_MAX / 2, 0);
    clock_reset();
}

TEST(many_steps, "daemon.late_tick", "one late tick runs every step whose time has come, and no further one")
{
    u64 cores = model_header()->cores, cost;

    start(100);
    daemon_post(&spinner, 0);
    cost = run_at(0, 1);
    /* Costs differ by what caches hold, so the end is open by a step. */
    daemon_run(10 * cost * cores);
    EXPECT(steps_done >= 9 && steps_done < 30);
    EXPECT(daemon_next_ps() > 10 * cost * cores);
    daemon_cancel(&spinner);
    EXPECT_EQ(UINT64_MAX, daemon_next_ps());
    daemon_cancel(&spinner);
    clock_reset();
}

TEST(who_pays, "daemon.who_pays", "with a spare core the workload's clock stands still, without one it pays, undiluted")
{
    u64 now;

    start(1);
    daemon_post(&spinner, 0);
    now = clock_now_ps();
    daemon_run(0);
    if (daemon_count()) {
        EXPECT_EQ(now, clock_now_ps());
        EXPECT_EQ(clock.account[ACCOUNT_MIGRATE].insns, clock.core_insns[CORE_DAEMON]);
    } else {
        EXPECT(clock_now_ps() >= now + 2000 * clock.insn_ps);
        EXPECT_EQ(0, clock_daemon_ps());
        EXPECT_EQ(clock.account[ACCOUNT_MIGRATE].insns, clock.core_insns[CORE_WORKLOAD]);
    }
    EXPECT(clock.account[ACCOUNT_MIGRATE].insns >= 2000);
    clock_reset();
}

TEST(order_of_steps, "daemon.order", "first due first, and by name where two are due at once")
{
    start(0);
    daemon_post(&job_b, 500);
    daemon_post(&job_a, 500);
    daemon_run(500);
    EXPECT_EQ('a', order[0]);
    daemon_run(UINT64_MAX / 2);
    /* A step that is done is due again when it is paid for, so one daemon takes them in turns. */
    for (unsigned i = 1; i < nr_order && daemon_count(); i++)
        EXPECT_EQ(order[i - 1] == 'a' ? 'b' : 'a', order[i]);
    start(0);
    daemon_post(&job_a, 501);
    daemon_post(&job_b, 500);
    daemon_run(UINT64_MAX / 2);
    EXPECT_EQ('b', order[0]);
    daemon_cancel(&job_a);
    daemon_cancel(&job_b);
    start(0);
    daemon_post(&job_c, 500);
    daemon_post(&job_b, 500);
    daemon_run(500);
    EXPECT_EQ('b', order[0]);
    daemon_cancel(&job_b);
    daemon_cancel(&job_c);
    clock_reset();
}

TEST(back_to_back, "daemon.back_to_back",
     "without a spare core, tracking's steps follow at once; migration's stay paced")
{
    start(5);
    daemon_post(&tracker, 0);
    daemon_run(0);
    EXPECT_EQ(daemon_count() ? 1 : 5, steps_done);
    start(5);
    daemon_post(&spinner, 0);
    daemon_run(0);
    EXPECT_EQ(1, steps_done);
    daemon_cancel(&spinner);
    daemon_cancel(&tracker);
    clock_reset();
}
