/* colloid-memtis: Colloid (Vuppalapati and Agarwal, SOSP'24) over MEMTIS: its row, a quantum of 500 ms, times 24/1024. */
#include "mm/parts.h"

static const struct policy colloid_memtis = {
    .name = "colloid-memtis",
    .summary = "Colloid over MEMTIS: as much in the fast tier as makes both tiers equally quick under load",
    .source = "Vuppalapati and Agarwal, SOSP'24; github.com/host-architecture/colloid, its fork of MEMTIS (webglider/memtis)",
    .tracker = "sample",
    .classifier = "balance",
    .migrator = "sync",
    .keys = "balance_over=histogram sample_load=199 sample_store=100003 sample_mode=adaptive",
    .pace = {.window_us = 11719, .decide_windows = 1, .step_pages = 32},
};
REGISTER_POLICY(colloid_memtis);
