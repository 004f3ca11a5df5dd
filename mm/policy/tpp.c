/*
 * tpp: TPP (ASPLOS'23) by its port in Nomad's repository: hint faults on the slow tier's pages, promotion of active ones in the
 * fault, 2 % of the fast tier kept free. The paper's two touches: active_touches=1.
 */
#include "mm/parts.h"

static const struct policy tpp = {
    .name = "tpp",
    .summary = "TPP: hint faults, active pages promoted in the fault, 2 % of the fast tier kept free by demotion",
    .source = "Maruf and others, ASPLOS'23; tpp.patch of github.com/lingfenghsiang/Nomad (Linux 5.13)",
    .tracker = "hint",
    .classifier = "fault-active",
    .migrator = "batch",
    .keys = "hint_fast=0",
    .pace = {.window_us = 4700, .decide_windows = 8, .step_pages = 32, .in_fault = true},
};
REGISTER_POLICY(tpp);
