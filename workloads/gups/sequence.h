/*
 * The two pseudo-random sequences of HPCC RandomAccess, 64 bits a step, both with the value 1 at step 0, and the jump
 * to any step (HPC Challenge, github.com/icl-utk-edu/hpcc, RandomAccess/).
 */
#pragma once

#include "kernel/types.h"

/* Steps after which the shift sequence is at 1 again, and not before. */
#define GUPS_SHIFT_PERIOD 1317624576693539401ull

/* x in GF(2)[x] modulo x^64 + x^2 + x + 1: a step of the original sequence multiplies by it. */
static inline u64 gups_shift_next(u64 a)
{
    return a << 1 ^ ((s64)a < 0 ? 7 : 0);
}

/* A step of the variant, a linear congruential generator (Knuth's MMIX multiplier). Its high bits are the good ones. */
static inline u64 gups_lcg_next(u64 a)
{
    return a * 6364136223846793005ull + 1;
}

/* The value of each sequence at step n, in some 64 steps' time; any n. */
u64 gups_shift_at(u64 n);
u64 gups_lcg_at(u64 n);
