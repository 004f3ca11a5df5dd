/*
 * numa-balancing: Linux's memory tiering (numa_balancing=2, since 5.18): hint faults on the slow tier's pages, promotion in
 * the fault by its latency, demotion by watermarks in batches. Its parts say what they take from where.
 */
#include "mm/parts.h"

static const struct policy numa_balancing = {
    .name = "numa-balancing",
    .summary = "Linux's memory tiering: hint faults, a latency threshold, promotion in the fault, watermarks",
    .source = "Linux 6.3, kernel/sched/fair.c, mm/vmscan.c; commits c574bbe917036, 33024536bafd, c6833e10008f, c959924b0dc5",
    .tracker = "hint",
    .classifier = "fault-latency",
    .migrator = "batch",
    .keys = "hint_fast=0",
    .pace = {.window_us = 4700, .decide_windows = 8, .step_pages = 32, .in_fault = true},
};
REGISTER_POLICY(numa_balancing);
