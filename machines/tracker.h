/* scan=in-guest: a tracker of accessed or dirty bits that runs in the machine itself, in the place of the host's. */
#pragma once

#include "machines/payload.h"

/* Puts it in the place of the run's tracker, for the only machine; refuses trackers that cannot be. Before the payload is loaded. */
void tracker_in_machine(struct payload *payload);
