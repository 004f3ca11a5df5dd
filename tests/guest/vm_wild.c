/*
 * Machines that mean harm: code made of random bytes, hypercalls with random arguments, random tables. Whatever they
 * do, they end or are stopped, and a neighbour's memory, the host's counts and the host itself stay as they were.
 */
#include "kernel/clock.h"
#include "kernel/cpu.h"
#include "lib/string.h"
#include "mm/direct.h"
#include "tests/guest/vm_guest.h"
#include "machines/payload.h"
#include "workloads/lib/random.h"

static u64 random = 1;

static u64 draw(void)
{
    return random_next(&random);
}

/* A neighbour: pages of the arena whose contents are known. */
enum { NEIGHBOUR_PAGES = 64 };

static void expect_neighbour_unharmed(void)
{
    u32 wrong = 0;

    for (u32 page = 0; page < NEIGHBOUR_PAGES; page++) {
        const u64 *words = space_bytes(&arena, page);
        for (u32 i = 0; i < PAGE_SIZE / sizeof(u64); i++)
            wrong += words[i] != guest_word(page, i);
    }
    EXPECT_EQ(0, wrong);
}

/* One that neither ends nor calls is stopped after some ticks, as a time slice would stop it. */
static unsigned ticks;

static void stop_it(void)
{
    if (++ticks == 3)
        machine_kill(&vm, "stopped");
    clock_arm(2000);
}

static void run_it(void)
{
    ticks = 0;
    clock_on_tick(stop_it);
    clock_arm(2000);
    interrupts_on();
    for (int calls = 0; calls < 50 && machine_run(&vm); calls++)
        ;
    interrupts_off();
    clock_arm(0);
}

static void random_registers(void)
{
    u64 *at = &vm.cpu.rbx;

    for (unsigned i = 0; i < 14; i++) /* half of them are addresses that mean something */
        at[i] = draw() & 1 ? vm_va((u32)(draw() % VM_PAGES)) + draw() % PAGE_SIZE : draw();
    vm.vmcb->rax = draw();
}

VM_CODE(calls, "1: vmmcall; jmp 1b");

/*
 * The processor ignores REX.R where an instruction names a segment register (AMD64 APM vol. 3, MOV). QEMU 10.0 takes it for a part of the
 * number and then writes beyond its own array of them, which ends the whole computer; 7.2 and 11.1 do not. No hypervisor
 * can keep a machine from it, so it is taken out: 8E with such a prefix before it.
 */
static void spare_qemu(u8 *code)
{
    for (u32 i = 0; i + 1 < PAGE_SIZE; i++)
        if (code[i + 1] == 0x8e && (code[i] & 0xf4) == 0x44)
            code[i] &= (u8)~4;
}

TEST_VM(wild_code, "vm.wild_code", "2,000 pages of random code in ring 0, with random registers, harm nobody")
{
    u32 ended = 0;

    guest_fill(0, NEIGHBOUR_PAGES, TIER_FAST);
    VM_START(calls);
    for (int round = 0; round < 2000; round++) {
        u64 *code = machine_bytes(&vm, VM_CODE_PAGE * PAGE_SIZE);
        for (u32 i = 0; i < PAGE_SIZE / sizeof(u64); i++)
            code[i] = draw();
        spare_qemu((u8 *)code);
        EXPECT(machine_map(&vm, VM_TABLES_PAGE, VM_STACK_PAGE)); /* it may have written to them */
        machine_reset(&vm, VM_TABLES_PAGE * PAGE_SIZE, vm_va(VM_CODE_PAGE), vm_va(VM_STACK_PAGE + 1));
        random_registers();
        run_it();
        ended += vm.ended[0] != 0;
    }
    EXPECT(ended > 1000);
    expect_neighbour_unharmed();
    space_clear(&arena);
    vm_clean();
}

/* Entries of every kind at every level: large, with addresses out of range, loops of tables, reserved bits. */
VM_CODE(walks, "1: mov (%rdi), %rax; mov %rax, (%rsi); add %rbx, %rdi; add %rcx, %rsi; jmp 1b");

