/*
 * The self-test of accessed (A) and dirty (D) bits under nested paging: all bits are cleared in both tables, a machine
 * does one thing, and the bits must be exactly those of the table below.
 *
 *      the machine                     nested entry    nested upper    nested entries of    its own entries
 *                                      of the page     levels          the tables walked    upper, lowest
 *      reads                           A               A               A D                  A, A
 *      writes                          A D             A               A D                  A, A D
 *      fetches an instruction          A               A               A D                  A, A
 *      reads, own bits set already     A               A               A D                  as they were
 *      reads a page it has unmapped    -               -               A D                  A, -
 *      does nothing there              -               -               -                    -, -
 *
 * Every walk of the machine's tables counts as a write to them, even when no bit of theirs changes (APM 2, 15.25.6;
 * Intel's EPT with accessed and dirty bits does the same, SDM 3C, 29.3.5): so whoever logs or scans dirty pages sees
 * tables, too. The upper level looked at is the second one, which nothing else shares; D must never be set above the
 * leaves.
 */
#include "vm/machine.h"
#include "kernel/console.h"
#include "kernel/cpu.h"
#include "kernel/hooks.h"
#include "lib/string.h"
#include "kernel/trap.h"
#include "mm/memory.h"

#define A  PTE_ACCESSED
#define AD (PTE_ACCESSED | PTE_DIRTY)

enum {
    CODE_PAGE = 1, TABLES_PAGE = 2, NR_PAGES = 1024,
    TARGET_PAGE = 517 /* under tables of its own, in both dimensions */
};

#define VMMCALL       0x0f, 0x01, 0xd9
#define VMMCALL_BYTES 0xd9010f /* the same as a word */

struct row {
    const char *what;
    u8 code[6];
    u64 own_before; /* bits that the machine's entries have already */
    bool unmapped;  /* the machine's entry of the page is not present: the access ends in its page fault */
    u64 leaf, upper, tables, own_upper, own_leaf; /* A and D afterwards */
};

static const struct row rows[] = {
    {"reads", {0x48, 0x8b, 0x07, VMMCALL}, 0, false, A, A, AD, A, A},    /* mov (%rdi), %rax */
    {"writes", {0x48, 0x89, 0x07, VMMCALL}, 0, false, AD, A, AD, A, AD}, /* mov %rax, (%rdi) */
    {"fetches", {0xff, 0xe7}, 0, false, A, A, AD, A, A},                 /* jmp *%rdi; a VMMCALL is there */
    {"reads with its own bits set", {0x48, 0x8b, 0x07, VMMCALL}, AD, false, A, A, AD, AD, AD},
    {"reads what it has unmapped", {0x48, 0x8b, 0x07, VMMCALL}, 0, true, 0, 0, AD, A, 0},
    {"does nothing there", {VMMCALL}, 0, false, 0, 0, 0, 0, 0},
};

static struct machine machine;
static struct space memory;

/* The machine's own entry of the target, and in which of its pages it lies. */
static pte_t *own_entry(unsigned level, u32 *table_page)
{
    u64 table = (u64)TABLES_PAGE << PAGE_SHIFT, va = MACHINE_LINEAR + ((u64)TARGET_PAGE << PAGE_SHIFT);

    for (unsigned at = PT_LEVELS;; at--) {
        pte_t *entry = (pte_t *)machine_bytes(&machine, table) + pt_index(va, at);
        *table_page = (u32)(table >> PAGE_SHIFT);
        if (at == level)
            return entry;
        table = entry->bits & PTE_ADDRESS;
    }
}

static pte_t *upper_entry(void)
{
    return pt_entry(memory.root, (u64)TARGET_PAGE << PAGE_SHIFT, 2, false);
}

