/*
 * Inside the model: what the path of an access is made of. core.c translates and counts, walk.c walks page tables,
 * hierarchy.c holds the caches.
 */
#pragma once

#include "model/core.h"

/* Where an access goes. */
struct place {
    uint32_t line;           /* physical */
    uint32_t page, tier;     /* of a managed page; tier MODEL_TIERS: device registers, never modelled */
    struct tlb_entry *entry; /* first level */
    uint64_t ready_ps;       /* when the address is translated; 0: at once */
};

/* Charges memory time to the current account and core. */
static inline void path_stall(uint64_t ps)
{
    model.counters->stall_ps += ps;
    *model.core_ps += ps;
}

/* The tier of a physical line, 0 (fast) outside all ranges. */
static inline uint32_t path_tier(uint32_t line)
{
    uint64_t address = (uint64_t)line << LINE_SHIFT;

    for (uint64_t i = 0; i < model.nr_ranges; i++) {
        if (address - model.ranges[i].base < model.ranges[i].bytes) {
            return (uint32_t)model.ranges[i].tier;
        }
    }
    return 0;
}

/* Where the memory cache keeps a line. It must be on. */
static inline uint32_t *memory_cache_slot(uint32_t line)
{
    return &model.memory_cache.slots[line % model.memory_cache.nr_slots];
}

/* Whether a line of that tier goes through the memory cache. */
static inline bool path_cached(uint32_t tier)
{
    return __builtin_expect(model.memory_cache.nr_slots != 0, 0) && tier == MODEL_SLOW;
}

/* The tier that will serve a request for a line of `tier`. */
static inline uint32_t path_server(uint32_t line, uint32_t tier)
{
    return path_cached(tier) && (*memory_cache_slot(line) & LINE_NUMBER) == line ? MODEL_FAST : tier;
}

/* Reads a line from a tier itself. */
static inline struct arrival port_fetch(struct port *port, uint32_t line, uint64_t now_ps, uint64_t earliest_ps)
{
    struct read_cost cost = port_read(port, line, now_ps, earliest_ps);

    return (struct arrival){cost.done_ps, port->latency_ps[cost.further]};
}

/* Reads a line from memory. */
static inline struct arrival path_read(uint32_t line, uint64_t now_ps, uint64_t earliest_ps)
{
    uint32_t tier = path_tier(line);

    return path_cached(tier) ? memory_cache_read(line, now_ps, earliest_ps)
                             : port_fetch(&model.core->port[tier], line, now_ps, earliest_ps);
}

/* The port through which a line is about to be written to memory. */
static inline struct port *path_writes(uint32_t line, uint64_t now_ps)
{
    uint32_t tier = path_tier(line);

    if (path_cached(tier)) {
        memory_cache_write(line, now_ps);
        tier = MODEL_FAST;
    }
    return &model.core->port[tier];
}

/* The sampler's turn: writes a record and charges it to the workload, or drops it when the ring is full. `tier`: that
 * serves the access. */
void path_sample(const struct place *place, uint32_t tier, bool store);

/* Counts a line that is about to be asked of memory as the page's request, if the workload does it. `ahead`: a stream had asked for it;
 * events of missing loads leave such lines out, and so does the sampler unless told otherwise. */
static inline void path_request(const struct place *place, bool store, bool ahead)
{
    if (model.counting && place->page != PAGE_NONE) {
        struct page_truth *truth = truth_of(&model.truth, place->page);
        uint32_t tier = path_server(place->line, place->tier);
        model.counters->requests[tier]++;
        truth->request_loads += !store;
        truth->request_stores += store;
        if (!store && model.sample_period[0] && (!ahead || model.config->sample_prefetched) &&
            !--model.sample_left[0]) {
            path_sample(place, tier, false);
        }
    }
}

/* The misses that overlap where the program has said so for a range, else the account's; in 1/1000. */
static inline uint32_t path_mlp(const struct place *place)
{
    for (uint32_t i = 0; model.counting && i < model.nr_mlp_ranges; i++) {
        if (place->page - model.mlp_ranges[i].first_page < model.mlp_ranges[i].pages) {
            return model.mlp_ranges[i].mlp;
        }
    }
    return model.mlp;
}

/* A load is done at `done_ps`: waits as far as nothing overlaps it. `miss`: it is one of those that mlp counts. */
static inline void path_load(const struct place *place, uint64_t done_ps, bool miss, uint64_t insns)
{
    path_stall(flight_load(&model.core->flight, model_now_ps(insns), done_ps, path_mlp(place), miss));
}

/* Translates through the modelled TLB. */
struct place path_translate(uint64_t va, bool store, uint64_t insns);

/* The region's word for the leaf or the table that maps `va`; NULL outside of the spaces. */
uint32_t *path_leaf(uint64_t va);

/* Where a page of a space lies: its frame + 1, also as part of a leaf of 2 MiB; 0: nowhere. `page`: its index in frames[]. */
uint32_t path_frame(uint64_t page);

/* Counts an access itself; true when it is a sample's turn to be compared with QEMU's address. */
bool path_count(const struct place *place, bool store);

/* Looks a line up in the caches and memory, and waits for it as far as nothing hides it. */
void path_touch(const struct place *place, bool store, uint64_t insns);

/* A walk reads a page-table entry at `at_ps` and, with `set`, writes it. Returns when it has it, in ps. */
uint64_t path_read_entry(uint32_t line, bool set, uint64_t at_ps, uint64_t insns);

/* Takes a line out of all caches of both cores; writes it back if it was dirty. */
void path_drop(uint32_t line, uint64_t insns);
