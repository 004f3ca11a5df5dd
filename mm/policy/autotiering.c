/*
 * autotiering: AutoTiering (ATC'21), opportunistic with background demotion: hint faults on both tiers, eight bits of history a
 * page, promotion in the fault of what beats the fast tier's coldest. Its exchanging form: migrator=exchange.
 */
#include "mm/parts.h"

static const struct policy autotiering = {
    .name = "autotiering",
    .summary = "AutoTiering: hint faults on both tiers, eight looks of history, promotion in the fault from a reserve",
    .source = "Kim and others, ATC'21; autotiering.patch of github.com/Sys-KU/AutoTiering (Linux 5.3)",
    .tracker = "hint",
    .classifier = "history",
    .migrator = "sync",
    .keys = "hint_fast=1",
    .pace = {.window_us = 4700, .decide_windows = 8, .step_pages = 32, .in_fault = true},
};
REGISTER_POLICY(autotiering);
