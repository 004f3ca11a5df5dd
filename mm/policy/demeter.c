/*
 * demeter: Demeter (SOSP'25), its guest's half: a sampler drained at context switches (load latency every 4093, stores every
 * 65535), ranges split and ranked each 500 ms, 11.7 ms here, pages swapped in place. The artefact swaps only in rounds that
 * split a range, and once the smallest is 2 MiB (range_gate=1). With its thresholds no range gets that small here, and
 * nothing would ever move; so this row goes by the paper's text, which has no such gate.
 */
#include "mm/parts.h"

static const struct policy demeter = {
    .name = "demeter",
    .summary = "Demeter: samples drained at switches, ranges split and ranked by density, pages swapped",
    .source = "SOSP'25, doi 10.1145/3731569.3764801; patch/demeter.patch of github.com/vtta/sosp25-demeter",
    .tracker = "sample",
    .classifier = "range",
    .migrator = "exchange",
    .keys = "sample_load=4093 sample_store=65535 sample_mode=points",
    .pace = {.window_us = 11719, .decide_windows = 1, .step_pages = 32},
};
REGISTER_POLICY(demeter);
