/*
 * Runs in a virtual machine (`vms=1`): the arena is then a machine's guest-physical memory, and the program a stand-in
 * whose functions call those of the payload. All else is as in any run.
 */
#pragma once

#include "kernel/types.h"

/* How many machines the key asks for. Usable before memory is laid out. */
unsigned machines_wanted(void);

struct space;

/* Whose tables trackers look at in a machine's memory, as `scan=` says; its own of level 1 lie from that page on. */
void machines_scan(struct space *space, u32 leaf_tables_page);

/* The machine that the program runs in, to be looked at; null without one. */
struct machine;
const struct machine *machines_first(void);

/* For a tick of the only machine to ask first: payload_puts_off(). */
bool machines_put_off(void);

/*
 * After the processor has passed the self-test of accessed and dirty bits, puts the stand-in into `program`; not for several
 * machines, which are machines/corun.c's. Without vms= nothing. Refuses what a machine cannot run. Once a boot, after program_choose().
 */
void machines_init(void);
