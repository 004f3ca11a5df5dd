/*
 * memory-optimizer: Intel's daemon: ten walks of the accessed bits 0.1 s apart (max_walks, initial_interval of Option.h), one flush
 * each; pages sorted by walks that saw them, the fast tier filled from the top; 256 MB a period, half each way: 32 pages.
 * Times are scaled by 24/1024, bytes by 1/1024. Differs: the interval is not fitted to the bytes that a walk sees; no second
 * of sleep between two sets of walks; promotion and demotion need not lie two walks apart.
 */
#include "mm/parts.h"

static const struct policy memory_optimizer = {
    .name = "memory-optimizer",
    .summary = "Intel's memory-optimizer: walks counted a page, sorted to the fast tier's size, a budget a period",
    .source = "github.com/intel/memory-optimizer (Option.h, GlobalScan.cc)",
    .tracker = "abit",
    .classifier = "bucket",
    .migrator = "sync",
    .keys = "bucket_keep=0 bucket_least=0",
    .pace = {.window_us = 2344, .decide_windows = 10, .step_pages = 32, .moves = 32},
};
REGISTER_POLICY(memory_optimizer);
