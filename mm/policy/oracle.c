/* oracle: the last cycle's truth with the moves of a real policy: what better tracking could gain. */
#include "mm/parts.h"
#include "mm/policy/pace.h"

static const struct policy oracle_policy = {
    .name = "oracle",
    .summary = "the past cycle's true requests, batched moves: perfect tracking, real moving",
    .tracker = "truth",
    .classifier = "oracle",
    .migrator = "batch",
    .pace = PACE_DEFAULT,
    .uses_truth = true,
};
REGISTER_POLICY(oracle_policy);
