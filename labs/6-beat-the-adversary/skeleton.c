/* mine: (say here what it does when it is attacked) */
#include "mm/parts.h"

static const struct policy mine = {
    .name = "mine",
    .summary = "a student's policy",
    .tracker = "abit",
    .classifier = "lru",
    .migrator = "batch",
    .keys = "lru_streak=1",
    .pace = {.window_us = 1000, .decide_windows = 1, .step_pages = 32},
};
REGISTER_POLICY(mine);
