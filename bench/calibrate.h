/* `calibrate`: latency and bandwidth of the modelled tiers as the guest sees them. The launcher sets the presets'
 * values beside. */
#pragma once

#include <stdbool.h>

/* Writes one `calibrate` record a figure. False (and why, on the console) when there is no model to calibrate. */
bool calibrate(void);
