#include "kernel/apic.h"
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
};

static volatile u8 *base;

static void write_register(unsigned offset, u32 value)
{
    *(volatile u32 *)(base + offset) = value;
}

void apic_init(paddr_t registers)
{
    base = map_device(registers, PAGE_SIZE);
    write_register(REG_SPURIOUS, SPURIOUS_ENABLE | SPURIOUS_VECTOR);
    write_register(REG_TIMER_DIVIDE, DIVIDE_BY_1);
    write_register(REG_LVT_TIMER, TICK_VECTOR); /* bits 17-18 zero: one-shot */
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
