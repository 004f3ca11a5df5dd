/*
 * arms: ARMS (Yadalam and others, arXiv 2508.04417): every 10,007th load sampled by a polling thread, two averages a page, pairs
 * moved under write protection as long as that pays. A decision every 500 ms, times 24/1024.
 */
#include "mm/parts.h"

static const struct policy arms = {
    .name = "arms",
    .summary = "ARMS: two moving averages without thresholds, cost against benefit, moves under write protection",
    .source = "Yadalam and others, arXiv 2508.04417; github.com/SujayYadalam94/tiering_solutions, src/arms.c",
    .tracker = "sample",
    .classifier = "ema",
    .migrator = "protect",
    .keys = "sample_load=10007 sample_store=0 sample_mode=poll",
    .pace = {.window_us = 11719, .decide_windows = 1, .step_pages = 32},
};
REGISTER_POLICY(arms);
