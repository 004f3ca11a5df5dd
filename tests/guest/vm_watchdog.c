/*
 * Machines that do not come back from what their host calls them for, in every way there is, and those that come back just in time: the first
 * end, the others lose nothing, and the run's ticks come once each, when they may.
 */
#include "kernel/clock.h"
#include "kernel/cpu.h"
#include "kernel/panic.h"
#include "kernel/trap.h"
#include "lib/string.h"
#include "machines/payload.h"
#include "machines/watchdog.h"
#include "tests/guest/vm_guest.h"

enum { PAGES = 2048 };

static struct payload p;
static struct space memory;
static u64 limit_before, ticks;

VM_CODE(nothing, "hlt");
VM_CODE(spins, "jmp .");
VM_CODE(exits, "1: xor %eax, %eax; cpuid; jmp 1b");
VM_CODE(asks, "1: mov $5, %eax; vmmcall; jmp 1b"); /* HYPERCALL_NOW */
VM_CODE(counts, "1: dec %rsi; jnz 1b; xor %eax, %eax; mov $7, %edi; vmmcall");
VM_CODE(rests, "mov $3, %eax; vmmcall; jmp .");
VM_CODE(rests_a_while, "mov $3, %eax; vmmcall; 1: dec %rsi; jnz 1b; mov $4, %eax; vmmcall; jmp .");
_Static_assert(HYPERCALL_DONE == 0 && HYPERCALL_PAUSE == 3 && HYPERCALL_RESUME == 4 && HYPERCALL_NOW == 5, "written out in the code above");

static u64 no_time(void)
{
    return 0;
}

static const struct payload_host ears = {.now_ps = no_time};

static void enters(const char *code, const char *end)
{
    memcpy(machine_bytes(&p.machine, p.header.entry - MACHINE_LINEAR), code, (size_t)(end - code));
}

#define ENTERS(name) enters(name##_start, name##_end)

/* A fresh machine, with a million instructions for each call. */
static void load(void)
{
    space_clear(&memory);
    payload_load(&p, "workload=hotset footprint=256K hot=64K", "");
    ASSERT(!p.machine.ended[0]);
    watchdog_minsns = 1;
    ticks = 0;
}

static void start(void)
{
    VM_START(nothing); /* for its clean-up */
    space_init_nested(&memory, MAX_MACHINES - 2, 0, PAGES);
    space_lend(&arena, &memory, PAGES);
    p = (struct payload){.looks = true, .host = &ears};
    machine_init(&p.machine, MAX_MACHINES - 2, &memory);
    limit_before = watchdog_minsns;
    load();
}

static void stop(void)
{
    watchdog_minsns = limit_before;
    clock_on_tick(NULL);
    space_clear(&memory);
    space_lend(&memory, &arena, PAGES);
    space_clear(&arena);
    vm_clean();
}

static bool ended_as(const char *text)
{
    return !strcmp(p.machine.ended, text);
}

static const void *tick_stack;

static void count_tick(void)
{
    tick_stack = __builtin_frame_address(0);
    ticks++;
}

/* Lets in what is pending. */
static void let_in(void)
{
    interrupts_on();
    __asm__ volatile("nop; nop; nop");
    interrupts_off();
}

TEST_VM(never_back, "vm.never_back", "a machine that does not return from a call, or only to be entered again, ends with the reason, and the run has no tick of it")
{
    static const struct {
        const char *start, *end;
    } ways[] = {{spins_start, spins_end}, {exits_start, exits_end}, {asks_start, asks_end}};

    start();
    clock_on_tick(count_tick);
    for (unsigned i = 0; i < ARRAY_SIZE(ways); i++) {
        load();
        enters(ways[i].start, ways[i].end);
        EXPECT_EQ(0, payload_call(&p, PAYLOAD_VERIFY, 0));
        EXPECT(ended_as("did not return from verify within call_minsns=1 million instructions"));
        let_in();
        EXPECT_EQ(0, ticks);
    }
    load();
    memcpy(machine_bytes(&p.machine, offsetof(struct payload_boot, look)), spins_start, (size_t)(spins_end - spins_start));
    EXPECT(!payload_look(&p, 0, PAGES, LOOK_ACCESSED_FLUSH_ALL, BOOK_OFF));
    EXPECT(ended_as("did not return from look within call_minsns=1 million instructions"));
    /* Longer than the timer is armed for at once. */
    load();
    watchdog_minsns = 250;
    ENTERS(counts);
    EXPECT_EQ(7, payload_call(&p, PAYLOAD_VERIFY, 124900000));
    EXPECT_EQ(0, payload_call(&p, PAYLOAD_VERIFY, 125100000));
    EXPECT(ended_as("did not return from verify within call_minsns=250 million instructions"));
    let_in();
    EXPECT_EQ(0, ticks);
    stop();
}

