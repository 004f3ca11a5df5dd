/* all-slow: a baseline. Everything lies in the slow tier: the worst. It has windows and cycles, but no parts. */
#include "mm/parts.h"
#include "mm/policy/pace.h"

static const struct policy all_slow = {
    .name = "all-slow",
    .summary = "everything lies in the slow tier: the worst",
    .tracker = "none",
    .classifier = "none",
    .migrator = "none",
    .pace = PACE_DEFAULT,
    .everything_in = true,
    .in = TIER_SLOW,
};
REGISTER_POLICY(all_slow);
