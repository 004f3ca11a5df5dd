/*
 * numa-settled: numa-balancing with a rate limit in force, begun where its threshold settles under it, which takes
 * Linux six minutes: at 2 of 16 steps (250 ms, here 5,859 us) for 1000 MB/s on the default hot set, where candidates are 91 %
 * of what the limit allows. Scanned are two processes, as of two of vTMM's virtual machines of 8 to 16
 * processors on 24 cores: each has 256 MB each 100 ms of its own.
 */
#include "mm/parts.h"

static const struct policy numa_settled = {
    .name = "numa-settled",
    .summary = "numa-balancing with a rate limit, its threshold settled, two processes scanned",
    .source = "as numa-balancing; numa_balancing_promote_rate_limit_MBps=1000",
    .tracker = "hint",
    .classifier = "fault-latency",
    .migrator = "batch",
    .keys = "hint_fast=0 hint_pages=256 promote_MBps=1000 latency_us=5859",
    .pace = {.window_us = 4700, .decide_windows = 8, .step_pages = 32, .in_fault = true},
};
REGISTER_POLICY(numa_settled);
