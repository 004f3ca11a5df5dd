/*
 * Graph500's source of randomness: the multiple recursive generator of order five
 *
 *      z(n) = 107374182 z(n-1) + 104480 z(n-5)  mod 2^31 - 1
 *
 * of L'Ecuyer, Blouin and Couture (ACM TOMACS 3(2), 1993, table 3), which the benchmark's reference code uses
 * (github.com/graph500/graph500, generator/). A step is linear, so n steps at once are a multiplication by the n-th
 * power of a 5 x 5 matrix. The reference reads such powers from tables; here they are computed when they are needed,
 * which is once or twice a graph.
 */
#pragma once

#include "kernel/types.h"

#define G500_MODULUS 0x7fffffffu

/* The last five numbers, newest first, each below G500_MODULUS. */
struct g500_random {
    u32 z[5];
};

/* A number of steps as a linear map of the state. */
struct g500_jump {
    u32 row[5][5];
};

/* The state that the reference makes of the user's two seeds. */
struct g500_random g500_seed(u64 seed1, u64 seed2);

/* high 2^128 + middle 2^64 + low steps: the reference takes the number of steps in three words. */
struct g500_jump g500_steps(u64 high, u64 middle, u64 low);

void g500_jump(struct g500_random *state, const struct g500_jump *jump);

/* a mod 2^31 - 1, for any a: folding twice leaves at most the modulus itself. */
static inline u32 g500_reduce(u64 a)
{
    a = (a & G500_MODULUS) + (a >> 31);
    a = (a & G500_MODULUS) + (a >> 31);
    a = (a & G500_MODULUS) + (a >> 31);
    return a >= G500_MODULUS ? (u32)(a - G500_MODULUS) : (u32)a;
}

/* One step; the new number, from 0 to G500_MODULUS - 1. */
static inline u32 g500_next(struct g500_random *state)
{
    u64 sum = 107374182 * (u64)state->z[0] + 104480 * (u64)state->z[4]; /* below 2^58 */

    sum = (sum & G500_MODULUS) + (sum >> 31);
    sum = sum >= G500_MODULUS ? sum - G500_MODULUS : sum; /* was below 2 x modulus */
    state->z[4] = state->z[3];
    state->z[3] = state->z[2];
    state->z[2] = state->z[1];
    state->z[1] = state->z[0];
    state->z[0] = (u32)sum;
    return (u32)sum;
}
