/*
 * autonuma: Linux's NUMA balancing (numa_balancing=1): hint faults on both tiers' pages, promotion in the fault while there is
 * room, no demotion. vTMM's evaluation (EuroSys'23) takes it as its baseline.
 */
#include "mm/parts.h"

static const struct policy autonuma = {
    .name = "autonuma",
    .summary = "Linux's NUMA balancing: hint faults, promotion in the fault while there is room, no demotion",
    .source = "Linux 6.3, kernel/sched/fair.c, mm/migrate.c; numa_balancing=1",
    .tracker = "hint",
    .classifier = "fault-any",
    .migrator = "batch",
    .keys = "hint_fast=1",
    .pace = {.window_us = 4700, .decide_windows = 8, .step_pages = 32, .in_fault = true},
};
REGISTER_POLICY(autonuma);
