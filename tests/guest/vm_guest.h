/* What the tests of virtual machines share: a small machine, and pieces of code for it to run. */
#pragma once

#include "tests/guest/guest.h"
#include "vm/machine.h"

enum {
    VM_PAGES = 2048,    /* of guest-physical memory */
    VM_CODE_PAGE = 1,   /* the code lies here, */
    VM_STACK_PAGE = 8,  /* the stack ends above it, */
    VM_TABLES_PAGE = 9, /* the guest's tables begin here, */
    VM_DATA_PAGE = 64,  /* and from here on memory is free to use */
};

extern struct machine vm;
extern struct space vm_memory;

/* A machine with the tables and pages above and `bytes` of code; the first hypercall makes machine_run() return. */
void vm_start(const void *code, size_t bytes);

/* The same with nested leaves of 2 MiB wherever a page is touched first. */
void vm_start_leaves(const void *code, size_t bytes);

/* One of these with code for vm_access(). */
void vm_start_accesses(bool leaves);

/* The machine stores a word to a page, or loads what this returns. Fails when that ends it. */
u64 vm_access(u32 page, bool write, u64 word);

/* For who takes rights away (REASON_TOUCH, REASON_LOG): notes nothing of the faults. */
extern const struct tracker vm_protecting;

/* Gives everything back. */
void vm_clean(void);

/* The guest-virtual address of a guest-physical page. */
static inline vaddr_t vm_va(u32 page)
{
    return MACHINE_LINEAR + ((vaddr_t)page << PAGE_SHIFT);
}

/* The entry of a page in the guest's own table of that level. */
pte_t *vm_guest_entry(u32 page, unsigned level);

/* The reason why there are no machines here, or null. */
const char *vm_skip(void);

/* VM_CODE(name, "instructions") defines name_start and name_end; the code may stand at any address. */
#define VM_CODE(name, text)                                                                                            \
    __asm__(".pushsection .rodata\n" #name "_start: " text "\n" #name "_end: .popsection\n");                          \
    extern const char name##_start[], name##_end[]
#define VM_START(name)        vm_start(name##_start, (size_t)(name##_end - name##_start))
#define VM_START_LEAVES(name) vm_start_leaves(name##_start, (size_t)(name##_end - name##_start))

#define TEST_VM(function, test_name, test_summary)                                                                     \
    static void function(void);                                                                                        \
    static const struct test test_##function = {                                                                       \
        .name = (test_name), .summary = (test_summary), .run = function, .skip = vm_skip};                             \
    REGISTER_IN(tests, test_##function);                                                                               \
    static void function(void)
