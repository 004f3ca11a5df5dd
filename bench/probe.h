/*
 * Measuring the modelled memory from inside, by the guest's own accesses and clock: for `calibrate` and for the
 * self-check before every run.
 */
#pragma once

#include "kernel/types.h"

/* What a piece of code took. `memory_ps` is the time less the instructions. */
struct span {
    u64 insns, total_ps, memory_ps;
};

/* Bytes of which no useful part stays in the modelled caches: four times what they hold. */
u64 probe_beyond_caches(void);

void span_begin(struct span *span);
void span_end(struct span *span);

enum chase_order { CHASE_RANDOM, CHASE_SEQUENTIAL };

/*
 * Memory time of a dependent load, in ps: a chase through `nr` addresses, `stride` bytes apart from `base`, each
 * holding the address of the next; the first lap warms up, the second is measured.
 */
u64 probe_chase(void *base, u64 nr, u64 stride, enum chase_order order);

/* Lays such a cycle. */
void probe_lay(void *base, u64 nr, u64 stride, enum chase_order order);

/* Time of `steps` loads along a cycle from *at on, in ps, instructions included; *at becomes where it ends. */
u64 probe_steps(const void **at, u64 steps);

/* Bytes a second of so many, and so many ps. */
u64 probe_rate(u64 bytes, u64 ps);

/* Bytes a second of one pass over a region: reading a word of every line, or writing all of it by movnti. */
u64 probe_stream_read(void *base, u64 bytes);
u64 probe_stream_write(void *base, u64 bytes);

/*
 * Costs both tiers with a dependent chase, load curve off and whole bandwidth, and stops the run (EXIT_FAIL) when their
 * ratio is off the configured one by more than a tenth: then the clock does not follow the model, and no figure would
 * mean anything.
 */
void probe_self_check(void);

/* What the self-check saw; 0 where it could not look. */
extern u64 self_check_ps[NR_TIERS];
