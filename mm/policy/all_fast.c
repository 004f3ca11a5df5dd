/* all-fast: a baseline. Everything lies in the fast tier: the best that placement can do. It has windows and cycles,
 * but no parts. */
#include "mm/parts.h"
#include "mm/policy/pace.h"

static const struct policy all_fast = {
    .name = "all-fast",
    .summary = "everything lies in the fast tier: the best that placement can do",
    .tracker = "none",
    .classifier = "none",
    .migrator = "none",
    .pace = PACE_DEFAULT,
    .everything_in = true,
    .in = TIER_FAST,
};
REGISTER_POLICY(all_fast);
