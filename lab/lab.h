/* The laboratory: what one boot does. Everything here is called by kmain, in this order. */
#pragma once

#include "mm/space.h"

/* The one managed space of today. */
extern struct space arena;

/* Sizes both tiers' frame pools for the run's policy. */
void lab_memory_init(void);

/* Creates the arena, shakes hands with the model, routes page faults. */
void lab_arena_init(void);

/* Ends the second mapping of the arena by which setup and verify work: pages may move from now on. */
void arena_view_close(void);

/* Makes the emulator's TLB large enough for the pages that are mapped; takes no modelled time. Clock paused. */
void arena_grow_emulator_tlb(void);

/* Carries out `do=` and ends the machine with the matching exit code. */
__attribute__((noreturn)) void lab_main(void);
