#include "vm/machine.h"
#include "kernel/console.h"
#include "kernel/cpu.h"
#include "lib/keys.h"
#include "kernel/panic.h"
#include "lib/string.h"
#include "mm/direct.h"
#include "mm/memory.h"
#include "mm/tlb.h"

/* What leaving a machine and entering it again costs beyond the instructions that the emulator counts: 1,344 to 1,376 cycles of an AMD
 * processor between VMRUN and the instruction behind it (Linux KVM, measured by perf in December 2020), at 2.4 GHz. */
static KEY_NUMBER(exit_ns, "exit_ns", 560, 0, 100000, "what a machine's exit and entry cost beyond their instructions");

/* Of guest-physical translations, at the next entry: no measured figure is published; 480 cycles at 2.4 GHz, arbitrary. */
static KEY_NUMBER(nested_flush_ns, "nested_flush_ns", 200, 0, 100000,
                  "what flushing a machine's translations costs beyond the refills");

#define SEGMENT_CODE_64  0xa9b /* present, ring 0, execute/read, long mode, granularity 4 KiB */
#define SEGMENT_DATA     0xc93
#define SEGMENT_TSS_BUSY 0x08b
#define SEGMENT_LDT      0x082

#define GUEST_EFER ((u64)(1 << 12 | 1 << 11 | 1 << 10 | 1 << 8)) /* SVME (VMRUN demands it), NXE, LMA, LME */
#define GUEST_CR0  ((u64)0x80010033)                             /* PG, WP, NE, ET, MP, PE */
#define GUEST_CR4  ((u64)0x6a0)                                  /* OSXMMEXCPT, OSFXSR, PGE, PAE */
#define GUEST_PAT  ((u64)0x0007040600070406)                     /* the reset value, APM 2, 7.8.2 */

void machine_init(struct machine *machine, unsigned index, struct space *memory)
{
    struct vmcb *v = kmem_alloc(sizeof(*v));

    svm_enable();
    *machine = (struct machine){.vmcb = v, .memory = memory, .cpu = {.vmcb_pa = virt_to_phys(v)}};
    machine->cpu.model_va = space_machine_va(index);
    v->intercept_first = INTERCEPT_INTERRUPT | INTERCEPT_NMI | INTERCEPT_CPUID | INTERCEPT_HLT | INTERCEPT_INVLPGA |
                         INTERCEPT_IO | INTERCEPT_MSR | INTERCEPT_TASK | INTERCEPT_SHUTDOWN;
    v->intercept_second = INTERCEPT_VMRUN | INTERCEPT_VMMCALL | INTERCEPT_SVM | INTERCEPT_MWAIT | INTERCEPT_XSETBV;
    v->io_permissions = svm_no_ports;
    v->msr_permissions = svm_no_registers;
    v->asid = index + 1;
    v->virtual_interrupt = VIRTUAL_INTR_MASKING;
    v->nested_paging = 1;
    v->nested_cr3 = virt_to_phys(memory->root);
}

void machine_reset(struct machine *machine, u64 cr3, vaddr_t rip, vaddr_t rsp)
{
    struct vmcb *v = machine->vmcb;
    struct vmcb_segment data = {.attributes = SEGMENT_DATA, .limit = UINT32_MAX};
    u16 *sse_control = (u16 *)machine->cpu.sse;
    u32 *sse_status = (u32 *)(machine->cpu.sse + 24);

    memset(&v->es, 0, sizeof(*v) - offsetof(struct vmcb, es));
    v->es = v->ss = v->ds = v->fs = v->gs = data;
    v->cs = (struct vmcb_segment){.attributes = SEGMENT_CODE_64, .limit = UINT32_MAX};
    v->tr = (struct vmcb_segment){.attributes = SEGMENT_TSS_BUSY};
    v->ldtr = (struct vmcb_segment){.attributes = SEGMENT_LDT};
    v->efer = GUEST_EFER;
    v->cr0 = GUEST_CR0;
    v->cr3 = cr3;
    v->cr4 = GUEST_CR4;
    v->pat = GUEST_PAT;
    v->dr6 = 0xffff0ff0; /* the reset values of both */
    v->dr7 = 0x400;
    v->rflags = 2; /* interrupts off; bit 1 is always set */
    v->rip = rip;
    v->rsp = rsp;
    v->inject_event = v->exit_event = v->interrupt_shadow = 0;
    memset(machine->cpu.sse, 0, sizeof(machine->cpu.sse));
    *sse_control = 0x37f; /* FCW and MXCSR at their reset values, APM 2, table 14-1 */
    *sse_status = 0x1f80;
    memset(&machine->cpu.rbx, 0, offsetof(struct machine_cpu, vmcb_pa) - offsetof(struct machine_cpu, rbx));
    memset(&machine->counts, 0, sizeof(machine->counts));
    machine->ended[0] = 0;
}

