#include "machines/corun_report.h"
#include "kernel/console.h"
#include "lib/record.h"
#include "lib/string.h"
#include "machines/balance.h"
#include "machines/late_fill.h"
#include "lab/program.h"
#include "report/report.h"

static void record_rate(const struct workload *w, u64 work, u64 time_ps)
{
    char unit[32];

    record_u64("work", work);
    record_u64("throughput", program_rate(work, time_ps));
    ksnprintf(unit, sizeof(unit), "%s/s", w->work_unit ? w->work_unit : w->unit);
    record_text("throughput_unit", unit);
}

static u64 hits(const struct totals *t)
{
    return t->requests[TIER_FAST];
}

static u64 requests(const struct totals *t)
{
    return t->requests[TIER_FAST] + t->requests[TIER_SLOW];
}

/* Frames of the fast tier that it could hold, in the mean over its measured phase. */
static u64 mean_share(const struct tenant *g)
{
    return g->end_ps > g->start_ps ? g->share_ps / (g->end_ps - g->start_ps) : 0;
}

void corun_record_machine(struct tenant *g, const struct totals *end)
{
    const char *ended = g->payload.machine.ended;
    struct totals all = totals_less(*end, &g->before), steady = totals_less(*end, &g->half);
    bool measured = !*ended;

    if (!measured) /* whatever was done when it ended is no measured phase */
        all = steady = (struct totals){0};
    g->before = all; /* the summary adds these up */
    g->half = steady;
    record_begin("machine");
    report_parts();
    record_u64("machine", g->number);
    record_text("workload", g->row->name);
    record_u64("seed", g->payload.program.seed);
    record_bool("verified", g->verified);
    record_text("ended", measured ? NULL : ended);
    record_hex("checksum", g->checksum);
    record_u64("time_ns", all.time_ps / 1000);
    record_u64("steady_ns", steady.time_ps / 1000);
    record_u64("start_ns", g->start_ps / 1000);
    record_u64("end_ns", g->end_ps / 1000);
    record_u64("track_ns", measured ? g->watch.track.cost_ps / 1000 : 0);
    record_u64("classify_ns", measured ? g->watch.classify.cost_ps / 1000 : 0);
    record_u64("migrate_ns", measured ? g->watch.migrate.cost_ps / 1000 : 0);
    record_u64("fault_ns", all.phase_ps[PHASE_FAULT] / 1000);
    record_u64("fast_requests", all.requests[TIER_FAST]);
    record_u64("slow_requests", all.requests[TIER_SLOW]);
    record_ratio("fast_hit_ratio", (s64)hits(&all), requests(&all));
    record_ratio("steady_hit_ratio", (s64)hits(&steady), requests(&steady));
    record_u64("mean_share_pages", measured ? mean_share(g) : 0);
    measures_record_scores(&g->watch.measures);
    record_u64("promoted_pages", all.promoted);
    record_u64("demoted_pages", all.demoted);
    record_u64("failed_moves", all.failed_moves);
    record_u64("observations", all.observations);
    record_u64("faults", all.faults);
    if (late_fill_on())
        record_u64("late_fills", all.late_fills);
    record_u64("windows", g->watch.windows);
    record_u64("cycles", g->watch.cycles);
    record_u64("late_windows", g->watch.late_windows);
    record_rate(g->row, measured ? g->work : 0, all.time_ps);
    if (measured)
        tenant_report(g, &g->watch.measures);
    balance_report_machine(g->number);
    record_end();
}

static struct tenant *all_tenants;
static unsigned nr_tenants;
static u64 nr_turns;

/* Jain's index of fairness (Jain, Chiu and Hawe, DEC-TR-301, 1984): 1 when all are equal, 1/n when one has everything. */
static void record_jain(const char *key, const u64 *x, unsigned n)
{
    u64 sum = 0, squares = 0;

    for (unsigned i = 0; i < n; i++) {
        sum += x[i];
        squares += x[i] * x[i];
    }
    record_ratio(key, (s64)(sum * sum), n * squares);
}

/* What the summary has beyond that of one program. */
static void report(void)
{
    u64 ratios[MAX_MACHINES];
    char key[32];

    balance_report();
    record_u64("machines", nr_tenants);
    record_u64("turns", nr_turns);
    for (unsigned i = 0; i < nr_tenants; i++) {
        const struct tenant *g = &all_tenants[i];
        const struct totals *all = &g->before;
        ratios[i] = requests(all) ? hits(all) * 10000 / requests(all) : 0;
        ksnprintf(key, sizeof(key), "vm%u_time_ns", i);
        record_u64(key, all->time_ps / 1000);
        ksnprintf(key, sizeof(key), "vm%u_hit_ratio", i);
        record_ratio(key, (s64)hits(all), requests(all));
        ksnprintf(key, sizeof(key), "vm%u_share_pages", i);
        record_u64(key, mean_share(g));
    }
    record_jain("jain_hits", ratios, nr_tenants);
}

/* Sums over the machines, as if one watch had seen one space. */
void corun_record_summary(struct tenant *tenants, unsigned n, u64 turns)
{
    static struct watch sum;
    static struct space space;
    static struct workload row;
    struct totals all = {0}, steady = {0};
    u64 work = 0, checksum = 0;
    bool alike = true;

    all_tenants = tenants;
    nr_tenants = n;
    nr_turns = turns;
    row = *tenants[0].row;
    sum.space = &space;
    for (unsigned i = 0; i < n; i++) {
        const struct tenant *g = &tenants[i];
        totals_add(&all, &g->before);
        totals_add(&steady, &g->half);
        measures_add(&sum.measures, &g->watch.measures);
        space.migration.promoted += g->watch.space->migration.promoted;
        space.migration.demoted += g->watch.space->migration.demoted;
        sum.observations += g->watch.observations;
        sum.windows += g->watch.windows;
        sum.cycles += g->watch.cycles;
        sum.late_windows += g->watch.late_windows;
        alike &= g->row == tenants[0].row;
        work += g->work;
        checksum = (checksum << 1 | checksum >> 63) ^ g->checksum;
    }
    if (!alike) { /* each in its own unit: their sum has none */
        row.name = "several";
        row.work_unit = "units of several kinds";
    }
    row.report = report;
    row.declared = NULL;
    program.workload = &row;
    report_summary(&sum, &all, &steady, work, checksum);
}
