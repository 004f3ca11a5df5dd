/*
 * A core's store buffer and its write-combining buffers.
 *
 * The store buffer hides store misses: each takes an entry until its line has arrived; entries leave in order, and a
 * store waits only when the oldest of a full buffer is still waiting.
 *
 * Non-temporal stores bypass the caches and gather per line. A buffer whose line is complete is on its way to memory
 * for the tier's write latency or until its lane is done, whichever is later, and cannot be used meanwhile.
 */
#pragma once

#include "model/tier.h"
#include "model/tlb.h"

#include <stdbool.h>
#include <stdint.h>

#define MAX_STORES 256
#define MAX_WC     16

struct store_buffer {
    uint64_t done_ps[MAX_STORES]; /* ring: when each entry's line has arrived */
    uint32_t at, entries;
    uint64_t last_ps; /* when the youngest entry leaves */
};

/* Empties the buffer. */
void store_buffer_clear(struct store_buffer *buffer);

/* Adds a store miss whose line arrives at `arrival_ps`; returns how long the core waits for an entry, in ps. */
static inline uint64_t store_buffer_push(struct store_buffer *buffer, uint64_t now_ps, uint64_t arrival_ps)
{
    uint64_t *entry = &buffer->done_ps[buffer->at];
    uint64_t wait = *entry > now_ps ? *entry - now_ps : 0;

    buffer->last_ps = arrival_ps > buffer->last_ps ? arrival_ps : buffer->last_ps;
    *entry = buffer->last_ps;
    buffer->at = buffer->at + 1 == buffer->entries ? 0 : buffer->at + 1;
    return wait;
}

struct wc_buffer {
    uint64_t filled;  /* bit per byte; 0: not gathering */
    uint64_t busy_ps; /* until when its last line is on its way */
    uint64_t opened;  /* order of opening */
    uint32_t line, page, tier;
};

struct wc {
    struct wc_buffer buffer[MAX_WC];
    uint32_t entries, gathering;
    uint64_t opened;
};

/* Forgets everything gathered. */
void wc_clear(struct wc *wc);

/* The buffer that gathers `line`, or NULL. */
struct wc_buffer *wc_find(struct wc *wc, uint32_t line);

/* The buffer that a new line may take soonest: the idle one that is free first; NULL when all are gathering. */
struct wc_buffer *wc_free(struct wc *wc);

/* The buffer that has been gathering longest, or NULL. */
struct wc_buffer *wc_oldest(struct wc *wc);

/* Begins to gather a line in an idle buffer. */
void wc_open(struct wc *wc, struct wc_buffer *buffer, uint32_t line, uint32_t page, uint32_t tier);

/* Sends a gathered line to memory. */
void wc_send(struct wc *wc, struct wc_buffer *buffer, struct port *port, uint64_t now_ps);

/* When the last line on its way has arrived, in ps. */
uint64_t wc_drained_ps(const struct wc *wc);
