/*
 * multi-clock: MULTI-CLOCK (HPCA'22): the daemon's clock over the slow tier, kswapd's over the fast one, moves page by page. Its
 * second between passes is 23.4 ms here, its 1024 pages a list 1: as on the machine, 4 MB/s of each list. clock_scan=1024
 * is a daemon a thousand times as busy. The clock looks at entries itself; a tracker (tracker=abit) only makes it scored.
 */
#include "mm/parts.h"

static const struct policy multi_clock = {
    .name = "multi-clock",
    .summary = "MULTI-CLOCK: CLOCK with a promote list in passes of a second, demotion by watermarks, page by page",
    .source = "Maruf and others, HPCA'22; multi-clock.diff of github.com/sylab/multi-clock (Linux 5.3.1)",
    .tracker = "none",
    .classifier = "clock-promote",
    .migrator = "sync",
    .keys = "clock_scan=1",
    .pace = {.window_us = 23438, .decide_windows = 1, .step_pages = 32},
};
REGISTER_POLICY(multi_clock);
