#include "report/report.h"
#include "kernel/console.h"
#include "lib/keys.h"
#include "kernel/options.h"
#include "lib/record.h"
#include "lib/string.h"
#include "platform/topology.h"
#include "lab/daemon.h"
#include "lab/lab.h"
#include "lab/policy.h"
#include "bench/probe.h"
#include "machines/late_fill.h"
#include "lab/program.h"

static char run_id[20];
static bool quiet;

/* FNV-1a, 64 bits (Fowler, Noll, Vo; draft-eastlake-fnv). */
static u64 hash_text(u64 hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (u8)*text) * 0x100000001b3ull;
    return (hash ^ '\n') * 0x100000001b3ull;
}

static u64 hash_number(u64 hash, u64 number)
{
    char text[24];

    ksnprintf(text, sizeof(text), "%lu", number);
    return hash_text(hash, text);
}

static void hash_key(const struct key *key, void *data)
{
    u64 *hash = data;

    *hash = hash_text(*hash, key->name);
    *hash = key->kind == KEY_IS_TEXT ? hash_text(*hash, *key->text) : hash_number(*hash, *key->number);
}

static void record_key(const struct key *key, void *data)
{
    (void)data;
    if (key->number == &option_fast_bytes || key->number == &option_slow_bytes || key->text == &option_ids)
        return; /* they have fields of their own, or none */
    if (key->kind == KEY_IS_TEXT)
        record_text(key->name, *key->text);
    else
        record_u64(key->name, *key->number);
}

static u64 node_bytes(const struct node *node)
{
    u64 bytes = 0;

    for (unsigned r = 0; r < node->nr_ranges; r++)
        bytes += node->range[r].end - node->range[r].base;
    return bytes;
}

static void record_topology(void)
{
    record_object("topology");
    record_text("ranked_by", topology.ranked_by);
    record_u64("cpus", topology.nr_cpus);
    record_u64("cpu_node", topology.cpu_domain);
    record_array("nodes");
    for (unsigned i = 0; i < topology.nr_nodes; i++) {
        const struct node *node = &topology.node[i];
        record_object(NULL);
        record_u64("node", node->domain);
        record_text("tier", topology.tier[TIER_FAST] == node   ? "fast"
                            : topology.tier[TIER_SLOW] == node ? "slow"
                                                               : NULL);
        record_u64("bytes", node_bytes(node));
        record_u64("distance", node->distance);
        record_u64("latency_ps", node->latency_ps);
        record_u64("bandwidth_MBps", node->bandwidth_MBps);
        record_close();
    }
    record_close();
    record_close();
}

void report_parts(void)
{
    record_text("policy", chosen.policy->name);
    record_text("tracker", chosen.tracker ? chosen.tracker->part.name : "none");
    record_text("classifier", chosen.classifier ? chosen.classifier->part.name : "none");
    record_text("migrator", chosen.migrator ? chosen.migrator->part.name : "none");
    record_bool("uses_truth", chosen.uses_truth);
}

u64 report_configuration_hash(void)
{
    u64 hash = 0xcbf29ce484222325ull;

    keys_for_each(hash_key, &hash);
    hash = hash_text(hash, model_config());
    hash = hash_text(hash, topology.ranked_by);
    hash = hash_number(hash, topology.cpu_domain);
    for (unsigned i = 0; i < topology.nr_nodes; i++) {
        const struct node *node = &topology.node[i];
        hash = hash_number(hash, node->domain);
        hash = hash_number(hash, node_bytes(node));
        hash = hash_number(hash, node->distance);
        hash = hash_number(hash, node->latency_ps);
    }
    return hash;
}

