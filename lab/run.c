#include "lab/run.h"
#include "kernel/clock.h"
#include "kernel/console.h"
#include "kernel/cpu.h"
#include "kernel/exit.h"
#include "kernel/options.h"
#include "kernel/panic.h"
#include "lib/size_text.h"
#include "score/truth_sums.h"
#include "lab/daemon.h"
#include "score/heat.h"
#include "machines/corun.h"
#include "machines/late_fill.h"
#include "report/events.h"
#include "lab/lab.h"
#include "machines/machines.h"
#include "lab/policy.h"
#include "lab/moment.h"
#include "bench/probe.h"
#include "lab/program.h"
#include "lab/rehearsal.h"
#include "report/report.h"
#include "report/totals.h"

/* Ticks come no closer and no further apart than this, in instructions: a tick costs the host some 20 us. */
#define TICK_MIN_INSNS 4000
#define TICK_MAX_INSNS 400000

/* The phases' work is done in this many slices: after each the laboratory tells how far it is. */
#define RUN_SLICES 64

struct watch run_watch;

static const struct workload *workload; /* program.workload */
static u64 ops_done;
static u64 last_tick_ps, last_tick_insns;

static u64 next_deadline(void)
{
    u64 next = daemon_next_ps();

    return workload->deadline_ps ? MIN(next, workload->deadline_ps()) : next;
}

void run_reset_tick(void (*handler)(void))
{
    last_tick_ps = last_tick_insns = 0;
    clock_on_tick(handler);
}

/*
 * The timer counts instructions, deadlines are in modelled time: predict the instructions until the next deadline by
 * what the last interval cost, and aim at seven eighths of the way, so that a change of pace is noticed before it
 * matters.
 */
void run_arm_tick(u64 now_ps, u64 next)
{
    u64 insns = clock.core_insns[CORE_WORKLOAD] - last_tick_insns, spent = now_ps - last_tick_ps;
    u64 ahead = TICK_MAX_INSNS;

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

    if (machines_put_off())
        return;
    if (workload->deadline_ps && workload->deadline_ps() <= now_ps)
        workload->expired(now_ps);
    watch_tick(&run_watch, now_ps);
    daemon_run(clock_now_ps());
    moment(MOMENT_TICK, NULL);
    run_arm_tick(clock_now_ps(), next_deadline());
}

void run_init(void)
{
    policy_choose();
    program_choose();
    machines_init();
    workload = program.workload;
    late_fill_init(&chosen);
    if (machines_wanted() > 1) {
        corun_init();
        probe_self_check();
        report_init();
        return;
    }
    if (program.pages > arena.nr_pages)
        refuse("workload=%s needs %s; fast= and slow= together have %s", workload->name,
               size_text(program.pages * PAGE_SIZE).text, size_text(arena.nr_pages * PAGE_SIZE).text);
    panic_context(chosen.policy->name, workload->name);
    if (chosen.uses_truth && !model_present())
        refuse("policy=%s knows the truth, which only the model has: run it without --no-model", chosen.policy->name);
    events_init(&chosen, arena.nr_pages);
    watch_init(&run_watch, &arena, &chosen, (u32)(option_fast_bytes >> PAGE_SHIFT));
    rehearsal_init(&run_watch);
    probe_self_check();
    report_init();
}

/* How far the program's misses overlap, as it says itself. */
static void tell_overlap(void)
{
    struct mlp_part part;

    model_doorbells->mlp = workload->mlp; /* takes all parts back */
    for (unsigned i = 0; workload->overlap && workload->overlap(i, &part); i++) {
        ASSERT(i < MODEL_MLP_RANGES && part.nr_pages);
        model_doorbells->range_start = space_va(&arena, part.first_page);
        model_doorbells->range_end = space_va(&arena, part.first_page + part.nr_pages - 1) + PAGE_SIZE;
        model_doorbells->mlp_range = part.mlp;
    }
}

/* Fills the arena, starts the clock at zero and begins to track. Then the workload may run. */
static void begin(u64 total_ops)
{
    arena_view_close();
    space_clear(&arena);
    workload->setup(program.seed, total_ops);
    arena_grow_emulator_tlb();
    arena_view_close();
    policy_tell_model();
    clock_reset();
    tell_overlap();
    ops_done = 0;
    run_reset_tick(tick);
    watch_start(&run_watch);
}

/* Runs the workload for so much work, with ticks. */
static void do_work(u64 work)
{
    arena_view_close();
    run_arm_tick(clock_now_ps(), next_deadline());
    clock_book(BOOK_WORKLOAD);
    interrupts_on();
    workload->run(work);
    interrupts_off();
    ops_done += work;
    clock_book(BOOK_OFF);
    clock_arm(0);
    model_check();
}

static u64 total_work(void)
{
    return program.warmup + program.ops;
}

/* The run without tracking and moving, for a policy that knows what comes. */
static void rehearse(void)
{
    run_watch.recorded = false;
    report_quietly(true);
    begin(total_work());
    watch_stop(&run_watch);
    rehearsal_begin();
    do_work(program.warmup);
    rehearsal_measured();
    do_work(program.ops);
    rehearsal_done();
    if (chosen.policy->placed_best)
        rehearsal_place();
    report_quietly(false);
    run_watch.recorded = true;
}

/* Does [from, to) of all work, up to the ends of the slices that lie in it. */
static void run_phase(u64 from, u64 to)
{
    static u32 slice; /* how many are done, of warm-up and measured phase together */
    u64 total = total_work();

    if (!from)
        slice = 0;
    while (from < to) {
        u64 slice_end = MIN((total * (slice + 1) + RUN_SLICES - 1) / RUN_SLICES, to);
        if (slice_end > from)
            do_work(slice_end - from);
        from = MAX(from, slice_end);
        if (from >= total * (slice + 1) / RUN_SLICES && slice + 1 < RUN_SLICES) {
            slice++;
            if (!run_spectator) /* who reads the console otherwise */
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
    u64 warmup = program.warmup, total = total_work(), half_way = warmup + program.ops / 2, checksum = 0, work;
    struct totals start, half, all, steady;
    bool verified;

    if (machines_wanted() > 1)
        return corun_once();
    if (chosen.policy->placed_best || (chosen.classifier && chosen.classifier->knows_future))
        rehearse();
    begin(total);
    report_phase("warmup");
    moment(MOMENT_BEGIN, NULL);
    run_phase(0, warmup);
    watch_restart(&run_watch);
    report_phase("measured");
    if (workload->measured)
        workload->measured();
    moment(MOMENT_MEASURED, NULL);
    work = work_done();
    start = totals_now(&run_watch);
    run_phase(warmup, half_way);
    half = totals_now(&run_watch);
    run_phase(half_way, total);
    all = totals_since(&run_watch, &start);
    steady = totals_since(&run_watch, &half);
    work = work_done() - work;
    moment(MOMENT_END, NULL);
    report_phase("verify");
    watch_stop(&run_watch);
    arena_grow_emulator_tlb(); /* trackers' flushes may have made it small */
    verified = workload->verify(&checksum);
    if (!verified) {
        kprintf("tierlab: workload=%s under policy=%s did not verify\n", workload->name, chosen.policy->name);
        return false;
    }
    report_summary(&run_watch, &all, &steady, work, checksum);
    heat_report();
    truth_sums_report();
    return true;
}
