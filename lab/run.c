#include "lab/run.h"
#include "kernel/clock.h"
#include "kernel/console.h"
#include "kernel/cpu.h"
#include "kernel/exit.h"
#include "kernel/options.h"
#include "kernel/panic.h"
#include "score/books.h"
#include "lab/daemon.h"
#include "score/heat.h"
#include "lab/lab.h"
#include "lab/machines.h"
#include "lab/policy.h"
#include "bench/probe.h"
#include "lab/program.h"
#include "lab/rehearsal.h"
#include "lab/report.h"
#include "lab/totals.h"
#include "lab/windows.h"

/* Ticks come no closer and no further apart than this, in instructions: a tick costs the host some 20 us. */
#define TICK_MIN_INSNS 4000
#define TICK_MAX_INSNS 400000

static const struct workload *workload; /* program.workload */
static u32 slice;
static u64 ops_done;
static bool rehearsing;
static u64 last_tick_ps, last_tick_insns;

const struct workload *run_workload(void)
{
    return workload;
}

u32 run_capacity(void)
{
    return (u32)(option_fast_bytes >> PAGE_SHIFT);
}

bool run_records_windows(void)
{
    return !rehearsing;
}

u32 run_slice(void)
{
    return slice;
}

bool run_goes_by_clock(void)
{
    return workload->deadline_ps && workload->deadline_ps() != UINT64_MAX;
}

static u64 next_deadline(void)
{
    u64 next = daemon_next_ps();

    return workload->deadline_ps ? MIN(next, workload->deadline_ps()) : next;
}

/*
 * The timer counts instructions, deadlines are in modelled time: predict the instructions until the next deadline by
 * what the last interval cost, and aim at seven eighths of the way, so that a change of pace is noticed before it
 * matters.
 */
static void arm_tick(u64 now_ps)
{
    u64 insns = clock.core_insns[CORE_WORKLOAD] - last_tick_insns, spent = now_ps - last_tick_ps;
    u64 next = next_deadline(), ahead = TICK_MAX_INSNS;

    if (next != UINT64_MAX && insns && spent) {
        u64 left = next > now_ps ? next - now_ps : 0;
        u64 ps_per_insn = MAX(spent / insns, 1);
        ahead = left / ps_per_insn;
        if (ahead > 2 * TICK_MIN_INSNS)
            ahead = ahead * 7 / 8;
    } else if (next != UINT64_MAX) {
        ahead = TICK_MIN_INSNS;
    }
    last_tick_ps = now_ps;
    last_tick_insns = clock.core_insns[CORE_WORKLOAD];
    clock_arm(MIN(MAX(ahead, TICK_MIN_INSNS), TICK_MAX_INSNS));
}

static void tick(void)
{
    u64 now_ps = clock_now_ps();

    if (workload->deadline_ps && workload->deadline_ps() <= now_ps)
        workload->expired(now_ps);
    windows_tick(now_ps);
    daemon_run(clock_now_ps());
    arm_tick(clock_now_ps());
}

void run_init(void)
{
    policy_choose();
    program_choose();
    machines_init();
    workload = program.workload;
    if (program.pages > arena.nr_pages)
        refuse("workload=%s needs %lu KiB; fast= and slow= together have %lu KiB", workload->name,
               program.pages * (PAGE_SIZE / KIB), arena.nr_pages * (PAGE_SIZE / KIB));
    panic_context(chosen.policy->name, workload->name);
    if (chosen.uses_truth && !model_present())
        refuse("policy=%s knows the truth, which only the model has: run it without --no-model", chosen.policy->name);
    windows_init();
    probe_self_check();
    report_init();
}

void run_begin(u64 total_ops)
{
    arena_view_close();
    space_clear(&arena);
    workload->setup(program.seed, total_ops);
    arena_view_close();
    clock_reset();
    model_doorbells->mlp = workload->mlp;
    slice = 0;
    ops_done = 0;
    last_tick_ps = last_tick_insns = 0;
    clock_on_tick(tick);
    windows_start();
}

void run_work(u64 work)
{
    arena_view_close();
    arm_tick(clock_now_ps());
    clock_book(BOOK_WORKLOAD);
    interrupts_on();
    workload->run(work);
    interrupts_off();
    ops_done += work;
    clock_book(BOOK_OFF);
    clock_arm(0);
    model_check();
}

/* Does [from, to) of all work, up to the ends of the slices that lie in it. */
static void run_phase(u64 from, u64 to)
{
    u64 total = program.warmup + program.ops;

    while (from < to) {
        u64 slice_end = MIN((total * (slice + 1) + RUN_SLICES - 1) / RUN_SLICES, to);
        if (slice_end > from)
            run_work(slice_end - from);
        from = MAX(from, slice_end);
        if (from >= total * (slice + 1) / RUN_SLICES && slice + 1 < RUN_SLICES) {
            slice++;
            report_progress(slice * 100 / RUN_SLICES);
        }
    }
}

/* In the unit that the workload's throughput is told in. */
static u64 work_done(void)
{
    return workload->work ? workload->work() : ops_done;
}

bool run_once(void)
{
    u64 warmup = program.warmup, total = warmup + program.ops, half_way = warmup + program.ops / 2, checksum = 0, work;
    struct totals start, half, all, steady;
    bool verified;

    if (chosen.classifier && chosen.classifier->knows_future) {
        rehearsing = true;
        rehearse(total);
        rehearsing = false;
    }
    run_begin(total);
    report_phase("warmup");
    run_phase(0, warmup);
    windows_restart();
    report_phase("measured");
    if (workload->measured)
        workload->measured();
    work = work_done();
    start = totals_now();
    run_phase(warmup, half_way);
    half = totals_now();
    run_phase(half_way, total);
    all = totals_since(&start);
    steady = totals_since(&half);
    work = work_done() - work;
    report_phase("verify");
    windows_stop();
    verified = workload->verify(&checksum);
    if (!verified) {
        kprintf("tierlab: workload=%s under policy=%s did not verify\n", workload->name, chosen.policy->name);
        return false;
    }
    report_summary(&all, &steady, work, checksum);
    heat_report();
    books_report();
    return true;
}
