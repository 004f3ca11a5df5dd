/* How far the run goes before the next prompt. */
#pragma once

#include "lab/moment.h"

/* Becomes the run's spectator. The timer is not in use yet. */
void stops_init(void);

/* One line: time, phase, window, pages moved, share of requests that the fast tier served. */
void stops_where(const char *why);

/* The program's work is done: what is left is to verify. */
bool stops_at_end(void);
