#include "report/totals.h"
#include "kernel/panic.h"
#include "lab/policy.h"
#include "mm/tlb.h"

static const enum phase phase_of[NR_ACCOUNTS] = {
    [ACCOUNT_WORKLOAD] = PHASE_WORKLOAD, [ACCOUNT_FAULT] = PHASE_FAULT,     [ACCOUNT_TRACK] = PHASE_TRACK,
    [ACCOUNT_CLASSIFY] = PHASE_CLASSIFY, [ACCOUNT_MIGRATE] = PHASE_MIGRATE, [ACCOUNT_OTHER] = PHASE_OTHER,
};

const struct part *totals_part(enum part_kind kind)
{
    return kind == TRACKER      ? (chosen.tracker ? &chosen.tracker->part : NULL)
           : kind == CLASSIFIER ? (chosen.classifier ? &chosen.classifier->part : NULL)
                                : (chosen.migrator ? &chosen.migrator->part : NULL);
}

struct totals totals_of_core(void)
{
    const volatile struct model_header *header = model_header();
    const volatile struct model_counters *workload = &header->account[ACCOUNT_WORKLOAD];
    struct totals t = {.time_ps = clock_now_ps()};
    u64 sum = 0;

    ASSERT(clock.booking == BOOK_OFF);
    t.cpu_ps = t.time_ps + clock_daemon_ps();
    for (unsigned a = ACCOUNT_WORKLOAD; a < NR_ACCOUNTS; a++) {
        u64 stall = header->account[a].stall_ps, charged = clock.account[a].charged_ps;
        t.insns += clock.account[a].insns;
        t.stall_ps += stall;
        t.phase_ps[phase_of[a]] += clock.account[a].insns * clock.insn_ps + stall;
        t.phase_ps[PHASE_SERIAL] += header->account[a].serial_ps;
        /* Shootdowns received are serialising, waits for a page in flight belong to their fault. */
        t.phase_ps[a == ACCOUNT_FAULT ? PHASE_FAULT : PHASE_SERIAL] += charged;
    }
    t.track_insns = clock.account[ACCOUNT_TRACK].insns;
    t.classify_insns = clock.account[ACCOUNT_CLASSIFY].insns;
    t.migrate_insns = clock.account[ACCOUNT_MIGRATE].insns;
    t.fault_insns = clock.account[ACCOUNT_FAULT].insns;
    for (unsigned p = 0; p < NR_PHASES; p++)
        sum += t.phase_ps[p];
    ASSERT(sum == t.cpu_ps);
    for (unsigned tier = 0; tier < NR_TIERS; tier++) {
        t.loads[tier] = workload->loads[tier];
        t.stores[tier] = workload->stores[tier];
        t.requests[tier] = workload->requests[tier];
        t.uncore_loads[tier] = header->uncore[tier].loads;
        t.uncore_ps[tier] = header->uncore[tier].latency_ps;
        for (unsigned d = 0; d < MODEL_DIRECTIONS; d++)
            t.lane_ps[tier][d] = header->lane_ps[tier][d];
    }
    t.cache_hits = header->memory_cache.hits;
    t.cache_misses = header->memory_cache.misses;
    t.cache_writebacks = header->memory_cache.writebacks;
    t.tlb_full = tlb_counts.full;
    t.tlb_page = tlb_counts.page;
    t.tlb_walks = workload->walks;
    t.walk_misses = workload->walk_misses;
    t.walk_ps = workload->walk_ps;
    t.entry_sets = workload->entry_sets;
    return t;
}

void totals_of_space(const struct watch *watch, struct totals *t)
{
    const struct space *space = watch->space;

    t->observations = watch->observations;
    t->promoted = space->migration.promoted;
    t->demoted = space->migration.demoted;
    t->failed_moves = space->migration.failed;
    for (unsigned kind = 0; kind < NR_PARTS; kind++) {
        const struct part *part = totals_part(kind);
        for (unsigned i = 0; part && i < MAX_COUNTERS && part->counters[i].name; i++)
            t->own[kind][i] = part_counter(space, kind, part, i);
    }
    t->fast_pages = space->resident[TIER_FAST];
    t->slow_pages = space->resident[TIER_SLOW];
    t->pte_visits = space->pte_visits;
    t->faults = space->faults;
    t->late_fills = space->late_fills;
}

struct totals totals_now(const struct watch *watch)
{
    struct totals t = totals_of_core();

    totals_of_space(watch, &t);
    return t;
}

struct totals totals_less(struct totals now, const struct totals *then)
{
    u64 *to = (u64 *)&now;
    const u64 *from = (const u64 *)then;

    for (size_t i = 0; i < sizeof(now) / sizeof(u64); i++)
        to[i] -= from[i];
    return now;
}

void totals_add(struct totals *to, const struct totals *more)
{
    u64 *sum = (u64 *)to;
    const u64 *from = (const u64 *)more;

    for (size_t i = 0; i < sizeof(*to) / sizeof(u64); i++)
        sum[i] += from[i];
}

struct totals totals_since(const struct watch *watch, const struct totals *then)
{
    return totals_less(totals_now(watch), then);
}
