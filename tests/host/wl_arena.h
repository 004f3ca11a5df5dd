/*
 * What a workload's host test includes before the workload's own source: an arena in an array, and no keys given. Tests
 * set the workload's variables instead.
 */
#pragma once

#include <string.h>

#include "lab/workload.h"
#include "tests/host/host.h"

#define WL_ARENA_BYTES (16 * MIB)

static u64 wl_words[WL_ARENA_BYTES / sizeof(u64)];
static u64 wl_size; /* what size= asks for */

void *arena_base(void)
{
    return wl_words;
}

void *arena_direct(u64 offset)
{
    return (u8 *)wl_words + offset;
}

void arena_populate(u32 page)
{
    CHECK((u64)page < WL_ARENA_BYTES / PAGE_SIZE);
}

bool arena_populated(u32 page)
{
    return (u64)page < WL_ARENA_BYTES / PAGE_SIZE;
}

u64 workload_size(void)
{
    return wl_size;
}

void *workload_alloc(size_t bytes)
{
    static u64 memory[2 * MIB];
    static size_t used;
    u8 *at = (u8 *)memory + used;

    used += ALIGN_UP(bytes, 64);
    CHECK(used <= sizeof(memory));
    memset(at, 0, bytes);
    return at;
}

bool key_given(const void *variable)
{
    (void)variable;
    return false;
}

void workload_phase(const char *name)
{
    (void)name;
}

void result_u64(const char *key, u64 value)
{
    (void)key;
    (void)value;
}

/* Sets the workload up and lets it run in pieces of random size. */
static inline void wl_run(const struct workload *w, u64 seed, u64 ops)
{
    CHECK(w->pages() <= WL_ARENA_BYTES / PAGE_SIZE);
    w->setup(seed, ops);
    while (ops) {
        u64 part = 1 + host_below((u32)MIN(ops, 1000));
        part = MIN(part, ops);
        w->run(part);
        ops -= part;
    }
}

static inline bool wl_right(const struct workload *w)
{
    u64 checksum;

    return w->verify(&checksum);
}

/* Whether verify notices that a word of the arena has changed; it is put back. */
static inline bool wl_notices(const struct workload *w, u64 at, u64 change)
{
    bool noticed;

    wl_words[at] ^= change;
    noticed = !wl_right(w);
    wl_words[at] ^= change;
    return noticed;
}
