/* first-touch: a baseline. Pages stay where they were first touched; nothing is tracked or moved. It has windows and
 * cycles, but no parts. */
#include "mm/parts.h"
#include "mm/policy/pace.h"

static const struct policy first_touch = {
    .name = "first-touch",
    .summary = "pages stay where they were first touched; nothing is tracked or moved",
    .tracker = "none",
    .classifier = "none",
    .migrator = "none",
    .pace = PACE_DEFAULT,
};
REGISTER_POLICY(first_touch);
