#include "platform/apic.h"
#include "kernel/cpu.h"
#include "kernel/exit.h"
#include "kernel/hooks.h"
#include "kernel/trap.h"
#include "mm/paging.h"

enum {
    REG_EOI = 0x0b0,
    REG_SPURIOUS = 0x0f0,
    REG_LVT_TIMER = 0x320,
    REG_TIMER_INITIAL = 0x380,
    REG_TIMER_CURRENT = 0x390,
    REG_TIMER_DIVIDE = 0x3e0,
    SPURIOUS_ENABLE = 1 << 8,
    DIVIDE_BY_1 = 0xb,
    LVT_MASKED = 1 << 16,
};

/* SDM 3A, 11.4.4: where the registers are, and the mode. */
enum { MSR_APIC_BASE = 0x1b, APIC_BASE_X2APIC = 1 << 10, APIC_BASE_ENABLED = 1 << 11 };

static volatile u8 *base;

static void write_register(unsigned offset, u32 value)
{
    *(volatile u32 *)(base + offset) = value;
}

void apic_init(void)
{
    u64 mode = rdmsr(MSR_APIC_BASE);

    if (!(mode & APIC_BASE_ENABLED))
        unfit("the firmware left the local APIC switched off (IA32_APIC_BASE is %lx); no tick would come", mode);
    if (mode & APIC_BASE_X2APIC)
        unfit("the firmware left the local APIC in x2APIC mode (IA32_APIC_BASE is %lx); xAPIC mode is needed", mode);
    base = map_device(ALIGN_DOWN(mode, PAGE_SIZE), PAGE_SIZE);
    write_register(REG_SPURIOUS, SPURIOUS_ENABLE | SPURIOUS_VECTOR);
    write_register(REG_TIMER_DIVIDE, DIVIDE_BY_1);
    write_register(REG_LVT_TIMER, TICK_VECTOR | (hook_is("tick") ? LVT_MASKED : 0)); /* bits 17-18 zero: one-shot */
}

void apic_arm(u32 counts)
{
    write_register(REG_TIMER_INITIAL, counts);
}

u32 apic_left(void)
{
    return *(volatile u32 *)(base + REG_TIMER_CURRENT);
}

void apic_end_of_interrupt(void)
{
    write_register(REG_EOI, 0);
}