static void raise_tick(void)
{
    __asm__ volatile("int %0" : : "i"(TICK_VECTOR) : "memory");
}

static u64 turns, outcome;

/* On the ticks' own stack, as the run's handler calls. */
static void call_in_tick(void)
{
    volatile u64 before[32];

    for (unsigned i = 0; i < ARRAY_SIZE(before); i++)
        before[i] = i ^ turns;
    outcome = payload_call(&p, PAYLOAD_EXPIRED, turns);
    for (unsigned i = 0; i < ARRAY_SIZE(before); i++)
        EXPECT_EQ(i ^ turns, before[i]);
    ticks++;
}

TEST_VM(just_in_time, "vm.just_in_time", "a machine that returns to a tick's handler when its time is nearly, just, or hardly up returns, or ends, and harms nobody")
{
    u64 least = 1, most = 600000, returned = 0, ended = 0;

    start();
    clock_on_tick(call_in_tick);
    while (most - least > 1) { /* two instructions a turn: where the time is up */
        load();
        ENTERS(counts);
        turns = (least + most) / 2;
        raise_tick();
        *(p.machine.ended[0] ? &most : &least) = turns;
    }
    EXPECT(least > 400000 && most < 500000);
    ticks = 0;
    for (turns = least - 150; turns < most + 150; turns++) {
        if (p.machine.ended[0]) {
            u64 had = ticks;
            load();
            ticks = had;
            ENTERS(counts);
        }
        raise_tick();
        EXPECT_EQ(p.machine.ended[0] ? 0 : 7, outcome);
        let_in(); /* nothing is left of it */
        *(p.machine.ended[0] ? &ended : &returned) += 1;
    }
    EXPECT(returned >= 100 && ended >= 100);
    EXPECT_EQ(returned + ended, ticks);
    stop();
}

TEST_VM(due_tick, "vm.due_tick", "a tick that is due while a machine is called comes when interrupts are on again, once, and is not the machine's")
{
    const void *own_stack;
    u64 interrupts;

    clock_on_tick(count_tick);
    raise_tick();
    own_stack = tick_stack;
    start();
    ENTERS(counts);
    interrupts = p.machine.counts.interrupts;
    clock_on_tick(count_tick);
    clock_arm(1);
    EXPECT_EQ(7, payload_call(&p, PAYLOAD_WORK, 1000));
    EXPECT_EQ(7, payload_call(&p, PAYLOAD_WORK, 1000));
    EXPECT_EQ(0, ticks);
    EXPECT_EQ(interrupts, p.machine.counts.interrupts);
    let_in();
    EXPECT_EQ(1, ticks);
    EXPECT(tick_stack == own_stack);
    let_in();
    EXPECT_EQ(1, ticks);
    stop();
}

/* As the run's handler. */
static void tick(void)
{
    if (payload_puts_off(&p))
        return;
    EXPECT(!p.paused || p.machine.ended[0]);
    ticks++;
    p.machine.preempt = true;
}

static bool turn(void)
{
    bool goes_on;

    clock_on_tick(tick);
    clock_arm(5000);
    interrupts_on();
    goes_on = payload_go_on(&p);
    interrupts_off();
    clock_arm(0);
    return goes_on;
}

TEST_VM(pauses, "vm.pauses", "in a pause of a machine's work no tick comes; one that is due comes when it is over, and one that is never over ends it")
{
    start();
    ENTERS(rests_a_while);
    payload_work(&p, 20000);
    EXPECT(turn());
    EXPECT_EQ(1, ticks);
    EXPECT_EQ(1, p.machine.counts.interrupts);
    EXPECT(turn()); /* the handler is the run's again */
    EXPECT_EQ(2, ticks);
    load();
    ENTERS(rests);
    payload_work(&p, 1);
    EXPECT(!turn());
    EXPECT(ended_as("did not return from a pause within call_minsns=1 million instructions"));
    let_in();
    EXPECT_EQ(1, ticks);
    stop();
}
