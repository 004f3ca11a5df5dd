/*
 * vtmm: vTMM (Sha and others, EuroSys'23), for one machine: accessed bits with the multi-level queue, bucket sort by
 * temperature, copies in use with the dirty pages copied again. Its window is 600 ms in the artefact that HugeScope
 * publishes (SAMPLE_PERIOD; the paper tests 200, 600 and 1000 ms), its cycle eight windows in the paper; times 24/1024. It
 * takes a batch of all that is to be moved; 512 is what a step may take here.
 */
#include "mm/parts.h"

static const struct policy vtmm = {
    .name = "vtmm",
    .summary = "vTMM: accessed bits with a multi-level queue, buckets by temperature, dirty pages copied twice",
    .source = "Sha and others, EuroSys'23; arch/x86/kvm/hmmv of github.com/TELOS-syslab/hugescope-atc24-ae",
    .tracker = "mlq",
    .classifier = "bucket",
    .migrator = "log",
    .pace = {.window_us = 14063, .decide_windows = 8, .step_pages = 512},
};
REGISTER_POLICY(vtmm);
