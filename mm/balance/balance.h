/*
 * Balancers: how the fast tier is divided between machines. Each is one function from what was measured of every machine to
 * the frames that each may hold; who measures, and how a share that shrinks is given back, is not its business
 * (machines/balance.c).
 */
#pragma once

#include "lib/keys.h"

#define GAIN_STEPS 4 /* classes of gain an octave */
#define NR_GAINS   (GAIN_STEPS * 32)

/* What is known of one machine. */
struct demand {
    u32 share;  /* frames that it may hold now */
    u32 equal;  /* its part of the tier by weights alone (shares=) */
    u32 pages;  /* that it has: it can use no more */
    u32 hot;    /* measured hot set, in pages */
    bool asks;  /* its cycle has just ended: the numbers are new */
    /* Its pages by the share of its accesses that each had in the last cycle: class GAIN_STEPS * n + m is from 2^n x (1 + m / GAIN_STEPS)
     * parts in 2^GAIN_SHIFT on; what had none is in no class. So this is its hit-ratio curve, steepest at the end. */
    u32 gain[NR_GAINS];
};
#define GAIN_SHIFT 31

struct balancer {
    const char *name, *summary;
    bool fixed; /* it never changes a share */

    /* Not null: the shares are those of the balancer of this name, and a machine that has to give is asked which pages. */
    const char *const *divides_as;

    /* Fills in the shares of `n` machines; together at most `frames`. Null with divides_as. */
    void (*divide)(const struct demand *demands, unsigned n, u32 frames, u32 *shares);
};

#define REGISTER_BALANCER(object) REGISTER_IN(balancers, object)

/* `frames` divided by weights, of which there are `n`: rounded down, what is left over one by one from the first on. Equal parts when all
 * weights are 0. */
void balance_by_weights(const u64 *weights, unsigned n, u32 frames, u32 *shares);
