/*
 * A virtual machine: one virtual processor on SVM, and guest-physical memory that is a space like any other
 * (mm/space.h), whose tables are the nested ones. Three kinds of address never agree: the guest's virtual, the guest's
 * physical (a page's number in the space) and the host's physical one (the frame that the space gives it).
 *
 * A machine runs until it asks for something that only its owner can answer, or until it has ended: by a triple fault,
 * an access outside of its memory, or whatever else it has no right to. Then `ended` says why, and nobody else has
 * noticed.
 */
#pragma once

#include "kernel/clock.h"
#include "mm/space.h"
#include "vm/svm.h"

/* What vm/switch.asm reads and writes; the offsets are generated (kernel/offsets.c). */
struct machine_cpu {
    u8 sse[512] __attribute__((aligned(16))); /* FXSAVE's image */
    u64 rbx, rcx, rdx, rbp, rsi, rdi, r8_to_r15[8];
    paddr_t vmcb_pa;
    u64 model_va;        /* what the model adds to the machine's addresses; never 0 */
    u32 booking;         /* who pays for what the machine runs */
    u32 host_booking;    /* and for what comes after the switch */
    u64 tsc_in, tsc_out; /* read next to VMRUN and to the exit, with SWITCH_INSNS of our own between them */
};
#define SWITCH_INSNS 22

struct machine_counts { /* of exits, since machine_reset() */
    u64 interrupts, hypercalls, nested_faults, cpuids, ios, msrs;
};

struct machine {
    struct machine_cpu cpu;
    struct vmcb *vmcb;
    struct space *memory;
    struct machine_counts counts;
    char ended[200]; /* empty while it lives */
    u64 flushes_seen;
    bool preempt; /* set by a tick: machine_run() is to return, and will be called again */

    /* The machine executes VMMCALL, past which its RIP stands: answers in the registers. True when machine_run() is to return. */
    bool (*hypercall)(struct machine *machine);
};

/* Makes machine number `index` on a nested space and puts it in the state of machine_reset(). Switches SVM on; the caller has asked
 * svm_missing(). */
void machine_init(struct machine *machine, unsigned index, struct space *memory);

/* 64-bit mode, ring 0, interrupts off, flat segments, no descriptor tables, tables at guest-physical `cr3`, the first instruction at
 * `rip`; registers and SSE as after power-on, counts zero. So an exception in the machine is a triple fault. */
void machine_reset(struct machine *machine, u64 cr3, vaddr_t rip, vaddr_t rsp);

/* vm/switch.asm. */
void machine_switch(struct machine_cpu *cpu);

/* One entry and what runs until the first exit, whose code is returned. Deals with nothing. Global interrupts are left off. */
u32 machine_enter(struct machine *machine);

/* Enters again and again and deals with every exit, until `hypercall` says stop, `preempt` is set, or the machine has ended; false when it has. Ticks come
 * when the caller has interrupts on. The machine runs booked as cpu.booking; that or the present booking must be BOOK_OFF. */
bool machine_run(struct machine *machine);

/* What an exit and the entry behind it cost beyond their instructions. */
u64 machine_exit_ps(void);

/* Ends the machine; only the first reason is kept. */
__attribute__((format(printf, 2, 3))) void machine_kill(struct machine *machine, const char *format, ...);

/* The byte at a guest-physical address for the host, or null when the machine has no memory there (yet). */
void *machine_bytes(const struct machine *machine, u64 gpa);

/* Builds the machine's own tables in its pages from `first` on: guest-physical page n at MACHINE_LINEAR + n pages, writable, and
 * executable below `code_end`. They take machine_tables() pages; the first is the root. False when no frame is left. */
bool machine_map(struct machine *machine, u32 first, u32 code_end);
u32 machine_tables(u32 nr_pages);

/* Copies out of the machine, by its own tables as they are now, which may hold anything. False when some byte is not mapped. */
bool machine_read(const struct machine *machine, vaddr_t gva, void *to, size_t bytes);

/* Runs every row of the table in vm/selftest.c on a machine of its own, in frames of the lender's. Returns null, or a line that names
 * the first row that differs, valid until the next call. Needs SVM, free frames and interrupts off. */
const char *machine_selftest(struct space *lender);
