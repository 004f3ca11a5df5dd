/*
 * hybridtier: HybridTier (Song and others, ASPLOS'25): sampled loads, two Bloom filters in place of counts a page, pages moved one by
 * one. perf samples 100,001 loads a second on each processor: at the ten million requests a second of the default hot set that is
 * one of 97. A decision a batch of 100,000 samples, 62.5 ms with 16 processors, times 24/1024.
 */
#include "mm/parts.h"

static const struct policy hybridtier = {
    .name = "hybridtier",
    .summary = "HybridTier: sampled loads, frequency and momentum in two Bloom filters, second chances, page by page",
    .source = "Song and others, ASPLOS'25; github.com/kevins981/hybridtier-asplos25-artifact, hybridtier.cpp",
    .tracker = "sample",
    .classifier = "momentum",
    .migrator = "sync",
    .keys = "sample_load=97 sample_store=0 sample_mode=poll",
    .pace = {.window_us = 1465, .decide_windows = 1, .step_pages = 32},
};
REGISTER_POLICY(hybridtier);
