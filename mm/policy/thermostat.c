/*
 * thermostat: Thermostat (Agarwal and Wenisch, ASPLOS'17), where base pages allow it: a random sample faults, cold pages go down as
 * far as a slowdown of 3 % goes, busy ones come back. It samples anew every 30 s (recalled), 703 ms here: eight windows.
 */
#include "mm/parts.h"

static const struct policy thermostat = {
    .name = "thermostat",
    .summary = "Thermostat: faults on a random sample, cold pages go down as far as a slowdown of 3 % goes, busy ones come back",
    .source = "Agarwal and Wenisch, ASPLOS'17; constants recalled; base pages in place of huge ones",
    .tracker = "poison",
    .classifier = "slowdown",
    .migrator = "batch",
    .pace = {.window_us = 87891, .decide_windows = 8, .step_pages = 32},
};
REGISTER_POLICY(thermostat);
