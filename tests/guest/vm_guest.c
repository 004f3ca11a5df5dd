#include "tests/guest/vm_guest.h"
#include "kernel/panic.h"
#include "lib/string.h"
#include "mm/huge.h"
#include "mm/memory.h"

struct machine vm;
struct space vm_memory;
static size_t mark;

const char *vm_skip(void)
{
    return svm_missing();
}

static bool stop(struct machine *machine)
{
    (void)machine;
    return true;
}

static void start(const void *code, size_t bytes, bool leaves)
{
    ASSERT(bytes <= (VM_STACK_PAGE - VM_CODE_PAGE) * PAGE_SIZE);
    svm_enable(); /* before the mark: what it allocates stays */
    mark = kmem_mark();
    space_init_nested(&vm_memory, MAX_MACHINES - 1, 0, VM_PAGES);
    space_lend(&arena, &vm_memory, VM_PAGES);
    if (leaves)
        huge_promise(&vm_memory);
    machine_init(&vm, MAX_MACHINES - 1, &vm_memory);
    vm.hypercall = stop;
    for (u32 page = VM_CODE_PAGE; page <= VM_STACK_PAGE; page++)
        ASSERT(!space_populate(&vm_memory, page));
    ASSERT(machine_map(&vm, VM_TABLES_PAGE, VM_STACK_PAGE));
    memcpy(machine_bytes(&vm, VM_CODE_PAGE * PAGE_SIZE), code, MIN(bytes, PAGE_SIZE));
    machine_reset(&vm, VM_TABLES_PAGE * PAGE_SIZE, vm_va(VM_CODE_PAGE), vm_va(VM_STACK_PAGE + 1));
}

void vm_start(const void *code, size_t bytes)
{
    start(code, bytes, false);
}

void vm_start_leaves(const void *code, size_t bytes)
{
    start(code, bytes, true);
}

VM_CODE(accesses, "1: test %rcx, %rcx; jnz 2f; mov (%rdi), %rax; vmmcall; jmp 1b; 2: mov %rax, (%rdi); vmmcall; jmp 1b");

void vm_start_accesses(bool leaves)
{
    start(accesses_start, (size_t)(accesses_end - accesses_start), leaves);
}

u64 vm_access(u32 page, bool write, u64 word)
{
    vm.cpu.rdi = vm_va(page);
    vm.cpu.rcx = write;
    vm.vmcb->rax = word;
    EXPECT(machine_run(&vm));
    return vm.vmcb->rax;
}

static struct touch *notes_nothing(struct space *space, u32 page, bool write)
{
    (void)space, (void)page, (void)write;
    return NULL;
}

static void nothing(struct space *space)
{
    (void)space;
}

const struct tracker vm_protecting = {
    .part = {.name = "protecting", .summary = "for tests", .start = nothing}, .fault = notes_nothing};

void vm_clean(void)
{
    parts_stop(&vm_memory);
    space_clear(&vm_memory);
    space_lend(&vm_memory, &arena, VM_PAGES);
    kmem_release(mark);
    guest_expect_frames_owned();
}

pte_t *vm_guest_entry(u32 page, unsigned level)
{
    u64 table = vm.vmcb->cr3;

    for (unsigned at = PT_LEVELS; at > level; at--) {
        pte_t *entries = machine_bytes(&vm, table);
        table = entries[pt_index(vm_va(page), at)].bits & PTE_ADDRESS;
    }
    return (pte_t *)machine_bytes(&vm, table) + pt_index(vm_va(page), level);
}
