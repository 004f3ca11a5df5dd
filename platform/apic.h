/* The local APIC's timer, one-shot (SDM 3A, 11.5.4). Its input is 1 GHz in QEMU: one count an instruction under icount.
 */
#pragma once

#include "kernel/types.h"

/* Maps the registers and enables the local APIC; the timer stays off. unfit() when the firmware left it switched off,
 * or in x2APIC mode, where these registers do not exist. */
void apic_init(void);

/* Raises TICK_VECTOR once, after `counts` of the timer's input; 0 disarms it. */
void apic_arm(u32 counts);

/* What is left of the current count. */
u32 apic_left(void);

/* Must be called by the handler. */
void apic_end_of_interrupt(void);
