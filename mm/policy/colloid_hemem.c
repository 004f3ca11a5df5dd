/* colloid-hemem: Colloid (Vuppalapati and Agarwal, SOSP'24) over HeMem: HeMem's row, its orders balanced by loaded latencies. */
#include "mm/parts.h"

static const struct policy colloid_hemem = {
    .name = "colloid-hemem",
    .summary = "Colloid over HeMem: as much in the fast tier as makes both tiers equally quick under load",
    .source = "Vuppalapati and Agarwal, SOSP'24; github.com/host-architecture/colloid, its fork of HeMem (webglider/hemem)",
    .tracker = "sample",
    .classifier = "balance",
    .migrator = "protect",
    .keys = "balance_over=counters sample_load=5003 sample_store=5003 sample_mode=poll",
    .pace = {.window_us = 2344, .decide_windows = 1, .step_pages = 32},
};
REGISTER_POLICY(colloid_hemem);