static void clear_all(const struct row *row)
{
    u32 table_page;

    for (u32 page = 0; page < NR_PAGES; page++)
        if (space_resident(&memory, page))
            pte_clear_bits(space_entry(&memory, page), AD);
    for (unsigned level = 2; level <= PT_LEVELS; level++)
        pte_clear_bits(pt_entry(memory.root, (u64)TARGET_PAGE << PAGE_SHIFT, level, false), AD);
    for (unsigned level = 1; level <= PT_LEVELS; level++) {
        pte_t *entry = own_entry(level, &table_page);
        entry->bits = (entry->bits & ~(u64)AD) | row->own_before;
        if (level == 1)
            entry->bits = row->unmapped ? entry->bits & ~PTE_PRESENT : entry->bits | PTE_PRESENT;
    }
}

static char verdict[160];

static bool differs(const struct row *row, const char *where, u64 want, u64 entry)
{
    static const char *const names[] = {"none", "A", "D", "A and D"};
    u64 got = entry & AD;

    if (got == want)
        return false;
    ksnprintf(verdict, sizeof(verdict), "a machine that %s leaves %s in %s, where %s is right", row->what,
              names[got / A], where, names[want / A]);
    return true;
}

static bool row_differs(const struct row *row)
{
    u32 code, table_page;

    clear_all(row);
    memcpy(machine_bytes(&machine, CODE_PAGE * PAGE_SIZE), row->code, sizeof(row->code));
    machine_reset(&machine, TABLES_PAGE * PAGE_SIZE, MACHINE_LINEAR + CODE_PAGE * PAGE_SIZE, 0);
    machine.cpu.rdi = MACHINE_LINEAR + TARGET_PAGE * PAGE_SIZE;
    machine.vmcb->rax = VMMCALL_BYTES; /* so that a write leaves an instruction to fetch */
    code = machine_enter(&machine);
    interrupts_global_on();
    if (code != (row->unmapped ? VMEXIT_EXCEPTION + VECTOR_PAGE_FAULT : VMEXIT_VMMCALL)) {
        ksnprintf(verdict, sizeof(verdict), "a machine that %s is left with exit code %x", row->what, code);
        return true;
    }
    if (hook_is("ad-bits"))
        space_entry(&memory, TARGET_PAGE)->bits |= PTE_DIRTY;
    if (differs(row, "the nested entry", row->leaf, space_entry(&memory, TARGET_PAGE)->bits) ||
        differs(row, "the nested entry above", row->upper, upper_entry()->bits))
        return true;
    for (unsigned level = 1; level <= PT_LEVELS; level++) {
        u64 own = own_entry(level, &table_page)->bits;
        /* The tables above are shared with the code, whose fetch walks them in every row. */
        if (differs(row, "the nested entry of its table", level > 1 ? AD : row->tables,
                    space_entry(&memory, table_page)->bits) ||
            differs(row, "its own entry",
                    level == 1   ? row->own_leaf
                    : level == 2 ? row->own_upper
                                 : own & AD,
                    own))
            return true;
    }
    return false;
}

const char *machine_selftest(struct space *lender)
{
    size_t mark;
    bool wrong = false;

    svm_enable(); /* what it allocates stays */
    mark = kmem_mark();
    space_init_nested(&memory, 0, 0, NR_PAGES);
    space_lend(lender, &memory, NR_PAGES);
    machine_init(&machine, 0, &memory);
    machine.vmcb->intercept_exceptions = 1 << VECTOR_PAGE_FAULT;
    if (space_populate(&memory, CODE_PAGE) || space_populate(&memory, TARGET_PAGE) ||
        !machine_map(&machine, TABLES_PAGE, NR_PAGES)) {
        ksnprintf(verdict, sizeof(verdict), "no frames for it");
        wrong = true;
    } else {
        *(u64 *)machine_bytes(&machine, TARGET_PAGE * PAGE_SIZE) = VMMCALL_BYTES;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(rows) && !wrong; i++)
        wrong = row_differs(&rows[i]);
    space_clear(&memory);
    space_lend(&memory, lender, NR_PAGES);
    kmem_release(mark);
    return wrong ? verdict : NULL;
}