void machine_kill(struct machine *machine, const char *format, ...)
{
    va_list args;

    if (machine->ended[0])
        return;
    va_start(args, format);
    kvsnprintf(machine->ended, sizeof(machine->ended), format, args);
    va_end(args);
}

u64 machine_exit_ps(void)
{
    return exit_ns * 1000;
}

u32 machine_enter(struct machine *machine)
{
    struct vmcb *v = machine->vmcb;

    ASSERT(clock.booking == BOOK_OFF || machine->cpu.booking == BOOK_OFF);
    machine->cpu.host_booking = clock.booking;
    v->tlb_control = TLB_FLUSH_NOTHING;
    if (machine->flushes_seen != tlb_flushes) {
        machine->flushes_seen = tlb_flushes;
        v->tlb_control = TLB_FLUSH_ALL;
        if (machine->cpu.booking)
            clock_charge(ACCOUNT_OTHER, nested_flush_ns * 1000);
    }
    clock_machine_enters();
    machine_switch(&machine->cpu);
    clock_machine_left(machine->cpu.booking, machine->cpu.tsc_out - machine->cpu.tsc_in - SWITCH_INSNS);
    v->inject_event = 0;
    return (u32)v->exit_code;
}

/* An access, or a table on the way to it, that the nested tables do not allow: the space's business, as a page fault is. */
static void nested_fault(struct machine *machine)
{
    struct vmcb *v = machine->vmcb;
    u64 page = v->exit_info2 >> PAGE_SHIFT, why = v->exit_info1;
    booking_t before = clock_book(machine->cpu.booking | clock.booking ? BOOK_FAULT : BOOK_OFF);
    bool served = page < machine->memory->nr_pages && !(why & NPF_RESERVED);

    machine->counts.nested_faults++;
    if (!frame_pool(TIER_FAST)->nr_free && !frame_pool(TIER_SLOW)->nr_free && page < machine->memory->nr_pages &&
        !space_resident(machine->memory, (u32)page))
        machine_kill(machine, "no frame is left for its first touch of guest-physical %lx", v->exit_info2);
    else if (served)
        space_fault(machine->memory, (u32)page, why & NPF_WRITE);
    clock_book(before);
    if (!served)
        machine_kill(machine, "%s at guest-physical %lx outside of its memory (RIP %lx)",
                     why & NPF_GUEST_WALK ? "a walk of its tables"
                     : why & NPF_WRITE    ? "a write"
                                          : "an access",
                     v->exit_info2, v->rip);
    if (v->exit_event & EVENT_VALID) /* the fault came while an event was being delivered: deliver it again (15.7.2) */
        v->inject_event = v->exit_event;
}

