#include "kernel/clock.h"
#include "platform/apic.h"
#include "kernel/cpu.h"
#include "kernel/exit.h"
#include "kernel/panic.h"
#include "kernel/trap.h"

#define APIC_HZ 1000000000ull /* QEMU's local APIC, whatever the accelerator */

struct clock clock;

/* Stored by boot/stubs.asm as early in a tick as possible. */
u64 tick_entry_tsc;

static clock_handler tick_handler;
static u64
    tick_overhead;    /* instructions of a tick behind its last rdtsc, measured; those before its first are known: */
#define TICK_BEFORE 3 /* boot/stubs.asm: two pushes and the rdtsc itself */
static const char *kind = "instructions";

static inline enum model_account account_of(booking_t booking)
{
    return booking & 0xff;
}

static inline void book_insns(u64 until)
{
    u64 insns = until - clock.last_tsc;
    enum model_account account = account_of(clock.booking);

    if (account == ACCOUNT_OFF)
        return;
    clock.account[account].insns += insns;
    clock.core_insns[clock.booking >> 8] += insns;
}

/* The workload's clock as booked so far: what runs now is not in it. */
static inline u64 booked_ps(void)
{
    return clock.core_insns[CORE_WORKLOAD] * clock.insn_ps + model_header()->core_ps[CORE_WORKLOAD] + clock.charged_ps;
}

u64 clock_now_ps(void)
{
    u64 now = booked_ps();

    if (account_of(clock.booking) != ACCOUNT_OFF && clock.booking >> 8 == CORE_WORKLOAD)
        now += (rdtsc() - clock.last_tsc) * clock.insn_ps;
    return now;
}

booking_t clock_book(booking_t to)
{
    booking_t from = clock.booking;

    book_insns(rdtsc());
    model_doorbells->account = ACCOUNT_OFF; /* the bookkeeping below is nobody's */
    clock.booking = to;
    model_doorbells->now_ps = booked_ps();
    model_doorbells->account = to;
    clock.last_tsc = rdtsc();
    return from;
}

void clock_machine_enters(void)
{
    model_doorbells->now_ps = clock_now_ps();
}

void clock_machine_left(booking_t booking, u64 insns)
{
    if (account_of(booking) == ACCOUNT_OFF)
        return;
    clock.account[account_of(booking)].insns += insns;
    clock.core_insns[booking >> 8] += insns;
}

void clock_charge(enum model_account account, u64 ps)
{
    clock.account[account].charged_ps += ps;
    clock.charged_ps += ps;
}

u64 clock_daemon_ps(void)
{
    return clock.core_insns[CORE_DAEMON] * clock.insn_ps + model_header()->core_ps[CORE_DAEMON];
}

void clock_reset(void)
{
    ASSERT(clock.booking == BOOK_OFF);
    model_doorbells->reset = 1;
    clock = (struct clock){.insn_ps = clock.insn_ps, .booking = BOOK_OFF, .last_tsc = rdtsc()};
}

const char *clock_kind(void)
{
    return kind;
}

/* Called by boot/stubs.asm, on the tick's own stack. What it books ends before the tick began. */
__attribute__((section(".text.uncharged"))) void tick_enter(void);
void tick_enter(void)
{
    booking_t interrupted = clock.booking;

    model_doorbells->account = ACCOUNT_OFF;
    book_insns(tick_entry_tsc - TICK_BEFORE);
    clock.booking = BOOK_OFF;
    apic_end_of_interrupt();
    if (tick_handler)
        tick_handler();
    clock.booking = interrupted;
    model_doorbells->now_ps = booked_ps();
    model_doorbells->account = interrupted;
    clock.last_tsc = rdtsc() + tick_overhead;
}

clock_handler clock_on_tick(clock_handler handler)
{
    clock_handler before = tick_handler;

    tick_handler = handler;
    return before;
}

void clock_arm(u64 insns)
{
    apic_arm((u32)MIN(insns, UINT32_MAX));
}

u64 clock_hold(void)
{
    u32 left = apic_left();

    apic_arm(0);
    return left;
}

void clock_go_on(u64 left)
{
    if (left)
        clock_arm(left);
}

/* Under icount the same instructions give the same difference, every time. */
static bool tsc_counts_instructions(void)
{
    u64 first = 0;

    for (int i = 0; i < 8; i++) {
        u64 start = rdtsc();
        for (volatile int turn = 0; turn < 100; turn++)
            ;
        u64 insns = rdtsc() - start;
        if (i && insns != first)
            return false;
        first = insns;
    }
    return true;
}

/* A tick raised by software must not move the clock: what it does move is the overhead. */
static void measure_tick(void)
{
    u64 without, with;

    clock_book(BOOK_OTHER);
    u64 start = clock.account[ACCOUNT_OTHER].insns;
    clock_book(BOOK_OFF);
    without = clock.account[ACCOUNT_OTHER].insns - start;
    clock_book(BOOK_OTHER);
    start = clock.account[ACCOUNT_OTHER].insns;
    __asm__ volatile("int %0" : : "i"(TICK_VECTOR) : "memory");
    clock_book(BOOK_OFF);
    with = clock.account[ACCOUNT_OTHER].insns - start;
    tick_overhead +=
        with - without - 1; /* the `int` itself stands for the instruction that a real tick does not have */
}

/* The TSC's frequency against the APIC timer. */
static void measure_tsc(void)
{
    const u32 counts = 20000000; /* 20 ms */

    apic_arm(UINT32_MAX);
    u32 from = apic_left();
    u64 start = rdtsc();
    while (from - apic_left() < counts)
        __asm__ volatile("pause");
    u64 ticks = rdtsc() - start;
    apic_arm(0);
    clock.insn_ps = counts * (1000000000000ull / APIC_HZ) / ticks;
}

static volatile bool ticked;

static void first_tick(void)
{
    ticked = true;
}

/* Everything periodic hangs on the timer: a run without ticks would end well and have measured nothing. 10 us are asked
 * for; the bound is some tenths of a second on any processor. */
static void await_first_tick(void)
{
    clock_on_tick(first_tick);
    apic_arm(10000);
    interrupts_on();
    for (u32 turn = 0; !ticked && turn < 10000000; turn++)
        __asm__ volatile("pause");
    interrupts_off();
    clock_on_tick(NULL);
    if (!ticked)
        unfit("the local APIC's timer was started and no tick came");
}

void clock_init(void)
{
    await_first_tick();
    clock.insn_ps = model_header()->insn_ps;
    if (!tsc_counts_instructions()) {
        kind = "measured";
        measure_tsc();
    } else {
        kind = model_present() ? "modelled" : "instructions";
        measure_tick();
    }
    clock_reset();
}
