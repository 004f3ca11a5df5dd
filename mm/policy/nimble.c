/*
 * nimble: Nimble Page Management (ASPLOS'19): the OS's two lists, a page active as soon as it was accessed once since the last call,
 * active pages of the slow tier exchanged for inactive ones of the fast tier. Its launcher makes a call every 5 s
 * (STATS_PERIOD), 117 ms here; 16 pages are a batch (migration_batch_size). One processor copies, in Nimble four threads.
 */
#include "mm/parts.h"

static const struct policy nimble = {
    .name = "nimble",
    .summary = "Nimble: active and inactive lists by accessed bits, called every 5 s, pages exchanged",
    .source = "Yan and others, ASPLOS'19; github.com/ysarch-lab/nimble_page_management_asplos_2019 and its launcher",
    .tracker = "abit",
    .classifier = "lru",
    .migrator = "exchange",
    .keys = "lru_streak=1 lru_idle=1",
    .pace = {.window_us = 117188, .decide_windows = 1, .step_pages = 16},
};
REGISTER_POLICY(nimble);
