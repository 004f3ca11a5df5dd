/*
 * How long a machine may take for what its host asks of it. Its own work is cut by the run's ticks, whatever it does. What it is called for
 * (machines/payload.h), and what it does in a pause, is no part of the run's time, so that no tick of the run's may fall in there; and yet it has
 * to end. There the timer is the watchdog's, and ticks do nothing but tell it that time passes. A machine that is still at it when the time is
 * up ends, as by any other mistake of its own. A tick of the run's that is due meanwhile comes afterwards, so that the run is the same as without
 * a watchdog.
 *
 * Time is the processor's instructions, the machine's and its host's: the same in every run, with the model and without.
 */
#pragma once

#include "vm/machine.h"

/* The key call_minsns: the bound on each call and each pause, in millions of instructions; at least 1. */
extern u64 watchdog_minsns;

/* What the machine runs between the two is watched; `what` says for whom it does it, and stays valid. Before and after, interrupts are off and the timer
 * is not armed; between them they are on. Also in a tick's handler. */
void watchdog_begin(struct machine *machine, const char *what);
void watchdog_end(void);

/* A pause needs no watchdog until the run's next tick, for which the timer is armed and interrupts are on. For this tick's handler: puts it off and
 * begins to watch. From then on watchdog_tick_due is true, until watchdog_pause_over() raises the tick anew; also when the machine has ended. */
void watchdog_pause(struct machine *machine, const char *what);
void watchdog_pause_over(void);
extern bool watchdog_tick_due;