void report_init(void)
{
    ksnprintf(run_id, sizeof(run_id), "%016lx", report_configuration_hash());
    record_set_run(run_id);

    record_begin("run");
    report_parts();
    record_text("workload", program.workload->name);
    record_u64("seed", program.seed);
    record_text("clock", clock_kind());
    record_u64("ops", program.ops);
    record_u64("warmup", program.warmup);
    record_text("unit", program.workload->unit);
    record_u64("footprint_bytes", program.pages << PAGE_SHIFT);
    record_u64("fast_bytes", option_fast_bytes);
    record_u64("slow_bytes", option_slow_bytes);
    record_u64("window_us", chosen.pace.window_us);
    record_u64("score_windows", chosen.score_windows);
    record_u64("decide_windows", chosen.pace.decide_windows);
    record_u64("step_pages", chosen.pace.step_pages);
    record_u64("moves", chosen.pace.moves);
    record_text("tiers_seen", chosen.tiers_seen == ALL_TIERS ? "both" : chosen.tiers_seen & 1u << TIER_FAST ? "fast" : "slow");
    record_u64("daemons", daemon_count());
    record_u64("insn_ps", clock.insn_ps);
    record_u64("workload_mlp", program.workload->mlp);
    record_u64("self_check_fast_ps", self_check_ps[TIER_FAST]);
    record_u64("self_check_slow_ps", self_check_ps[TIER_SLOW]);
    record_topology();
    record_object("keys");
    keys_for_each(record_key, NULL);
    record_close();
    record_json("model", model_config());
    record_end();
}

void report_progress(u32 percent)
{
    const volatile struct model_counters *w = &model_header()->account[ACCOUNT_WORKLOAD];
    u64 fast = w->requests[TIER_FAST], all = fast + w->requests[TIER_SLOW];

    kprintf("progress %u %lu %lu\n", percent, clock_now_ps() / 1000000000, all ? fast * 100 / all : 0);
}

void report_quietly(bool is_quiet)
{
    quiet = is_quiet;
}

void report_phase(const char *name)
{
    if (quiet)
        return;
    record_begin("event");
    record_text("event", "phase");
    record_text("name", name);
    record_u64("start_ns", clock_now_ps() / 1000);
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        record_u64(tier == TIER_FAST ? "fast_requests" : "slow_requests", model_header()->account[ACCOUNT_WORKLOAD].requests[tier]);
    record_end();
}

/* Each is the difference of two rounded running sums. */
void report_ledger(const struct totals *t)
{
    static const char *const names[NR_PHASES] = {
        [PHASE_WORKLOAD] = "workload_ns", [PHASE_TRACK] = "track_ns", [PHASE_CLASSIFY] = "classify_ns",
        [PHASE_MIGRATE] = "migrate_ns",   [PHASE_FAULT] = "fault_ns", [PHASE_SERIAL] = "serial_ns",
        [PHASE_OTHER] = "other_ns"};
    u64 sum = 0;

    for (unsigned p = 0; p < NR_PHASES; p++) {
        u64 before = sum / 1000;
        sum += t->phase_ps[p];
        record_u64(names[p], sum / 1000 - before);
    }
}

#define BOUND_PERCENT 95 /* of its time a lane is busy that bounds a run: then latencies hardly matter */

/* How busy each tier's lanes were, the neighbour's traffic included, and which of them bounds the run. */
static void record_lanes(const struct totals *t)
{
    static const char *const names[NR_TIERS][MODEL_DIRECTIONS] = {{"fast_read_util", "fast_write_util"},
                                                                  {"slow_read_util", "slow_write_util"}};
    static const char *const lanes[NR_TIERS][MODEL_DIRECTIONS] = {{"fast-read", "fast-write"},
                                                                  {"slow-read", "slow-write"}};
    static const char *const shared[NR_TIERS] = {"fast", "slow"};
    u64 time_ns = t->time_ps / 1000, busiest_ns = time_ns * BOUND_PERCENT / 100;
    const char *bound = NULL;

    for (unsigned tier = 0; tier < NR_TIERS; tier++) {
        u64 busy_ns[MODEL_DIRECTIONS];
        for (unsigned d = 0; d < MODEL_DIRECTIONS; d++) {
            busy_ns[d] = t->lane_ps[tier][d] / 1000 + model_header()->tier[tier].neighbour_milli[d] * time_ns / 1000;
            record_ratio(names[tier][d], (s64)busy_ns[d], time_ns);
        }
        if (model_header()->tier[tier].lanes == 1) {
            busy_ns[MODEL_READ] += busy_ns[MODEL_WRITE];
            busy_ns[MODEL_WRITE] = 0;
        }
        for (unsigned d = 0; d < MODEL_DIRECTIONS; d++)
            if (time_ns && busy_ns[d] >= busiest_ns) {
                busiest_ns = busy_ns[d];
                bound = model_header()->tier[tier].lanes == 1 ? shared[tier] : lanes[tier][d];
            }
    }
    record_text("bound_by", bound);
    record_ratio("fast_load_ns", (s64)(t->uncore_ps[TIER_FAST] / 1000), t->uncore_loads[TIER_FAST]);
    record_ratio("slow_load_ns", (s64)(t->uncore_ps[TIER_SLOW] / 1000), t->uncore_loads[TIER_SLOW]);
}

