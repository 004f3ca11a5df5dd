/*
 * damos: DAMON's tiering schemes (samples/damon/mtier.c): a page of each region looked at every 5 ms, 117 us here, regions
 * reported and changed each 100 ms, schemes applied each second. mtier.c fits the 5 ms to the share of accesses seen, between
 * 5 ms and 10 s; here they stay.
 */
#include "mm/parts.h"

static const struct policy damos_policy = {
    .name = "damos",
    .summary = "DAMON's regions with two schemes: hot ones up, idle ones down, a quota each second",
    .source = "Linux 6.16, samples/damon/mtier.c, mm/damon/core.c",
    .tracker = "region",
    .classifier = "damos",
    .migrator = "batch",
    .pace = {.window_us = 117, .decide_windows = 200, .step_pages = 32},
};
REGISTER_POLICY(damos_policy);
