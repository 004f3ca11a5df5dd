/*
 * critical, a pattern of adversary's: hot is not always critical (Liu et al., "Tiered Memory Management Beyond Hotness",
 * OSDI'25, whose SOAR and ALTO go by the latency that accesses expose).
 *
 *      each op reads a word:  three of four go through the second half of the memory, line after line;
 *                             one follows a chain through the first half: where it goes depends on what it has read, as in a list
 *
 * The streamed half is three times as hot, and costs little that a prefetcher does not hide; the chased one costs its
 * latency every time. So who counts accesses promotes the wrong half. Words hold what follows from their places, so the
 * checksum is the sum of what was read; verification draws all ops once more.
 */
#pragma once

#include "lab/workload.h"

struct critical_draw {
    u64 random, line; /* of the stream: the last one read */
    u64 chased;       /* what the last word of the chain held */
};

struct critical {
    u32 half_pages;
    u64 seed, op, read_sum; /* ops done so far, and the sum of what they read */
    struct critical_draw now;
};

/* Writes the arena's words, of two halves of so many pages, and begins anew. */
void critical_setup(struct critical *c, u32 half_pages, u64 seed);

/* Draws an op: the word that it reads; `chases` is set when it is the chain's. */
u64 critical_word(const struct critical *c, struct critical_draw *d, bool *chases);

void critical_run(struct critical *c, u64 ops);

/* Whether nothing was written, and the ops drawn once more read the same. */
bool critical_verify(const struct critical *c, u64 *checksum);

/* For workload.overlap: the halves apart, 1 for the chain and 10 fill buffers for the stream. */
bool critical_overlap(const struct critical *c, unsigned i, struct mlp_part *part);
