/*
 * chrono: Chrono (EuroSys'25) without its statistics, as the artefact by default: hint faults on the slow tier, two short waits
 * running, a rate limit that sets the threshold, early demotion.
 */
#include "mm/parts.h"

static const struct policy chrono = {
    .name = "chrono",
    .summary = "Chrono: hint faults, two short waits running, promotion at a limited rate, early demotion",
    .source = "Qi and others, EuroSys'25; github.com/SJTU-DDST/chrono-project (Linux 5.15)",
    .tracker = "hint",
    .classifier = "fault-twice",
    .migrator = "batch",
    .keys = "hint_fast=0",
    .pace = {.window_us = 4700, .decide_windows = 8, .step_pages = 32, .in_fault = true},
};
REGISTER_POLICY(chrono);
