/*
 * static-best: the best placement that never changes: of all pages those with the most requests in the measured phase, from their
 * first touch on, as a rehearsal has told. What a policy gains by moving, or loses, is measured against it. It has windows and
 * cycles, but no parts.
 */
#include "mm/parts.h"
#include "mm/policy/pace.h"

static const struct policy static_best = {
    .name = "static-best",
    .summary = "the pages with the most requests in the measured phase lie in the fast tier from the start; nothing is moved",
    .tracker = "none",
    .classifier = "none",
    .migrator = "none",
    .pace = PACE_DEFAULT,
    .placed_best = true,
    .uses_truth = true,
};
REGISTER_POLICY(static_best);
