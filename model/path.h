/*
 * Inside the model: what core.c (the path of an access) offers to nontemporal.c and doorbell.c.
 */
#pragma once

#include "model/core.h"

/* Where an access goes. */
struct place {
    uint32_t line;           /* physical */
    uint32_t page, tier;     /* of a managed page; tier MODEL_TIERS: device registers, never modelled */
    struct tlb_entry *entry; /* first level */
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

/* The sampler's turn: writes a record and charges it to the workload, or drops it when the ring is full. */
void path_sample(const struct place *place, bool store);

/* Books a line that reached memory as the page's request, if the workload did it. */
static inline void path_request(const struct place *place, bool store)
{
    if (model.counting && place->page != PAGE_NONE) {
        struct page_truth *truth = &model.truth.counting[place->page];
        model.counters->requests[place->tier]++;
        truth->request_loads += !store;
        truth->request_stores += store;
        if (!store && model.sample_period[0] && !--model.sample_left[0]) {
            path_sample(place, false);
        }
    }
}

/* Translates through the modelled TLB and charges its misses. */
struct place path_translate(uint64_t va, bool store);

/* Books an access itself; true when it is a sample's turn to be compared with QEMU's address. */
bool path_count(const struct place *place, bool store);

/* Takes a line out of all caches of both cores; writes it back if it was dirty. */
void path_drop(uint32_t line, uint64_t insns);
