/*
 * What a page will be asked for in the next cycle, told from what it was asked for in the past ones. How far the past
 * tells that is not supposed but learned, from the forecast's own record: of the pages that stood where this one
 * stands, how many requests came in the cycle after? (Empirical Bayes, after Robbins 1956: pages that were lucky look
 * like pages that are hot, and the next cycle tells how many of them were only lucky.)
 */
#pragma once

#include "kernel/types.h"

enum {
    FORECAST_MEMORIES = 4,             /* means over the past that forget at four speeds */
    FORECAST_BINS = 128,               /* a quarter of an octave each */
    FORECAST_SHIFT = 4,                /* means and forecasts are in sixteenths of a request */
    FORECAST_SURE = 1 << 10,           /* a persistence of 1 */
};

struct forecast {
    u32 nr_pages, cycles;
    u32 best;      /* the memory that has told the cycles best so far */
    u32 persists;  /* of a difference between pages, how much is left a cycle later; in 1/FORECAST_SURE */
    u32 *before;   /* a page's count in the last cycle but one */
    u64 with_last, with_before; /* covariance of a cycle's counts with those of the cycle before, and two before */
    struct memory {
        u32 *mean; /* a page's: of the last cycle only, or with a half, a quarter, an eighth of each new one */
        u64 errors; /* squares of what it was wrong by */
        struct bin {
            u64 pages, requests; /* with means in this bin: how many, and what they got in the cycle after */
        } bins[FORECAST_BINS];
    } memory[FORECAST_MEMORIES];
};

/* Bytes of the arrays that forecast_start() takes. */
#define FORECAST_BYTES_PER_PAGE ((FORECAST_MEMORIES + 1) * sizeof(u32))

/* Empties it. `arrays` has FORECAST_BYTES_PER_PAGE a page, zeroed, and stays the caller's. */
void forecast_start(struct forecast *f, u32 nr_pages, void *arrays);

/* A cycle has ended with these counts, one a page, none above 2^20: judges what was told, and learns. O(pages). */
void forecast_learn(struct forecast *f, const u32 *counts);

/* Requests to be expected of a page in the next cycle, in sixteenths. */
u32 forecast_page(const struct forecast *f, u32 page);

/* How many times the next cycle's difference between two pages the coming `cycles` are worth, in 1/FORECAST_SURE: what
 * persists is left of it in each next one. */
u64 forecast_lasts(const struct forecast *f, u32 cycles);
