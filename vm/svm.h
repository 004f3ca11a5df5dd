/*
 * AMD's virtual-machine extensions: the layout of a virtual machine's control block (VMCB), the events that leave a
 * machine, and switching the extensions on. References are to the AMD64 Architecture Programmer's Manual, vol. 2
 * (APM 2), chapter 15 and appendix B. Nothing else in the project knows these numbers.
 */
#pragma once

#include "kernel/types.h"

/* A segment register as the VMCB keeps it (APM 2, appendix B, table B-2). */
struct vmcb_segment {
    u16 selector, attributes; /* attributes: descriptor bits 55:52 and 47:40, side by side */
    u32 limit;
    u64 base;
};

/* APM 2, appendix B. What lies between the fields named here is not used and stays zero. */
struct vmcb {
    /* The control area: what leaves the machine, and why it was left. */
    u32 intercept_control_registers, intercept_debug_registers, intercept_exceptions;
    u32 intercept_first, intercept_second; /* INTERCEPT_* below */
    u8 unused0[0x40 - 0x14];
    u64 io_permissions, msr_permissions; /* physical addresses of bit maps; 1 intercepts */
    u64 tsc_offset;
    u32 asid;
    u8 tlb_control; /* TLB_FLUSH_* */
    u8 unused1[3];
    u64 virtual_interrupt;
    u64 interrupt_shadow;
    u64 exit_code, exit_info1, exit_info2; /* compare 32 bits of exit_code: QEMU writes no more for VMEXIT_INVALID */
    u64 exit_event;                        /* an event whose delivery the exit cut short; to be injected again */
    u64 nested_paging;
    u8 unused2[0xa8 - 0x98];
    u64 inject_event;
    u64 nested_cr3;
    u8 unused3[0x400 - 0xb8];

    /* The state-save area: what the machine is. */
    struct vmcb_segment es, cs, ss, ds, fs, gs, gdtr, ldtr, idtr, tr;
    u8 unused4[0x4cb - 0x4a0];
    u8 cpl;
    u32 unused5;
    u64 efer;
    u8 unused6[0x548 - 0x4d8];
    u64 cr4, cr3, cr0, dr7, dr6, rflags, rip;
    u8 unused7[0x5d8 - 0x580];
    u64 rsp;
    u8 unused8[0x5f8 - 0x5e0];
    u64 rax;
    u8 unused9[0x640 - 0x600]; /* STAR to SYSENTER_EIP: VMLOAD and VMSAVE keep them */
    u64 cr2;
    u8 unused10[0x668 - 0x648];
    u64 pat;
    u8 unused11[0x1000 - 0x670];
} __attribute__((packed, aligned(4096)));

#define VMCB_OFFSET(field, at) _Static_assert(offsetof(struct vmcb, field) == (at), "APM 2, appendix B: " #field)
VMCB_OFFSET(intercept_first, 0x00c);
VMCB_OFFSET(io_permissions, 0x040);
VMCB_OFFSET(asid, 0x058);
VMCB_OFFSET(tlb_control, 0x05c);
VMCB_OFFSET(virtual_interrupt, 0x060);
VMCB_OFFSET(exit_code, 0x070);
VMCB_OFFSET(exit_event, 0x088);
VMCB_OFFSET(nested_paging, 0x090);
VMCB_OFFSET(inject_event, 0x0a8);
VMCB_OFFSET(nested_cr3, 0x0b0);
VMCB_OFFSET(es, 0x400);
VMCB_OFFSET(tr, 0x490);
VMCB_OFFSET(cpl, 0x4cb);
VMCB_OFFSET(efer, 0x4d0);
VMCB_OFFSET(cr4, 0x548);
VMCB_OFFSET(rip, 0x578);
VMCB_OFFSET(rsp, 0x5d8);
VMCB_OFFSET(rax, 0x5f8);
VMCB_OFFSET(cr2, 0x640);
VMCB_OFFSET(pat, 0x668);
_Static_assert(sizeof(struct vmcb) == 4096, "one page");

/* Bits of intercept_first (APM 2, table B-1, offset 00Ch) and intercept_second (010h). */
#define INTERCEPT_INTERRUPT ((u32)1 << 0)
#define INTERCEPT_NMI       ((u32)1 << 1)
#define INTERCEPT_CPUID     ((u32)1 << 18)
#define INTERCEPT_HLT       ((u32)1 << 24)
#define INTERCEPT_INVLPGA   ((u32)1 << 26)
#define INTERCEPT_IO        ((u32)1 << 27)
#define INTERCEPT_MSR       ((u32)1 << 28)
#define INTERCEPT_TASK      ((u32)1 << 29)
#define INTERCEPT_SHUTDOWN  ((u32)1 << 31)

#define INTERCEPT_VMRUN   ((u32)1 << 0) /* the processor refuses a VMCB without it (APM 2, 15.5.1) */
#define INTERCEPT_VMMCALL ((u32)1 << 1)
#define INTERCEPT_SVM     ((u32)0x7c) /* VMLOAD, VMSAVE, STGI, CLGI, SKINIT */
#define INTERCEPT_MWAIT   ((u32)7 << 10)
#define INTERCEPT_XSETBV  ((u32)1 << 13)

/* Why the machine was left (APM 2, appendix C). */
enum vm_exit {
    VMEXIT_EXCEPTION = 0x40, /* and the vector */
    VMEXIT_INTERRUPT = 0x60,
    VMEXIT_NMI = 0x61,
    VMEXIT_CPUID = 0x72,
    VMEXIT_HLT = 0x78,
    VMEXIT_IO = 0x7b,
    VMEXIT_MSR = 0x7c,
    VMEXIT_SHUTDOWN = 0x7f,
    VMEXIT_VMMCALL = 0x81,
    VMEXIT_NPF = 0x400,
};
#define VMEXIT_INVALID 0xffffffffu

/* exit_info1 of a nested page fault (APM 2, 15.25.6). */
#define NPF_WRITE      ((u64)1 << 1)
#define NPF_RESERVED   ((u64)1 << 3)
#define NPF_GUEST_WALK ((u64)1 << 33) /* ... or that of a table on the guest's walk; a walk counts as a write */

/* exit_info1 of an I/O exit (APM 2, 15.10.2). exit_info2 is the next instruction's address. */
#define IO_INPUT      ((u64)1 << 0)
#define IO_STRING     ((u64)1 << 2)
#define IO_SIZE_SHIFT 4 /* three bits, of which one is set: 1, 2 or 4 bytes */

/* inject_event and exit_event (APM 2, 15.20). */
#define EVENT_EXCEPTION  ((u64)3 << 8)
#define EVENT_ERROR_CODE ((u64)1 << 11)
#define EVENT_VALID      ((u64)1 << 31)

#define TLB_FLUSH_NOTHING    0
#define TLB_FLUSH_ALL        1              /* entries of every address space, APM 2, 15.16.1 */
#define VIRTUAL_INTR_MASKING ((u64)1 << 24) /* the host's IF decides whether interrupts leave the machine (15.21.1) */

/* Why this processor cannot run machines, in words; null when it can. */
const char *svm_missing(void);

/* Switches the extensions on: EFER.SVME, and a page for what VMRUN keeps of the host. Once; again does nothing. What it allocates is
 * needed from then on. */
void svm_enable(void);

/* Port by port and register by register what a machine may touch by itself: nothing (APM 2, 15.10.1 and 15.11). */
extern paddr_t svm_no_ports, svm_no_registers;

/* Where the host's own FS, GS, TR, LDTR and system-call registers lie, which VMRUN does not switch. */
extern paddr_t svm_host_state;
