/*
 * interleave: pages in turn in both tiers, one to one, and never moved: what `numactl --interleave` does. Linux's weighted
 * interleave (6.9) is the same with place_fast= and place_slow=; when one tier is full the other takes the rest.
 */
#include "mm/parts.h"
#include "mm/policy/pace.h"

static const struct policy interleave = {
    .name = "interleave",
    .summary = "pages in turn in both tiers by first touch; nothing is tracked or moved",
    .source = "Linux, mm/mempolicy.c: MPOL_INTERLEAVE; weights as in MPOL_WEIGHTED_INTERLEAVE (6.9)",
    .tracker = "none",
    .classifier = "none",
    .migrator = "none",
    .keys = "place=interleave",
    .pace = PACE_DEFAULT,
};
REGISTER_POLICY(interleave);
