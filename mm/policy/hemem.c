/*
 * hemem: HeMem (Raybuck and others, SOSP'21): a sampler that a thread polls, counters with thresholds, moves under write
 * protection. Every 5003rd load and store is sampled, as in the paper's time (19997 in CUHK's copy). Its policy thread runs
 * every 10 ms, which is 0.234 ms here (times 24/1024); a window is ten times as long, since in each the laboratory looks at
 * all pages' true counts.
 */
#include "mm/parts.h"

static const struct policy hemem = {
    .name = "hemem",
    .summary = "HeMem: polled samples, counters with thresholds and a cooling clock, moves under write protection",
    .source = "Raybuck and others, SOSP'21; github.com/cuhk-mass/hemem, constants of the paper's time",
    .tracker = "sample",
    .classifier = "counters",
    .migrator = "protect",
    .keys = "sample_load=5003 sample_store=5003 sample_mode=poll",
    .pace = {.window_us = 2344, .decide_windows = 1, .step_pages = 32},
};
REGISTER_POLICY(hemem);
