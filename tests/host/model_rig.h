/*
 * The whole model without QEMU, as the host tests drive it: keys, handshake, doorbells, accesses. One machine a
 * program.
 */
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/core.h"
#include "model/start.h"
#include "tests/host/host.h"

#define PRESETS      "model/presets.tsv"
#define REGION_BYTES (1u << 20)
#define SPACE_VA     0x400000000000ull
#ifndef SPACE_PAGES
#define SPACE_PAGES 256u
#endif
#define SLOW_BASE   0x08000000ull
#define RANGE_BYTES 0x04000000ull
#define FAST_BASE   0x02000000ull
#define TABLE_FRAME 0x2200u /* of the page tables: 2 MiB into the fast range, which no other address of a test uses */

static struct config config;
static char error[CONFIG_ERROR_BYTES];
static void *region;
static uint64_t insns; /* what a guest would have executed */

static inline void check_near(uint64_t got, uint64_t want, uint64_t percent, int line)
{
    if (got * 100 < want * (100 - percent) || got * 100 > want * (100 + percent)) {
        host_fail(__FILE__, line, "want=%llu within %llu %% got=%llu", (unsigned long long)want,
                  (unsigned long long)percent, (unsigned long long)got);
    }
}

#define CHECK_NEAR(got, want, percent) check_near(got, want, percent, __LINE__)

#define RING(field, value)                                                                                             \
    do {                                                                                                               \
        model.bells->field = (value);                                                                                  \
        model_doorbell(offsetof(struct model_doorbells, field), insns);                                                \
    } while (0)

static inline uint64_t now_ps(void)
{
    return model_now_ps(insns);
}

static inline void book(uint64_t account, uint64_t core)
{
    static uint64_t workload_ps;

    if (model.nr_core == CORE_WORKLOAD) {
        workload_ps = now_ps();
    }
    model.bells->now_ps = workload_ps;
    RING(account, account | core << 8);
}

static inline uint32_t *frames(void)
{
    return (uint32_t *)((char *)region + model.header->frames_offset);
}

static inline const struct page_truth *truth_copy(uint64_t epoch, uint32_t page)
{
    return (const struct page_truth *)((char *)region + model.header->truth_offset[epoch & 1]) + page;
}

static inline const struct page_truth *open_truth(uint32_t page)
{
    return truth_copy(model.header->epoch, page);
}

static inline const struct page_truth *closed_truth(uint32_t page)
{
    return truth_copy(model.header->epoch + 1, page);
}

/* As plugin.c does it. */
static inline void access_at(uint64_t va, uint32_t size, bool store)
{
    insns++;
    if (model_access_again(va, size, store)) {
        return;
    }
    model_access(va, size, store, insns);
}

static inline void load(uint64_t va)
{
    access_at(va, 8, false);
}

static inline void store(uint64_t va)
{
    access_at(va, 8, true);
}

static inline void store_nt(uint64_t va)
{
    insns++;
    model_store_nontemporal(va, 8, insns);
}

static inline void probe(uint64_t address, uint64_t qemu)
{
    RING(probe, address);
    CHECK_EQ(DIRECT_VA + address, model.probe_va);
    model_probe(qemu);
}

static inline uint32_t *leaves(void)
{
    return (uint32_t *)((char *)region + model.header->leaves_offset);
}

/* Of the i-th 512 pages: a frame of the fast tier, or for odd i of the slow one. */
static inline uint32_t leaf_table(uint32_t i)
{
    return i % 2 ? (uint32_t)(SLOW_BASE >> 12) + 512 + i : TABLE_FRAME + 7 + i;
}

static inline void announce(uint64_t va, unsigned level, uint32_t frame)
{
    model.bells->table_va = va;
    RING(table, (uint64_t)frame << 12 | level);
}

/* Root, a table of level 3 and of level 2 each for the space and the direct map, the space's table of level 1. */
static inline void announce_tables(void)
{
    announce(0, 4, TABLE_FRAME);
    announce(SPACE_VA, 3, TABLE_FRAME + 1);
    announce(SPACE_VA, 2, TABLE_FRAME + 2);
    announce(DIRECT_VA, 3, TABLE_FRAME + 3);
    announce(DIRECT_VA, 2, TABLE_FRAME + 4);
    announce(0, 3, TABLE_FRAME + 5);
    announce(0, 2, TABLE_FRAME + 6);
    for (uint32_t i = 0; i * MODEL_LEAF_PAGES < SPACE_PAGES; i++) {
        leaves()[i] = leaf_table(i) + 1;
    }
}

/* Builds a model with the keys "a=b c=d" and shakes hands: half of the space's pages fast, half slow. */
static inline void start(const char *keys)
{
    char copy[384], *at = copy, *word;

    snprintf(copy, sizeof(copy), "%s", keys);
    config_init(&config);
    while ((word = strsep(&at, " "))) {
        char *equals = strchr(word, '=');
        if (equals) {
            *equals = 0;
            CHECK(!config_set(&config, word, equals + 1, error, sizeof(error)));
        }
    }
    if (config_finish(&config, PRESETS, error, sizeof(error)) ||
        model_start(&config, region, REGION_BYTES, error, sizeof(error))) {
        printf("# %s\n", error);
        exit(1);
    }
    insns = 0;
    model.bells->nr_spaces = 1;
    model.bells->spaces[0] = (struct model_space){SPACE_VA, SPACE_PAGES, 0};
    model.bells->nr_ranges = 2;
    model.bells->ranges[0] = (struct model_range){FAST_BASE, RANGE_BYTES, 0};
    model.bells->ranges[1] = (struct model_range){SLOW_BASE, RANGE_BYTES, 1};
    RING(hello, 1);
    announce_tables();
    probe(FAST_BASE, FAST_BASE);
    probe(FAST_BASE + RANGE_BYTES - 4096, FAST_BASE + RANGE_BYTES - 4096);
    probe(SLOW_BASE, SLOW_BASE + 0x10000000);
    probe(SLOW_BASE + RANGE_BYTES - 4096, SLOW_BASE + 0x10000000 + RANGE_BYTES - 4096);
    RING(ready, 1);
    for (uint32_t page = 0; page < SPACE_PAGES; page++) {
        uint64_t base = page < SPACE_PAGES / 2 ? FAST_BASE : SLOW_BASE;
        frames()[page] = (uint32_t)(base >> 12) + 4096 + page + 1;
    }
    CHECK_EQ(1, model.header->ready);
    CHECK_EQ(MODEL_OK, model.header->error);
}

static inline const struct model_counters *counters(int account)
{
    return &model.header->account[account];
}

static inline uint64_t page_va(uint32_t page)
{
    return SPACE_VA + ((uint64_t)page << 12);
}

/* Modelled time of `n` accesses; the TLB is warm and takes no part. */
static inline uint64_t timed(void (*access)(uint64_t), uint64_t base, uint32_t n, uint32_t stride_lines)
{
    uint64_t from = now_ps();

    for (uint32_t i = 0; i < n; i++) {
        access(base + (uint64_t)i * stride_lines * 64);
    }
    return now_ps() - from;
}

/* Bytes a second that `n` lines in `ps` are. */
static inline uint64_t rate_Bps(uint64_t n, uint64_t ps)
{
    return (uint64_t)((unsigned __int128)n * 64 * 1000000000000ull / ps);
}
