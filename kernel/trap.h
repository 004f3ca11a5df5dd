/* Descriptor tables, exceptions and what they find on the stack. */
#pragma once

#include "kernel/types.h"

/* As boot/stubs.asm pushes it, lowest address first. */
struct trap_frame {
    u64 r15, r14, r13, r12, r11, r10, r9, r8, rdi, rsi, rbp, rbx, rdx, rcx, rax;
    u64 vector, error;
    u64 rip, cs, rflags, rsp, ss;
};

enum { VECTOR_DOUBLE_FAULT = 8, VECTOR_PAGE_FAULT = 14, TICK_VECTOR = 0x40, SPURIOUS_VECTOR = 0xff };

/* Bits of a page fault's error code (SDM 3A, 4.7). */
enum { PF_PRESENT = 1, PF_WRITE = 2, PF_RESERVED = 8, PF_FETCH = 16 };

/*
 * Loads our GDT, a TSS with stacks of their own for double fault, NMI, machine check and tick, and an IDT for all
 * 256 vectors. Interrupts stay off; the legacy interrupt controller is masked.
 */
void trap_init(void);

/* Whether a tick may come in the handler of another: on the stack of what it interrupts then, as the one that ticks have would be written over. */
void trap_tick_nests(bool nests);

/* A name for people: "page fault", "unknown". */
const char *trap_name(u64 vector);

/*
 * Whoever can deal with an exception says so here. A handler returns true when the interrupted code can go on.
 * There is one handler a vector; null takes it away. An exception without one is a panic. A handler runs booked as
 * ACCOUNT_FAULT; only the entry stub around it, some fifty instructions, stays with whom it interrupted.
 */
typedef bool (*trap_handler)(struct trap_frame *frame);
void trap_set_handler(unsigned vector, trap_handler handler);
