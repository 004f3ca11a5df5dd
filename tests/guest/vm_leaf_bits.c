/*
 * What trackers see of nested leaves of 2 MiB under a machine's own pages, after random lists of accesses: of the nested tables
 * one observation for the 512 pages of a leaf, of the machine's own tables the pages themselves.
 */
#include "lib/registry.h"
#include "lib/string.h"
#include "machines/leaves.h"
#include "mm/huge.h"
#include "mm/memory.h"
#include "mm/table_log.h"
#include "mm/tlb.h"
#include "tests/guest/vm_guest.h"
#include "workloads/lib/random.h"

enum {
    EPOCHS = 60,
    LIST_PAGE = 32,
    MOST = 100,
    BLOCKS = VM_PAGES / HUGE_PAGES,
    SPLIT_BLOCK = 3,
    OWN_TABLES_PAGE = VM_TABLES_PAGE + 3 /* of level 1, behind root, level 3 and level 2 */
};

/* RSI: a list of RCX addresses; from each is read, and where bit 0 is set is written, too. */
VM_CODE(leaf_list, "1: mov (%rsi), %rdi; btr $0, %rdi; mov (%rdi), %rax; jnc 2f; mov %rax, (%rdi);"
                   "2: add $8, %rsi; dec %rcx; jnz 1b; vmmcall");

extern const char *abit_flush; /* a key, set here in place of the command line */

static u64 random;
static bool read_or_written[VM_PAGES], written[VM_PAGES];
static struct observation room[VM_PAGES];

/* Accesses to data pages, as they come and in the account of pages. */
static void access_some(void)
{
    u64 *list = machine_bytes(&vm, LIST_PAGE * PAGE_SIZE);
    u32 count = 1 + (u32)(random_next(&random) % MOST), blocks = 1 + (u32)(random_next(&random) % BLOCKS);
    bool writes = random_next(&random) % 3;

    memset(read_or_written, 0, sizeof(read_or_written));
    memset(written, 0, sizeof(written));
    for (u32 i = 0; i < count; i++) {
        u32 page = VM_DATA_PAGE + (u32)(random_next(&random) % (blocks * HUGE_PAGES - VM_DATA_PAGE));
        bool write = writes && random_next(&random) % 2;
        list[i] = vm_va(page) | write;
        read_or_written[page] = true;
        written[page] |= write;
    }
    machine_reset(&vm, VM_TABLES_PAGE * PAGE_SIZE, vm_va(VM_CODE_PAGE), 0);
    vm.cpu.rcx = count;
    vm.cpu.rsi = vm_va(LIST_PAGE);
    EXPECT(machine_run(&vm));
}

static void start_machine(const struct tracker *tracker, u32 own_tables)
{
    VM_START_LEAVES(leaf_list);
    for (u32 page = 0; page < VM_PAGES; page += HUGE_PAGES)
        EXPECT_EQ(0, space_populate(&vm_memory, page));
    EXPECT_EQ(MOVED, huge_order(&vm_memory, (struct order){.page = SPLIT_BLOCK * HUGE_PAGES, .to = TO_SPLIT}));
    table_log_init(&vm_memory, own_tables, false, 0);
    parts_start(&vm_memory, tracker, NULL, NULL);
    random = 11;
}

static struct observations look(void)
{
    struct observations found = {.list = room};

    EXPECT(vm_memory.tracker->step(&vm_memory, &found));
    return found;
}

static bool any_of(const bool *pages, u32 block)
{
    bool any = false;

    for (u32 i = 0; i < HUGE_PAGES; i++)
        any |= pages[block * HUGE_PAGES + i];
    return any;
}

/* The machine's first 2 MiB hold code, list and tables, which every run reads, and to which its walks write. */
static void expect_leaves(const bool *pages, struct observations found, u8 how)
{
    u32 n = 0;

    for (u32 page = 0; page < VM_PAGES; page++) {
        bool large = page < SPLIT_BLOCK * HUGE_PAGES;
        if (large && (page % HUGE_PAGES || (page && !any_of(pages, page / HUGE_PAGES))))
            continue;
        if (!large && !pages[page])
            continue;
        EXPECT_EQ(page, found.list[n].page);
        EXPECT_EQ(1, found.list[n].weight);
        EXPECT_EQ(large ? how | OBSERVED_LEAF : how, found.list[n].flags);
        EXPECT_EQ(large ? HUGE_PAGES : 1, observation_pages(&found.list[n]));
        n++;
    }
    EXPECT_EQ(n, found.count);
}

/* QEMU's VMRUN drops all translations anyway, so that a flush is counted: without it a processor with ASIDs would keep them. */
static void look_at_nested(const char *name, const bool *pages, u8 how, bool by_page)
{
    u64 flushes;

    start_machine(leaves_part(name)->tracker, 0);
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        u64 visits = vm_memory.pte_visits;
        struct observations found;
        access_some();
        flushes = tlb_counts.full;
        found = look();
        EXPECT_EQ(by_page ? found.count : 1, tlb_counts.full - flushes);
        expect_leaves(pages, found, how);
        EXPECT_EQ(BLOCKS + HUGE_PAGES, vm_memory.pte_visits - visits);
    }
    flushes = tlb_counts.full;
    EXPECT_EQ(0, look().count); /* nothing was accessed since */
    EXPECT_EQ(flushes, tlb_counts.full);
    vm_clean();
}

TEST_VM(leaf_bits_nested, "vm.leaf_bits",
        "of nested leaves abit and dbit see one bit for 512 pages, of split ones each page's, visit one entry for a leaf, and flush")
{
    const char *key = abit_flush;

    look_at_nested("abit", read_or_written, OBSERVED_READ, false);
    look_at_nested("dbit", written, OBSERVED_WRITTEN, false);
    abit_flush = "page";
    look_at_nested("abit", read_or_written, OBSERVED_READ, true);
    abit_flush = key;
}

TEST_VM(leaf_bits_own, "vm.leaf_bits_own", "under nested leaves of 2 MiB a machine's own tables tell exactly which pages it accessed")
{
    start_machine(registry_find(&tracker_registry, "abit"), OWN_TABLES_PAGE);
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        struct observations found;
        u32 n = 0;
        access_some();
        found = look();
        for (u32 i = 0; i < found.count; i++) {
            if (found.list[i].page < VM_DATA_PAGE)
                continue;
            EXPECT(read_or_written[found.list[i].page]);
            EXPECT_EQ(OBSERVED_READ, found.list[i].flags);
            n++;
        }
        for (u32 page = 0; page < VM_PAGES; page++)
            n -= read_or_written[page];
        EXPECT_EQ(0, n);
    }
    vm_clean();
}
