/*
 * What the classifiers `bucket` and `threshold` share: a temperature for each page, buckets of pages by a value made of it,
 * and the placement that fills the fast tier from the top bucket down.
 *
 *      observed:   temperature += 3 in a window in which the page was written, 1 in which it was only read
 *      each decision, in two passes over all pages:
 *          count the pages of each bucket and tier;  every page begins anew at temperature 0
 *          hot:  from the top bucket down to bucket 1, pages of the fast tier first, as many as the tier holds but for
 *                `bucket_keep`;  bucket 0 is never hot
 *          hot pages of the slow tier go up, hottest first;  of the fast tier's other pages, coldest first, go down
 *              the hot set fits:         as many as room is missing for, nothing else
 *              it does not fit:          all of them, which is as many as come up
 *          fewer than `bucket_least` to be moved:  nothing is, and `bucket_rest` decisions are sat out
 *
 * After vTMM (Sha and others, EuroSys'23; rule and constants as in the host kernel that HugeScope's artefact publishes,
 * arch/x86/kvm/hmmv/hot_or_cold.c, github.com/TELOS-syslab/hugescope-atc24-ae), for one machine. Scaled: it keeps 12800
 * pages back and moves from 25600 on, here 1/1024 of both. Differs: there is no pool of other machines' memory to give to
 * or take from; pages of the cut bucket that are in the fast tier already stay there; tracking goes on while decisions are
 * sat out.
 */
#pragma once

#include "mm/ranking.h"

#define NR_TEMPERATURES 127 /* what is hotter counts as the hottest */

struct buckets {
    struct ranking ranking;
    u8 *rising;                /* by page: temperature since the last decision */
    u8 *sorted;                /* by page: value when this decision looked, and the tier; NOT_THERE */
    u8 value[NR_TEMPERATURES]; /* the bucket of a temperature */
    /* Of each bucket: its pages; those of them that are to be moved; where in the ranking the next of them stands; the fast
     * tier's hot ones, which stay. */
    u32 pages[NR_TIERS][NR_TEMPERATURES], chosen[NR_TIERS][NR_TEMPERATURES], at[NR_TIERS][NR_TEMPERATURES],
        stay[NR_TEMPERATURES];
    u32 next_page, resting;
    bool placing;     /* the second pass */
    u32 nr_hot;       /* pages of the last hot set */
    u64 bucket_rests; /* decisions that were sat out */
};

/* Empties, or allocates, for a run; the caller has set `value`. */
void buckets_start(struct space *space, struct buckets *b);

void buckets_observe(struct buckets *b, const struct observation *list, u32 count);

/* A step of a decision; true when the ranking is made. */
bool buckets_decide(struct space *space, struct buckets *b);
