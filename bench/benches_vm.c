/* Microbenchmarks of virtual machines: the world switch, nested faults that note, nested entries that are scanned. */
#include "bench/bench.h"
#include "kernel/panic.h"
#include "lib/registry.h"
#include "lib/string.h"
#include "lab/lab.h"
#include "mm/memory.h"
#include "mm/track/hint.h"
#include "vm/machine.h"

/* The machine's pages: code, its own tables, and from DATA_PAGE on what it touches. */
enum { CODE_PAGE = 1, TABLES_PAGE = 2, DATA_PAGE = 64, DATA_PAGES = 2048, NR_PAGES = DATA_PAGE + DATA_PAGES };

/* RDI: where; RCX: how often. The last instruction ends it. */
__asm__(".pushsection .rodata\n"
        "vm_bench_calls: vmmcall; jmp vm_bench_calls\n"
        "vm_bench_loads: movb (%rdi), %al; add $4096, %rdi; dec %rcx; jnz vm_bench_loads; vmmcall\n"
        "vm_bench_stores: movb %al, (%rdi); add $4096, %rdi; dec %rcx; jnz vm_bench_stores; vmmcall\n"
        "vm_bench_end: .popsection\n");
extern const char vm_bench_calls[], vm_bench_loads[], vm_bench_stores[], vm_bench_end[];

static struct machine machine;
static struct space memory;
static const struct tracker *tracker;
static struct observations found;
static u64 calls_left;
static bool made;

static bool count_call(struct machine *m)
{
    (void)m;
    return !--calls_left;
}

/* All its pages have frames, so that the only faults are the tracker's. */
static void make(const char *tracker_name)
{
    if (!made) {
        found.list = kmem_alloc(OBSERVATIONS_PER_STEP * sizeof(struct observation));
        space_init_nested(&memory, MAX_MACHINES - 1, 0, NR_PAGES);
        machine_init(&machine, MAX_MACHINES - 1, &memory);
        machine.hypercall = count_call;
        made = true;
    }
    parts_stop(&memory);
    space_clear(&memory);
    if (!memory.share[TIER_FAST])
        space_lend(&arena, &memory, NR_PAGES);
    for (u32 page = 0; page < NR_PAGES; page++)
        ASSERT(!space_populate(&memory, page));
    ASSERT(machine_map(&machine, TABLES_PAGE, TABLES_PAGE));
    memcpy(machine_bytes(&machine, CODE_PAGE * PAGE_SIZE), vm_bench_calls, (size_t)(vm_bench_end - vm_bench_calls));
    tracker = registry_find(&tracker_registry, tracker_name);
}

static void aim(const char *code)
{
    machine_reset(&machine, TABLES_PAGE * PAGE_SIZE,
                  MACHINE_LINEAR + CODE_PAGE * PAGE_SIZE + (u64)(code - vm_bench_calls), 0);
    machine.cpu.rdi = MACHINE_LINEAR + DATA_PAGE * PAGE_SIZE;
    machine.cpu.rcx = DATA_PAGES;
    calls_left = 1;
}

static void run_to_the_call(void)
{
    if (!machine_run(&machine))
        PANIC("the machine has ended: %s", machine.ended);
}

static void clean_up(void)
{
    parts_stop(&memory);
    space_clear(&memory);
    space_lend(&memory, &arena, memory.share[TIER_FAST]);
}

static void prepare_calls(void)
{
    make("");
    aim(vm_bench_calls);
}

static void call(u64 ops)
{
    calls_left = ops;
    run_to_the_call();
}

static const struct bench vmrun_roundtrip = {
    .name = "vmrun_roundtrip",
    .summary = "a machine's call and its continuation, all registers and SSE switched",
    .ops = 4096,
    .prepare = prepare_calls,
    .run = call,
    .clean_up = clean_up,
    .missing = svm_missing,
};
REGISTER_BENCH(vmrun_roundtrip);

static void step(void)
{
    do
        found.count = 0;
    while (!tracker->step(&memory, &found));
}

static void protect(void)
{
    u64 usual = hint_pages;

    make("hint");
    hint_pages = NR_PAGES;
    parts_start(&memory, tracker, NULL, NULL);
    step();
    hint_pages = usual;
    for (u32 page = 0; page < DATA_PAGE; page++) /* but for the pages that every access needs */
        space_fault(&memory, page, false);
    aim(vm_bench_loads);
}

static void touch_all(u64 ops)
{
    (void)ops;
    run_to_the_call();
}

static const struct bench npf_note = {
    .name = "npf_note",
    .summary = "hint in a machine: a nested fault on a protected page that notes the access, and the access",
    .ops = DATA_PAGES,
    .prepare = protect,
    .run = touch_all,
    .clean_up = clean_up,
    .missing = svm_missing,
};
REGISTER_BENCH(npf_note);

static void arm(void)
{
    make("wlog");
    parts_start(&memory, tracker, NULL, NULL);
    for (u32 page = 0; page < DATA_PAGE; page++)
        space_fault(&memory, page, true);
    aim(vm_bench_stores);
}

static const struct bench npf_log = {
    .name = "npf_log",
    .summary =
        "wlog in a machine: a first write, logged by a nested fault; every 512th finds the log full and drains it",
    .ops = DATA_PAGES,
    .prepare = arm,
    .run = touch_all,
    .clean_up = clean_up,
    .missing = svm_missing,
};
REGISTER_BENCH(npf_log);

static void prepare_scan(void)
{
    make("abit");
    parts_start(&memory, tracker, NULL, NULL);
}

static void scan(u64 ops)
{
    (void)ops;
    step();
}

static const struct bench nested_pte_visit = {
    .name = "nested_pte_visit",
    .summary = "abit: a nested entry that was not accessed",
    .ops = NR_PAGES,
    .prepare = prepare_scan,
    .run = scan,
    .clean_up = clean_up,
    .missing = svm_missing,
};
REGISTER_BENCH(nested_pte_visit);