TEST_VM(random_tables, "vm.random_tables",
        "2,000 sets of page tables full of random entries end the machine and nothing else")
{
    guest_fill(0, NEIGHBOUR_PAGES, TIER_FAST);
    VM_START(walks);
    for (int round = 0; round < 2000; round++) {
        EXPECT(machine_map(&vm, VM_TABLES_PAGE, VM_STACK_PAGE));
        for (u32 i = 0; i < 64; i++) {
            u64 *table = machine_bytes(&vm, (VM_TABLES_PAGE + draw() % machine_tables(VM_PAGES)) * PAGE_SIZE);
            table[draw() % PT_ENTRIES] = draw() & (draw() & 1 ? ~0ull : 0x0000000000fff7ff);
        }
        machine_reset(&vm, VM_TABLES_PAGE * PAGE_SIZE, vm_va(VM_CODE_PAGE), vm_va(VM_STACK_PAGE + 1));
        random_registers();
        run_it();
        EXPECT(vm.ended[0]);
        /* The code may have written over itself by some new name. */
        memcpy(machine_bytes(&vm, VM_CODE_PAGE * PAGE_SIZE), walks_start, (size_t)(walks_end - walks_start));
    }
    expect_neighbour_unharmed();
    space_clear(&arena);
    vm_clean();
}

static u64 answers;

static void take_phase(const char *name)
{
    answers += strlen(name) < PAYLOAD_TEXT_BYTES;
}

static void take_u64(const char *key, u64 value)
{
    (void)value;
    take_phase(key);
}

static void take_text(const char *key, const char *value)
{
    take_phase(key);
    for (; *value; value++)
        EXPECT(*value >= ' ' && *value <= '~');
}

static void take_ratio(const char *key, s64 numerator, u64 denominator)
{
    (void)numerator, (void)denominator;
    take_phase(key);
}

static const struct payload_host ears = {clock_now_ps, take_phase, take_u64, take_text, take_ratio};

static u64 random_argument(void)
{
    switch (draw() % 4) {
    case 0:
        return draw();
    case 1:
        return draw() % 64;
    case 2: /* boot page and image are there */
        return MACHINE_LINEAR + draw() % (40 * PAGE_SIZE);
    default:
        return UINT64_MAX - draw() % 64;
    }
}

/* It is told that it is running, reporting or whatever, in the middle of each of which it calls at random. */
TEST_VM(random_calls, "vm.random_calls",
        "a million hypercalls with random numbers and arguments are answered, refused, or end the machine")
{
    static struct payload p;
    static struct space memory;
    u32 ended = 0, lived = 0;

    guest_fill(0, NEIGHBOUR_PAGES, TIER_FAST);
    VM_START(calls); /* for its clean-up */
    space_init_nested(&memory, MAX_MACHINES - 2, 0, 2048);
    space_lend(&arena, &memory, 2048);
    p.host = &ears;
    machine_init(&p.machine, MAX_MACHINES - 2, &memory);
    payload_load(&p, "workload=hotset footprint=256K hot=64K", "");
    EXPECT_EQ(0, strlen(p.machine.ended));
    EXPECT_EQ(0, space_populate(&memory, p.data_page));
    for (int i = 0; i < 1000000; i++) {
        struct vmcb *v = p.machine.vmcb;
        p.function = (enum payload_function)(draw() % NR_PAYLOAD_FUNCTIONS);
        p.paused = draw() & 1;
        p.machine.ended[0] = 0;
        v->rax = draw() % 8 ? draw() % NR_HYPERCALLS : draw();
        p.machine.cpu.rdi = random_argument();
        p.machine.cpu.rsi = random_argument();
        p.machine.cpu.rdx = random_argument();
        v->rip = 0;
        p.machine.hypercall(&p.machine);
        *(p.machine.ended[0] ? &ended : &lived) += 1;
    }
    EXPECT(ended > 1000);
    EXPECT(lived > 1000);
    EXPECT(answers > 1000);
    expect_neighbour_unharmed();
    space_clear(&memory);
    space_lend(&memory, &arena, 2048);
    space_clear(&arena);
    vm_clean();
}
