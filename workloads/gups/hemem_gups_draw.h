/*
 * The random numbers of HeMem's hot-set GUPS (github.com/cuhk-mass/hemem, a mirror of the SOSP'21 artifact,
 * microbenchmarks/gups-hotset-move.c): a xor-shift generator a thread, that starts at the first rand() of glibc.
 */
#pragma once

#include "kernel/types.h"

/*
 * A step. As a map over GF(2) it is invertible, with a characteristic polynomial of factors of the degrees 1, 2, 8, 25
 * and 28. So it is not of full period: HEMEM_ORDER steps are the identity, and one word but 0 stays what it is.
 */
static inline u64 hemem_next(u64 word)
{
    word ^= word >> 7;
    word ^= word << 9;
    word ^= word >> 13;
    return word;
}
#define HEMEM_ORDER 153122382196768785ull /* 2^57.1: the least common multiple of 2^degree - 1 */

/*
 * What rand() of glibc returns first after srand(seed): the additive feedback generator of 31 words, TYPE_3 in glibc's
 * random_r.c, which fills its words by Park and Miller's generator and drops 310 values at the start.
 */
u32 glibc_first_rand(u32 seed);
