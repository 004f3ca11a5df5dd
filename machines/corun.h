/*
 * Several virtual machines on one virtual processor: each with its program, its memory (a space), its watch and its policy's state. They
 * take turns of `slice_us`, which the timer ends. A machine's clock stands still while others have their turn: its
 * program's deadlines and times are in its own time. Windows, steps and moves are on the clock of all, as is the daemon that serves all.
 *
 * Each does its warm-up and its measured phase at its own pace; when it is done it is verified, recorded and gives its memory back,
 * while the others go on. So does a machine that ends for any other reason, but then the run fails in the end.
 */
#pragma once

#include "mm/space.h"

/* Refuses keys that go with several machines alone, or do not go with them. After policy_choose(). */
void corun_refuse(void);

/* The machines' memories, each a space of an equal part of `slow=`, with its share of `fast=`; tells the model. In the arena's place. */
void corun_spaces(void);

/* A space with frames, for the self-test. */
struct space *corun_lender(void);

/* Makes machines and watches. Once a boot, after machines_init(). */
void corun_init(void);

/* One run from setup to summary; false when a machine did not verify. */
bool corun_once(void);