/* The host's processor without what a machine cannot have: SVM, XSAVE (its state is not switched), local APIC, MONITOR. */
static void answer_cpuid(struct machine *machine)
{
    u32 leaf = (u32)machine->vmcb->rax, out[4];

    cpuid(leaf, (u32)machine->cpu.rcx, out);
    if (leaf == 1) {
        out[2] &= ~(u32)(1 << 3 | 1 << 21 | 1 << 26 | 1 << 27 | 1 << 28); /* MONITOR, x2APIC, XSAVE, OSXSAVE, AVX */
        out[2] |= (u32)1 << 31;                                           /* a hypervisor is present */
        out[3] &= ~(u32)(1 << 9);                                         /* APIC */
    } else if (leaf == 0x80000001) {
        out[2] &= ~(u32)(1 << 2); /* SVM */
    } else if (leaf == 7 || leaf == 0xd || leaf == 0x8000000a) {
        memset(out, 0, sizeof(out));
    }
    machine->vmcb->rax = out[0]; /* a 32-bit result clears the upper half */
    machine->cpu.rbx = out[1];
    machine->cpu.rcx = out[2];
    machine->cpu.rdx = out[3];
}

/* An empty bus: reads give ones, writes go nowhere; string instructions move nothing. */
static void answer_io(struct machine *machine)
{
    struct vmcb *v = machine->vmcb;
    u64 size = v->exit_info1 >> IO_SIZE_SHIFT & 7;

    if ((v->exit_info1 & (IO_INPUT | IO_STRING)) == IO_INPUT)
        v->rax = size == 4 ? UINT32_MAX : v->rax | (((u64)1 << 8 * size) - 1);
    v->rip = v->exit_info2;
}

static void inject(struct machine *machine, unsigned vector, bool with_code)
{
    machine->vmcb->inject_event = vector | EVENT_EXCEPTION | EVENT_VALID | (with_code ? EVENT_ERROR_CODE : 0);
}

enum { VECTOR_INVALID_OPCODE = 6, VECTOR_GENERAL_PROTECTION = 13 };

/* Instructions without a next-RIP field: their lengths are known. True when machine_run() is to return. */
static bool deal_with(struct machine *machine, u32 code)
{
    struct vmcb *v = machine->vmcb;

    switch (code) {
    case VMEXIT_INTERRUPT:
    case VMEXIT_NMI:
        machine->counts.interrupts++;
        interrupts_global_on(); /* it is taken here */
        return false;
    case VMEXIT_NPF:
        nested_fault(machine);
        return false;
    case VMEXIT_VMMCALL:
        machine->counts.hypercalls++;
        v->rip += 3;
        return machine->hypercall(machine);
    case VMEXIT_CPUID:
        machine->counts.cpuids++;
        answer_cpuid(machine);
        v->rip += 2;
        return false;
    case VMEXIT_IO:
        machine->counts.ios++;
        answer_io(machine);
        return false;
    case VMEXIT_MSR:
        machine->counts.msrs++;
        inject(machine, VECTOR_GENERAL_PROTECTION, true);
        return false;
    case VMEXIT_HLT:
        machine_kill(machine, "halted for good: no interrupt will wake it (RIP %lx)", v->rip);
        return false;
    case VMEXIT_SHUTDOWN:
        machine_kill(machine, "triple fault (RIP %lx, CR2 %lx)", v->rip, v->cr2);
        return false;
    case VMEXIT_INVALID:
        machine_kill(machine, "the processor refuses its state (RIP %lx, CR0 %lx, EFER %lx)", v->rip, v->cr0, v->efer);
        return false;
    default: /* SVM's instructions, MWAIT, XSETBV: not there */
        inject(machine, VECTOR_INVALID_OPCODE, false);
        return false;
    }
}

bool machine_run(struct machine *machine)
{
    bool stop = false;

    while (!stop && !machine->preempt && !machine->ended[0]) {
        u32 code = machine_enter(machine);

        /* Ticks and calls are the laboratory's, and free. */
        if (code != VMEXIT_INTERRUPT && code != VMEXIT_VMMCALL && machine->cpu.booking)
            clock_charge(ACCOUNT_FAULT, machine_exit_ps());
        stop = deal_with(machine, code);
    }
    interrupts_global_on();
    return !machine->ended[0];
}
