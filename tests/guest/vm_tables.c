/*
 * A scan of a machine's own tables that the write log steers (mm/table_log.h) against a scan of all of them: after the
 * same accesses it must observe the same pages, and look only at tables through which the machine has walked.
 */
#include "kernel/panic.h"
#include "lib/registry.h"
#include "lib/string.h"
#include "machines/table_pages.h"
#include "mm/bits.h"
#include "mm/table_log.h"
#include "mm/track/mlq.h"
#include "tests/guest/vm_guest.h"
#include "workloads/lib/random.h"

enum {
    EPOCHS = 40, /* a multiple of the queue's windows, 8 */
    LIST_PAGE = 32,
    MAX_ACCESSES = 200,
    TABLES = VM_PAGES / PT_ENTRIES,
    LEAF_TABLES_PAGE = VM_TABLES_PAGE + 3 /* behind root, level 3, level 2 of the GiB that MACHINE_LINEAR lies in */
};

/* RSI: a list of RCX addresses; from each is read, and where bit 0 is set is written, too. */
VM_CODE(access_list, "1: mov (%rsi), %rdi; btr $0, %rdi; mov (%rdi), %rax; jnc 2f; mov %rax, (%rdi);"
                     "2: add $8, %rsi; dec %rcx; jnz 1b; vmmcall");

static u64 random;
static u64 list[MAX_ACCESSES];
static u32 nr_listed, tables_touched;

/* Pages of some of the tables; the first one is always among them, by the code and the list. */
static void make_list(void)
{
    bool touched[TABLES] = {true};
    u32 tables = 1 + (u32)(random_next(&random) % TABLES);
    bool writes = random_next(&random) % 4; /* none at all in some lists */

    nr_listed = 1 + (u32)(random_next(&random) % MAX_ACCESSES);
    for (u32 i = 0; i < nr_listed; i++) {
        u32 page = VM_DATA_PAGE + (u32)(random_next(&random) % (tables * PT_ENTRIES - VM_DATA_PAGE));
        list[i] = vm_va(page) | (writes && random_next(&random) % 2);
        touched[page / PT_ENTRIES] = true;
    }
    tables_touched = 0;
    for (u32 i = 0; i < TABLES; i++)
        tables_touched += touched[i];
}

static void run_list(void)
{
    u64 *copy = machine_bytes(&vm, LIST_PAGE * PAGE_SIZE);

    for (u32 i = 0; i < nr_listed; i++)
        copy[i] = list[i];
    machine_reset(&vm, VM_TABLES_PAGE * PAGE_SIZE, vm_va(VM_CODE_PAGE), 0);
    vm.cpu.rcx = nr_listed;
    vm.cpu.rsi = vm_va(LIST_PAGE);
    EXPECT(machine_run(&vm));
}

static struct mlq *queue(void)
{
    return vm_memory.own[TRACKER];
}

static void start(const char *tracker, bool logged, bool queueing)
{
    VM_START(access_list);
    for (u32 page = 0; page < VM_PAGES; page++)
        if (!space_resident(&vm_memory, page))
            ASSERT(!space_populate(&vm_memory, page));
    EXPECT_EQ(VM_TABLES_PAGE + machine_tables(VM_PAGES), LEAF_TABLES_PAGE + TABLES);
    table_log_init(&vm_memory, LEAF_TABLES_PAGE, logged, 0);
    parts_start(&vm_memory, registry_find(&tracker_registry, tracker), NULL, NULL);
    if (vm_memory.tracker == registry_find(&tracker_registry, "mlq"))
        queue()->queueing = queueing;
    random = 5;
}

static struct observation all[EPOCHS][MAX_ACCESSES + 64], room[VM_PAGES];
static u32 nr_all[EPOCHS];

static u32 window(void)
{
    struct observations found = {.list = room};
    pte_t *table = space_entry(&vm_memory, LEAF_TABLES_PAGE);

    make_list();
    run_list();
    if (nr_listed % 2) /* a migrator takes D, as of any page that it copies: it leaves word */
        watch_dirty(table);
    EXPECT(vm_memory.tracker->step(&vm_memory, &found));
    unwatch_dirty(table);
    return found.count;
}

/* What a scan of all tables observes, in every epoch. */
static void record(const char *tracker)
{
    start(tracker, false, false);
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        u64 visits = vm_memory.pte_visits;
        nr_all[epoch] = window();
        ASSERT(nr_all[epoch] <= ARRAY_SIZE(all[epoch]));
        for (u32 i = 0; i < nr_all[epoch]; i++)
            all[epoch][i] = room[i];
        EXPECT_EQ(VM_PAGES, vm_memory.pte_visits - visits);
    }
    EXPECT_EQ(0, vm_memory.table_log.entries);
    vm_clean();
}

static u32 differences(int epoch, u32 count)
{
    u32 wrong = count != nr_all[epoch];

    for (u32 i = 0; i < MIN(count, nr_all[epoch]); i++)
        wrong += room[i].page != all[epoch][i].page || room[i].weight != all[epoch][i].weight ||
                 room[i].flags != all[epoch][i].flags;
    return wrong;
}

/* What was added behind the first `count` of an epoch's observations: page of each table that an entry was observed of, and the upper three. */
static u32 wrong_tables(const struct observations *found, u32 count)
{
    u32 times[VM_PAGES] = {0}, wrong = 0;
    bool hit[TABLES] = {false};

    for (u32 i = 0; i < count; i++)
        hit[room[i].page / PT_ENTRIES] = true;
    for (u32 i = count; i < found->count; i++) {
        times[room[i].page]++;
        wrong += room[i].weight != 1 || room[i].flags != OBSERVED_WRITTEN;
    }
    for (u32 page = 0; page < VM_PAGES; page++)
        wrong += times[page] != (page >= LEAF_TABLES_PAGE && page < LEAF_TABLES_PAGE + TABLES
                                     ? hit[page - LEAF_TABLES_PAGE]
                                     : page >= VM_TABLES_PAGE && page < LEAF_TABLES_PAGE);
    return wrong;
}

