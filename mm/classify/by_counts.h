/* Planning from counts: what every classifier does that has a number for each page. */
#pragma once

#include "mm/mech.h"

/*
 * Pairs the slow tier's pages with the highest counts with the fast tier's free frames, then with its pages of the
 * lowest counts, and plans every exchange whose difference of counts exceeds `swap_gain` (and `move_gain` for a free
 * frame). O(n log n).
 */
void plan_by_counts(struct space *space, const u32 *counts, u32 capacity, u32 move_gain, u32 swap_gain,
                    struct plan *plan);
