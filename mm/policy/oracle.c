/*
 * oracle: all of the past's truth with the moves of a real policy: what better tracking could gain. Pages are exchanged, since
 * of the real migrators that one keeps a program waiting least when its hot pages move.
 */
#include "mm/parts.h"
#include "mm/policy/pace.h"

static const struct policy oracle_policy = {
    .name = "oracle",
    .summary = "the true requests of the past, and what they have told so far; pages swap places: perfect tracking, real moving",
    .tracker = "truth",
    .classifier = "oracle",
    .migrator = "exchange",
    .pace = PACE_DEFAULT,
    .uses_truth = true,
};
REGISTER_POLICY(oracle_policy);
