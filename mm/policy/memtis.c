/*
 * memtis: MEMTIS (Lee and others, SOSP'23): samples under a share of a CPU, a histogram whose threshold fits the capacity,
 * moves in the background every 500 ms, times 24/1024. Its kernel is a 5.15, which moves page by page.
 */
#include "mm/parts.h"

static const struct policy memtis = {
    .name = "memtis",
    .summary = "MEMTIS: samples under a share of a CPU, a histogram whose threshold fits the fast tier, page by page",
    .source = "Lee and others, SOSP'23; github.com/cosmoss-jigu/memtis",
    .tracker = "sample",
    .classifier = "histogram",
    .migrator = "sync",
    .keys = "sample_load=199 sample_store=100003 sample_mode=adaptive",
    .pace = {.window_us = 11719, .decide_windows = 1, .step_pages = 32},
};
REGISTER_POLICY(memtis);
