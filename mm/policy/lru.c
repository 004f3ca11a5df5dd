/* lru: accessed bits, two lists, one flush a batch: what Linux's classic page aging would do with a second tier. */
#include "mm/parts.h"
#include "mm/policy/pace.h"

static const struct policy lru_policy = {
    .name = "lru",
    .summary = "accessed bits, active and inactive lists, batched moves",
    .tracker = "abit",
    .classifier = "lru",
    .migrator = "batch",
    .pace = PACE_DEFAULT,
};
REGISTER_POLICY(lru_policy);