TEST_VM(table_pages, "vm.table_pages", "bits in a machine's own table tell of an access to the table's page, once a window")
{
    u32 spared = 0;

    start("abit", false, false);
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        u32 count = window();
        struct observations found = {.list = room, .count = count};

        table_pages_observe(&vm_memory, &found);
        EXPECT_EQ(count + tables_touched + 3, found.count);
        EXPECT_EQ(0, wrong_tables(&found, count));
        spared += TABLES - tables_touched;
    }
    EXPECT(spared > EPOCHS / 2);
    room[0].page = PT_ENTRIES; /* a step that is not a window's first tells nothing of the upper levels */
    struct observations later = {.list = room, .count = 1}, none = {.list = room};
    table_pages_observe(&vm_memory, &later);
    table_pages_observe(&vm_memory, &none);
    EXPECT_EQ(2, later.count);
    EXPECT_EQ(LEAF_TABLES_PAGE + 1, room[1].page);
    EXPECT_EQ(0, none.count);
    vm_clean();
}

static void compare(const char *tracker)
{
    u32 spared = 0;

    record(tracker);
    start(tracker, true, false);
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        u64 visits = vm_memory.pte_visits, entries = vm_memory.table_log.entries, flushes = tlb_counts.full;
        EXPECT_EQ(0, differences(epoch, window()));
        EXPECT_EQ(tables_touched, vm_memory.table_log.entries - entries);
        EXPECT_EQ(TABLES + tables_touched * PT_ENTRIES, vm_memory.pte_visits - visits);
        EXPECT_EQ(1, tlb_counts.full - flushes); /* the first table is always named */
        spared += TABLES - tables_touched;
    }
    EXPECT(spared > EPOCHS / 2);
    EXPECT_EQ(0, vm_memory.table_log.full);
    vm_clean();
}

TEST_VM(accessed, "vm.guest_log", "a scan that the log steers observes what a scan of all the machine's tables does")
{
    compare("abit");
    compare("dbit");
    compare("mlq");
}

/* Observed pages that lie in no table touched, and accessed pages that were not observed. */
static u32 misjudged(u32 count)
{
    static bool seen[VM_PAGES];
    bool touched[TABLES] = {true};
    u32 wrong = 0;

    memset(seen, 0, sizeof(seen));
    for (u32 i = 0; i < nr_listed; i++)
        touched[(list[i] - MACHINE_LINEAR) / (PT_ENTRIES * PAGE_SIZE)] = true;
    for (u32 i = 0; i < count; i++) {
        seen[room[i].page] = true;
        wrong += !touched[room[i].page / PT_ENTRIES];
    }
    for (u32 i = 0; i < nr_listed; i++)
        wrong += !seen[(list[i] - MACHINE_LINEAR) >> PAGE_SHIFT];
    return wrong;
}

static u32 still_set(void)
{
    u32 set = 0;

    for (u32 page = 0; page < VM_PAGES; page++)
        set += !!(vm_guest_entry(page, 1)->bits & (PTE_ACCESSED | PTE_DIRTY));
    return set;
}

TEST_VM(queued, "vm.guest_log_queue",
        "with mlq, what was left set counts where the log names the table, and a cycle ends with no bit set")
{
    u32 left = 0;

    start("mlq", true, true);
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        u64 visits = vm_memory.pte_visits;
        EXPECT_EQ(0, misjudged(window()));
        if (queue()->window) {
            left += still_set();
            EXPECT_EQ(TABLES + tables_touched * PT_ENTRIES, vm_memory.pte_visits - visits);
        } else {
            EXPECT_EQ(0, still_set());
            EXPECT_EQ(TABLES + TABLES * PT_ENTRIES, vm_memory.pte_visits - visits);
        }
    }
    EXPECT(left > 0);
    vm_clean();
}

/* `times` walks through a table other than the first, each of them logged. */
static void log_table(u32 times)
{
    while (times--) {
        pte_set_bits(space_entry(&vm_memory, LEAF_TABLES_PAGE + 1), PTE_DIRTY);
        EXPECT(table_log_takes(&vm_memory, 1));
    }
}

TEST_VM(full, "vm.guest_log_full",
        "an exit is charged for each entry that finds the log's buffer full, and none for a window of 512")
{
    u64 charged = clock.account[ACCOUNT_FAULT].charged_ps;

    start("abit", true, false);
    vm_memory.table_log.full_ps = 1000;
    for (int i = 0; i < 2; i++) { /* the second window finds the buffer empty */
        pte_clear_bits(space_entry(&vm_memory, LEAF_TABLES_PAGE), PTE_DIRTY);
        EXPECT(!table_log_takes(&vm_memory, 0));
        log_table(TABLE_LOG_ENTRIES);
        EXPECT_EQ(0, vm_memory.table_log.full);
    }
    log_table(1);
    EXPECT_EQ(1, vm_memory.table_log.full);
    log_table(TABLE_LOG_ENTRIES);
    EXPECT_EQ(2, vm_memory.table_log.full);
    EXPECT_EQ(2000, clock.account[ACCOUNT_FAULT].charged_ps - charged);
    vm_clean();
}
