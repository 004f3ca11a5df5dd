/*
 * How right a verdict was: sets of pages compared, in integers. Pure code, tested on the host against a naive version.
 *
 * Sets are given by weights from 0 to 1, because ties at a cut are scored by expectation: when r places are left for g
 * equal pages, each belongs with weight r/g. A value of 0 never belongs.
 */
#pragma once

#include "kernel/types.h"

/* Which pages belong: those above `value`, and those equal to it (unless it is 0) with weight left/equal. */
struct cut {
    u32 value;
    u32 above, equal, left;
};

/* The top k of n values. O(n). */
struct cut cut_top(const u32 *values, u32 n, u32 k);

/* All that are not 0. */
struct cut cut_nonzero(const u32 *values, u32 n);

/* All that are at least `rate`; none for a rate of 0. */
struct cut cut_at_least(const u32 *values, u32 n, u32 rate);

/* A verdict against the truth: all in millionths, 0 for an empty verdict. */
struct agreement {
    u32 precision; /* sum of min(t, e) / sum of e */
    u32 recall;    /* sum of min(t, e) / sum of t */
};

/* Compares two sets over n pages: those of `truth` in `t` with those of `estimate` in `e`. */
struct agreement score_sets(const u32 *truth, struct cut t, const u32 *estimate, struct cut e, u32 n);

/* How large two sets are and how much they share, in pages: sums of weights, rounded to the nearest. */
struct overlap {
    u32 truth, estimate, common;
};

struct overlap score_overlap(const u32 *truth, struct cut t, const u32 *estimate, struct cut e, u32 n);

/* What the verdict would have caught: sums of true counts, each page's multiplied by its weight. */
struct caught {
    u64 total;      /* all true counts */
    u64 by_truth;   /* those of the set t */
    u64 by_verdict; /* those of the set e */
};

struct caught score_caught(const u32 *truth, struct cut t, const u32 *estimate, struct cut e, u32 n);

/*
 * Whether the estimate orders pages as the truth does, over those with count or estimate > 0: Kendall's tau-b, which
 * takes ties out on both sides, and Spearman's rho with mid-ranks. In millionths, cut towards zero; undefined where one
 * side is constant.
 */
struct rank_correlation {
    bool defined;
    s64 tau, rho;
};

/* O(m log m) for m such pages. `work` has room for 2 n numbers. n up to 2^20. */
struct rank_correlation score_ranks(const u32 *truth, const u32 *estimate, u32 n, u64 *work);

/* numerator/denominator in millionths, rounded down; 0 for a denominator of 0. */
u32 millionths(u64 numerator, u64 denominator);
