/*
 * A ranking: what a classifier keeps that decides everything now and then, from a number for each page, and hands it out
 * page by page until the next time.
 */
#pragma once

#include "mm/parts.h"

#define RANKING_END UINT64_MAX

struct ranking {
    u32 *promote, *demote; /* page numbers, most urgent first; room for every page of the space */
    u32 nr_promote, nr_demote, promoted, demoted; /* how many there are, and are handed out */
    u64 *sorted[NR_TIERS]; /* the fast tier's end with RANKING_END */
};

/* Allocates for the space, once, or empties. */
void ranking_start(const struct space *space, struct ranking *ranking);

/*
 * Pairs the slow tier's pages with the highest counts with the room in the fast tier, then with its pages of the lowest
 * counts, and ranks every exchange whose difference of counts exceeds `swap_gain` (and `move_gain` where there is room).
 * O(n log n).
 */
void ranking_by_counts(const struct space *space, struct ranking *ranking, const u32 *counts, u32 move_gain,
                       u32 swap_gain);

/* For done(): the order is not given again before the next ranking, whatever became of it. */
static inline void ranking_done(struct space *space, struct order order, enum outcome outcome)
{
    (void)space, (void)order, (void)outcome;
}

/*
 * For give(): the page of the fast tier with the lowest count that is not to be demoted yet. After ranking_by_counts(), or where
 * demotions are the first of sorted[TIER_FAST], which ends with RANKING_END.
 */
struct order ranking_give(struct ranking *ranking);

/* For next(): the next page that goes to that tier, if any is left. */
static inline struct order ranking_next(struct ranking *ranking, enum tier to)
{
    if (to == TIER_FAST)
        return (struct order){.page = ranking->promoted < ranking->nr_promote ? ranking->promote[ranking->promoted++] : NO_PAGE,
                              .to = TIER_FAST};
    return (struct order){.page = ranking->demoted < ranking->nr_demote ? ranking->demote[ranking->demoted++] : NO_PAGE,
                          .to = TIER_SLOW};
}
