/* Everything that a run adds up, and differences of it. */
#pragma once

#include "kernel/clock.h"
#include "lab/watch.h"

enum phase {
    PHASE_WORKLOAD,
    PHASE_TRACK,
    PHASE_CLASSIFY,
    PHASE_MIGRATE,
    PHASE_FAULT,
    PHASE_SERIAL,
    PHASE_OTHER,
    NR_PHASES
};

struct totals {
    u64 time_ps, cpu_ps;     /* the workload's clock; plus what a daemon did, undiluted */
    u64 phase_ps[NR_PHASES]; /* sum exactly to cpu_ps */
    u64 insns, stall_ps;
    u64 track_insns, classify_insns, migrate_insns, fault_insns; /* of these */
    u64 observations;
    u64 loads[NR_TIERS], stores[NR_TIERS], requests[NR_TIERS];
    u64 lane_ps[NR_TIERS][MODEL_DIRECTIONS];       /* time that the tiers' lanes were busy with this core and those like it */
    u64 uncore_loads[NR_TIERS], uncore_ps[NR_TIERS]; /* demand loads that reached memory, and the sum of their latencies */
    u64 cache_hits, cache_misses, cache_writebacks; /* of the memory cache */
    u64 walk_misses, walk_ps, entry_sets;
    u64 promoted, demoted, failed_moves;
    u64 own[NR_PARTS][MAX_COUNTERS]; /* the parts' counters */
    u64 fast_pages, slow_pages; /* resident; a difference may be negative, modulo 2^64 */
    u64 pte_visits, tlb_full, tlb_page, tlb_walks, faults, late_fills;
};

/* What core, model and clock have counted, whosever it was; the rest is 0. Booking: BOOK_OFF. */
struct totals totals_of_core(void);

/* What the watch and its space have counted, in place of what stands in *t. */
void totals_of_space(const struct watch *watch, struct totals *t);

/* As of now. Booking: BOOK_OFF. */
struct totals totals_now(const struct watch *watch);

/* The difference and the sum, field by field. */
struct totals totals_less(struct totals now, const struct totals *then);
void totals_add(struct totals *to, const struct totals *more);

struct totals totals_since(const struct watch *watch, const struct totals *then);

/* The part of that kind, or null. */
const struct part *totals_part(enum part_kind kind);
