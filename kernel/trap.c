#include "kernel/trap.h"
#include "kernel/clock.h"
#include "kernel/cpu.h"
#include "kernel/panic.h"
#include "model/abi.h"

enum { SEGMENT_CODE = 0x08, SEGMENT_TSS = 0x10 };
enum { IST_DOUBLE_FAULT = 1, IST_NMI = 2, IST_MACHINE_CHECK = 3, IST_TICK = 4 };

#define STACK_BYTES (16 * KIB)

/* Each stack stands above a guard page: paging_init() leaves the first page of every struct unmapped. */
struct stack {
    u8 guard[PAGE_SIZE];
    u8 bytes[STACK_BYTES];
} __attribute__((aligned(4096)));

__attribute__((section(".bss.stacks"))) struct stack stacks[5];

/* The initial stack pointer of boot/entry.asm. */
__asm__(".globl boot_stack_top\n.set boot_stack_top, stacks + 20480\n"
        ".globl machine_start\n.set machine_start, stacks + 4 * 20480"); /* the tick's stack, see linker.ld */
_Static_assert(sizeof(struct stack) == 20480, "boot_stack_top is the end of the first stack");

/* 64-bit TSS (SDM 3A, 7.7). */
struct tss {
    u32 reserved0;
    u64 rsp[3];
    u64 reserved1;
    u64 ist[7];
    u64 reserved2;
    u16 reserved3, iomap;
} __attribute__((packed));

/* Interrupt gate (SDM 3A, 6.14.1). */
struct gate {
    u16 offset_low, selector;
    u8 ist, type;
    u16 offset_middle;
    u32 offset_high, reserved;
};

/* Together, so that the model can leave the processor's own accesses to them out. */
#define MACHINE __attribute__((section(".bss.machine")))
static MACHINE struct tss tss;
static MACHINE u64 gdt[4]; /* null, code, and the TSS's two */
static MACHINE struct gate idt[256];
static trap_handler handlers[32];

extern char exception_stubs[], tick_stub[];

static void set_gate(unsigned vector, const char *entry, u8 ist)
{
    u64 offset = (u64)entry;

    idt[vector] = (struct gate){
        .offset_low = (u16)offset,
        .selector = SEGMENT_CODE,
        .ist = ist,
        .type = 0x8e, /* present, interrupt gate: IF is cleared on entry */
        .offset_middle = (u16)(offset >> 16),
        .offset_high = (u32)(offset >> 32),
    };
}

static void load_tables(void)
{
    struct {
        u16 limit;
        u64 base;
    } __attribute__((packed)) gdtr = {sizeof(gdt) - 1, (u64)gdt}, idtr = {sizeof(idt) - 1, (u64)idt};
    u64 base = (u64)&tss;

    tss.iomap = sizeof(tss);
    gdt[SEGMENT_CODE / 8] = 0x00209a0000000000; /* 64-bit code, ring 0 */
    gdt[2] = (sizeof(tss) - 1) | (base & 0xffffff) << 16 | 0x89ull << 40 | (base >> 24 & 0xff) << 56;
    gdt[3] = base >> 32;
    __asm__ volatile("lgdt %0\n\t"
                     "pushq %1\n\t"
                     "leaq 1f(%%rip), %%rax\n\t"
                     "pushq %%rax\n\t"
                     "lretq\n"
                     "1:\tltr %w2\n\t"
                     "lidt %3"
                     :
                     : "m"(gdtr), "i"(SEGMENT_CODE), "r"(SEGMENT_TSS), "m"(idtr)
                     : "rax", "memory");
}

/* The 8259 pair would raise vectors 8 to 15, which mean exceptions: remap it and mask every line (8259A data sheet). */
static void mask_legacy_interrupts(void)
{
    outb(0x20, 0x11);
    outb(0xa0, 0x11);
    outb(0x21, 0x20);
    outb(0xa1, 0x28);
    outb(0x21, 0x04);
    outb(0xa1, 0x02);
    outb(0x21, 0x01);
    outb(0xa1, 0x01);
    outb(0x21, 0xff);
    outb(0xa1, 0xff);
}

void trap_init(void)
{
    for (unsigned i = 1; i < ARRAY_SIZE(stacks); i++)
        tss.ist[i - 1] = (u64)stacks[i].bytes + STACK_BYTES;
    for (unsigned vector = 0; vector < 256; vector++)
        set_gate(vector, exception_stubs + vector * EXCEPTION_STUB_BYTES, 0);
    set_gate(VECTOR_DOUBLE_FAULT, exception_stubs + VECTOR_DOUBLE_FAULT * EXCEPTION_STUB_BYTES, IST_DOUBLE_FAULT);
    set_gate(2, exception_stubs + 2 * EXCEPTION_STUB_BYTES, IST_NMI);
    set_gate(18, exception_stubs + 18 * EXCEPTION_STUB_BYTES, IST_MACHINE_CHECK);
    set_gate(TICK_VECTOR, tick_stub, IST_TICK);
    load_tables();
    mask_legacy_interrupts();
}

void trap_tick_nests(bool nests)
{
    set_gate(TICK_VECTOR, tick_stub, nests ? 0 : IST_TICK);
}

void trap_set_handler(unsigned vector, trap_handler handler)
{
    ASSERT(vector < ARRAY_SIZE(handlers));
    handlers[vector] = handler;
}

/* Called by boot/stubs.asm. */
void exception_enter(struct trap_frame *frame);
void exception_enter(struct trap_frame *frame)
{
    trap_handler handler = frame->vector < ARRAY_SIZE(handlers) ? handlers[frame->vector] : NULL;

    if (handler) {
        booking_t before = clock_book(clock.booking ? BOOK_FAULT : BOOK_OFF);
        bool handled = handler(frame);
        clock_book(before);
        if (handled)
            return;
    }
    if (frame->vector != SPURIOUS_VECTOR)
        panic_exception(frame);
}

const char *trap_name(u64 vector)
{
    static const char *const names[] = {"divide error",
                                        "debug",
                                        "NMI",
                                        "breakpoint",
                                        "overflow",
                                        "bound range",
                                        "invalid opcode",
                                        "no FPU",
                                        "double fault",
                                        "",
                                        "invalid TSS",
                                        "segment not present",
                                        "stack fault",
                                        "general protection",
                                        "page fault",
                                        "",
                                        "x87 error",
                                        "alignment check",
                                        "machine check",
                                        "SIMD error"};

    return vector < ARRAY_SIZE(names) && names[vector][0] ? names[vector] : "unknown";
}
