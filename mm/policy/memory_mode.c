/*
 * memory-mode: Intel's memory mode of Optane. Hardware, not software, decides: the fast tier is a direct-mapped cache of lines in
 * front of the slow one, in which everything lies (model/memory_cache.h). It has windows and cycles, but no parts.
 */
#include "mm/parts.h"
#include "mm/policy/pace.h"

static const struct policy memory_mode = {
    .name = "memory-mode",
    .summary = "Intel's memory mode: everything lies in the slow tier, and hardware keeps lines of it in the fast one",
    .source = "Hildebrand and others, ISPASS'21; Lepers and Zwaenepoel, OSDI'23: direct-mapped, lines of 64 bytes",
    .tracker = "none",
    .classifier = "none",
    .migrator = "none",
    .pace = PACE_DEFAULT,
    .everything_in = true,
    .in = TIER_SLOW,
    .cached = true,
};
REGISTER_POLICY(memory_mode);
