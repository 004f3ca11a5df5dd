/*
 * nomad: Nomad (OSDI'24): hint faults on the slow tier's pages, promotion in the background as a transaction, shadows, so
 * that a clean page goes down without a copy. Its parts say what they take from where.
 */
#include "mm/parts.h"

static const struct policy nomad = {
    .name = "nomad",
    .summary = "Nomad: hint faults looked back at, transactional moves in the background, shadows of promoted pages",
    .source = "Xiang and others, OSDI'24; github.com/lingfenghsiang/Nomad",
    .tracker = "hint",
    .classifier = "fault-recent",
    .migrator = "transaction",
    .keys = "hint_fast=0",
    .pace = {.window_us = 4700, .decide_windows = 8, .step_pages = 32},
};
REGISTER_POLICY(nomad);
