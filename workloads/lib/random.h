/* The workloads' source of randomness: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014), state and output 64 bits. */
#pragma once

#include "kernel/types.h"

#define RANDOM_STEP 0x9e3779b97f4a7c15ull

static inline u64 random_mix(u64 z)
{
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    return z ^ z >> 31;
}

static inline u64 random_next(u64 *state)
{
    return random_mix(*state += RANDOM_STEP);
}

/* Takes a draw back: the state is as it was before. */
static inline void random_back(u64 *state)
{
    *state -= RANDOM_STEP;
}

/* A number below n from 32 random bits: multiply and shift (Lemire, ACM TOMACS 29(1), 2019), bias below n / 2^32. */
static inline u32 random_below(u32 bits, u32 n)
{
    return (u32)((u64)bits * n >> 32);
}
