/*
 * mine: lru with windows that do not end when the adversary's do, few moves in a decision, and pages that swap places.
 *
 * Four windows running (lru_streak) keep away what is touched once for show; at most 64 moves each way bound what a false alarm
 * costs; an exchange needs no free frame, so that a promotion is never waiting for a demotion.
 */
#include "mm/parts.h"

static const struct policy mine = {
    .name = "mine",
    .summary = "a student's policy",
    .tracker = "abit",
    .classifier = "lru",
    .migrator = "exchange",
    .pace = {.window_us = 700, .decide_windows = 4, .step_pages = 32, .moves = 64},
};
REGISTER_POLICY(mine);
