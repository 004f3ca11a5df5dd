/*
 * The log of written pages on nested tables (tracker wlog) against what a processor with page-modification logging
 * would write: contents, order and full events follow from the first writes of data pages and the first walks of page
 * tables; and after every epoch the logged pages are those whose dirty bit is set.
 */
#include "kernel/panic.h"
#include "lib/registry.h"
#include "lib/string.h"
#include "mm/memory.h"
#include "mm/tlb.h"
#include "mm/track/wlog.h"
#include "tests/guest/vm_guest.h"
#include "workloads/lib/random.h"

enum { EPOCHS = 8, LIST_PAGE = 32, MAX_WRITES = 8 * 512, FIRST = VM_DATA_PAGE, PAGES = VM_PAGES - VM_DATA_PAGE };

/* RSI: a list of RCX addresses, each of which is written to. */
VM_CODE(writes_list, "1: mov (%rsi), %rdi; mov %rdi, (%rdi); add $8, %rsi; dec %rcx; jnz 1b; vmmcall");

static u64 random;
static u32 want[VM_PAGES], nr_want;
static bool wanted[VM_PAGES];

static void expect_page(u32 page)
{
    if (wanted[page])
        return;
    wanted[page] = true;
    want[nr_want++] = page;
}

/* The tables on the way to a page, from the root down: walks write to each before they come to the next. */
static void expect_walk(u32 page)
{
    u64 table = vm.vmcb->cr3;

    for (unsigned level = PT_LEVELS; level; level--) {
        expect_page(pfn_of(table));
        table = ((pte_t *)machine_bytes(&vm, table))[pt_index(vm_va(page), level)].bits & PTE_ADDRESS;
    }
}

/* Some pages often, most once, in no order; the code and the list are walked to, as they are used. */
static u32 make_list(void)
{
    u64 *list = machine_bytes(&vm, LIST_PAGE * PAGE_SIZE);
    u32 n = 1 + (u32)(random_next(&random) % MAX_WRITES);

    memset(wanted, 0, sizeof(wanted));
    nr_want = 0;
    expect_walk(VM_CODE_PAGE);
    for (u32 i = 0; i < n; i++) {
        u32 page = FIRST + (u32)(random_next(&random) % PAGES) % (i % 3 ? PAGES : 40);
        if (i % 512 == 0)
            expect_walk(LIST_PAGE + i / 512);
        list = machine_bytes(&vm, (LIST_PAGE + i / 512) * PAGE_SIZE);
        list[i % 512] = vm_va(page);
        expect_walk(page);
        expect_page(page);
    }
    return n;
}

/* What the log holds since it was last emptied, and whether dirty bits say the same. */
static void expect_log(const struct wlog *log, u64 full_before, u64 entries_before)
{
    u32 full = (nr_want - 1) / WLOG_ENTRIES, left = nr_want - full * WLOG_ENTRIES, wrong = 0;

    EXPECT_EQ(full, log->wlog_full - full_before);
    EXPECT_EQ(nr_want, log->wlog_entries - entries_before);
    EXPECT_EQ((u16)(WLOG_ENTRIES - 1 - left), log->index);
    for (u32 i = 0; i < left; i++)
        wrong += log->buffer[WLOG_ENTRIES - 1 - i] != space_va(&vm_memory, want[full * WLOG_ENTRIES + i]);
    EXPECT_EQ(0, wrong);
    for (u32 page = 0; page < VM_PAGES; page++)
        if (space_resident(&vm_memory, page))
            wrong += wanted[page] != !!(space_entry(&vm_memory, page)->bits & PTE_DIRTY);
    EXPECT_EQ(0, wrong);
}

TEST_VM(logs_as_pml, "vm.log",
        "the log of nested first writes has the contents, order and full events of hardware logging, tables included")
{
    const struct tracker *wlog = registry_find(&tracker_registry, "wlog");
    static struct observation room[VM_PAGES + 64];
    const struct wlog *log;
    u32 most = 0;

    VM_START(writes_list);
    for (u32 page = 0; page < VM_PAGES; page++)
        if (!space_resident(&vm_memory, page))
            ASSERT(!space_populate(&vm_memory, page));
    parts_start(&vm_memory, wlog, NULL, NULL);
    log = vm_memory.own[TRACKER];
    random = 3;
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        struct observations found = {.list = room};
        u64 full = log->wlog_full, entries = log->wlog_entries;
        for (u32 page = 0; page < VM_PAGES; page++)
            pte_clear_bits(space_entry(&vm_memory, page), PTE_DIRTY);
        machine_reset(&vm, VM_TABLES_PAGE * PAGE_SIZE, vm_va(VM_CODE_PAGE), 0);
        vm.cpu.rcx = make_list();
        vm.cpu.rsi = vm_va(LIST_PAGE);
        EXPECT(machine_run(&vm));
        expect_log(log, full, entries);
        most = MAX(most, nr_want);
        EXPECT(wlog->step(&vm_memory, &found)); /* reports and arms again */
        EXPECT_EQ(nr_want, found.count);
    }
    EXPECT(most > 2 * WLOG_ENTRIES);
    vm_clean();
}
