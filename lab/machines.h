/*
 * Runs in a virtual machine (`vms=1`): the arena is then a machine's guest-physical memory, and the program a stand-in
 * whose functions call those of the payload. All else is as in any run.
 */
#pragma once

#include "kernel/types.h"

/* Whether the key asks for a machine. Usable before memory is laid out. */
bool machines_wanted(void);

/* The machine that the program runs in, to be looked at; null without one. */
struct machine;
const struct machine *machines_first(void);

/*
 * Puts the stand-in into `program`, after the processor has passed the self-test of accessed and dirty bits. Without
 * vms= nothing. Refuses what a machine cannot run. Once a boot, after program_choose().
 */
void machines_init(void);