/* Whether a policy that was told of pages has moved any since the run began; one that cannot move has acted, too. */
static bool acted(const struct watch *watch)
{
    const struct migration_counts *moves = &watch->space->migration;

    return !chosen.migrator || !watch->observations || moves->promoted || moves->demoted;
}

void report_summary(const struct watch *watch, const struct totals *all, const struct totals *steady, u64 work, u64 checksum)
{
    const struct workload *w = program.workload;
    char unit[32];

    record_begin("summary");
    report_parts();
    record_text("workload", program.workload->name);
    record_u64("seed", program.seed);
    record_bool("verified", true);
    record_hex("checksum", checksum);
    record_text("clock", clock_kind());
    record_u64("time_ns", all->time_ps / 1000);
    record_u64("cpu_ns", all->cpu_ps / 1000);
    record_u64("steady_ns", steady->time_ps / 1000);
    record_u64("insns", all->insns);
    record_u64("stall_ns", all->stall_ps / 1000);
    report_ledger(all);
    record_u64("fast_loads", all->loads[TIER_FAST]);
    record_u64("fast_stores", all->stores[TIER_FAST]);
    record_u64("slow_loads", all->loads[TIER_SLOW]);
    record_u64("slow_stores", all->stores[TIER_SLOW]);
    record_u64("fast_requests", all->requests[TIER_FAST]);
    record_u64("slow_requests", all->requests[TIER_SLOW]);
    record_ratio("fast_hit_ratio", (s64)all->requests[TIER_FAST], all->requests[TIER_FAST] + all->requests[TIER_SLOW]);
    record_ratio("steady_hit_ratio", (s64)steady->requests[TIER_FAST],
                 steady->requests[TIER_FAST] + steady->requests[TIER_SLOW]);
    record_lanes(all);
    if (chosen.policy->cached) {
        record_u64("memory_cache_hits", all->cache_hits);
        record_u64("memory_cache_misses", all->cache_misses);
        record_u64("memory_cache_writebacks", all->cache_writebacks);
    }
    measures_record_scores(&watch->measures);
    record_u64("promoted_pages", all->promoted);
    record_u64("demoted_pages", all->demoted);
    record_u64("failed_moves", all->failed_moves);
    record_bool("acted", acted(watch));
    record_s64("fast_pages_gained", (s64)all->fast_pages);
    record_s64("slow_pages_gained", (s64)all->slow_pages);
    record_u64("track_insns", all->track_insns);
    record_u64("classify_insns", all->classify_insns);
    record_u64("migrate_insns", all->migrate_insns);
    record_u64("fault_insns", all->fault_insns);
    record_u64("observations", all->observations);
    record_u64("pte_visits", all->pte_visits);
    record_u64("tlb_full_flushes", all->tlb_full);
    record_u64("tlb_page_flushes", all->tlb_page);
    record_u64("tlb_walks", all->tlb_walks);
    record_u64("walk_misses", all->walk_misses);
    record_u64("walk_ns", all->walk_ps / 1000);
    record_u64("entry_sets", all->entry_sets);
    record_u64("faults", all->faults);
    if (late_fill_on())
        record_u64("late_fills", all->late_fills);
    record_u64("windows", watch->windows);
    record_u64("cycles", watch->cycles);
    record_u64("late_windows", watch->late_windows);
    for (unsigned kind = 0; kind < NR_PARTS; kind++) {
        const struct part *part = totals_part(kind);
        for (unsigned i = 0; part && i < MAX_COUNTERS && part->counters[i].name; i++)
            record_u64(part->counters[i].name, all->own[kind][i]);
    }
    measures_record_more(&watch->measures);
    record_ratio("visit_efficiency", (s64)all->observations, all->pte_visits);
    record_u64("work", work);
    record_u64("throughput", program_rate(work, all->time_ps));
    ksnprintf(unit, sizeof(unit), "%s/s", w->work_unit ? w->work_unit : w->unit);
    record_text("throughput_unit", unit);
    if (w->report)
        w->report();
    record_end();
    measures_record_ranked(&watch->measures);
}
