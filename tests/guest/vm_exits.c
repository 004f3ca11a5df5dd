/* Entering a machine, leaving it, and every reason to: what it asks for is answered, what it may not do ends it alone.
 */
#include "kernel/cpu.h"
#include "lib/string.h"
#include "mm/memory.h"
#include "mm/tlb.h"
#include "tests/guest/vm_guest.h"

static void expect_ended(const char *why)
{
    EXPECT(!machine_run(&vm));
    EXPECT(matches(vm.ended, why));
    vm_clean();
}

VM_CODE(answer, "mov $42, %eax; mov $7, %r15d; vmmcall; inc %rax; vmmcall");

TEST_VM(runs, "vm.runs", "a machine runs at an address of its own, calls, and goes on behind its call")
{
    VM_START(answer);
    EXPECT(machine_run(&vm));
    EXPECT_EQ(42, vm.vmcb->rax);
    EXPECT_EQ(7, vm.cpu.r8_to_r15[7]);
    EXPECT(vm_va(VM_CODE_PAGE) < vm.vmcb->rip && vm.vmcb->rip < vm_va(VM_CODE_PAGE + 1));
    EXPECT(space_pfn(&vm_memory, VM_CODE_PAGE) != VM_CODE_PAGE); /* nor is its physical address the host's */
    EXPECT(machine_run(&vm));
    EXPECT_EQ(43, vm.vmcb->rax);
    EXPECT_EQ(2, vm.counts.hypercalls);
    vm_clean();
}

VM_CODE(nops, ".skip 1000, 0x90; vmmcall");

/* The world switch is the laboratory's: exactly the machine's own instructions are booked, be they cut by ticks or not.
 */
TEST_VM(clock_is_exact, "vm.clock", "what is booked to a machine are its own instructions, to the last one")
{
    VM_START(nops);
    vm.cpu.booking = BOOK_WORKLOAD;
    clock_reset();
    u64 before = clock.account[ACCOUNT_WORKLOAD].insns;
    EXPECT(machine_run(&vm));
    if (!guest_needs_icount())
        EXPECT_EQ(1001, clock.account[ACCOUNT_WORKLOAD].insns - before);
    vm_clean();
}

VM_CODE(gathers, "or %rbx, %rax; or %rcx, %rax; or %rdx, %rax; or %rsi, %rax; or %rdi, %rax; or %rbp, %rax; or %r8, %rax; or %r9, %rax;"
                 "or %r10, %rax; or %r11, %rax; or %r12, %rax; or %r13, %rax; or %r14, %rax; or %r15, %rax; movq %xmm5, %rbx;"
                 "or %rbx, %rax; movq %xmm15, %rbx; or %rbx, %rax; vmmcall");

TEST_VM(starts_clean, "vm.clean", "a machine that is started again finds nothing in its registers, whatever its last run left there")
{
    VM_START(gathers);
    EXPECT(machine_run(&vm));
    EXPECT_EQ(0, vm.vmcb->rax);
    for (u64 *word = &vm.cpu.rbx; word < &vm.cpu.vmcb_pa; word++) {
        machine_reset(&vm, VM_TABLES_PAGE * PAGE_SIZE, vm_va(VM_CODE_PAGE), vm_va(VM_STACK_PAGE + 1));
        *word = 5;
        EXPECT(machine_run(&vm));
        EXPECT_EQ(5, vm.vmcb->rax);
        machine_reset(&vm, VM_TABLES_PAGE * PAGE_SIZE, vm_va(VM_CODE_PAGE), vm_va(VM_STACK_PAGE + 1));
        EXPECT(machine_run(&vm));
        EXPECT_EQ(0, vm.vmcb->rax);
    }
    machine_reset(&vm, VM_TABLES_PAGE * PAGE_SIZE, vm_va(VM_CODE_PAGE), vm_va(VM_STACK_PAGE + 1));
    memset(vm.cpu.sse + 160, 5, 256); /* XMM0 to XMM15, SDM vol. 1, 10.5.1 */
    machine_reset(&vm, VM_TABLES_PAGE * PAGE_SIZE, vm_va(VM_CODE_PAGE), vm_va(VM_STACK_PAGE + 1));
    EXPECT(machine_run(&vm));
    EXPECT_EQ(0, vm.vmcb->rax);
    vm_clean();
}

VM_CODE(asks_cpuid, "mov $1, %eax; cpuid; vmmcall; mov $0x80000001, %eax; cpuid; vmmcall");

TEST_VM(answers_cpuid, "vm.cpuid", "CPUID tells of a hypervisor and neither of SVM nor of a local APIC")
{
    VM_START(asks_cpuid);
    EXPECT(machine_run(&vm));
    EXPECT(vm.cpu.rcx >> 31 & 1);
    EXPECT(!(vm.cpu.rdx >> 9 & 1));
    EXPECT(machine_run(&vm));
    EXPECT(!(vm.cpu.rcx >> 2 & 1));
    EXPECT_EQ(2, vm.counts.cpuids);
    vm_clean();
}

VM_CODE(asks_ports, "mov $0x1122334455667788, %rax; mov $0xf4, %dx; out %al, %dx; inb %dx, %al; vmmcall;"
                    "xor %eax, %eax; inw %dx, %ax; vmmcall; xor %eax, %eax; inl %dx, %eax; vmmcall");

/* Port 0xf4 would end the whole run. */
TEST_VM(empty_bus, "vm.ports", "a machine's ports are an empty bus: writes go nowhere, reads give ones")
{
    VM_START(asks_ports);
    EXPECT(machine_run(&vm));
    EXPECT_EQ(0x11223344556677ff, vm.vmcb->rax);
    EXPECT(machine_run(&vm));
    EXPECT_EQ(0xffff, vm.vmcb->rax);
    EXPECT(machine_run(&vm));
    EXPECT_EQ(0xffffffff, vm.vmcb->rax);
    EXPECT_EQ(4, vm.counts.ios);
    vm_clean();
}

VM_CODE(reads_msr, "mov $0xc0000080, %ecx; rdmsr; vmmcall");
VM_CODE(writes_msr, "mov $0xc0010117, %ecx; xor %eax, %eax; xor %edx, %edx; wrmsr; vmmcall");
VM_CODE(halts, "hlt; vmmcall");
VM_CODE(faults, "xor %eax, %eax; mov (%rax), %rax; vmmcall");
VM_CODE(enters, "xor %eax, %eax; vmrun; vmmcall");
VM_CODE(flushes, "xor %eax, %eax; xor %ecx, %ecx; invlpga; vmmcall");
VM_CODE(global_on, "stgi; vmmcall");

/* It has no interrupt table, so that an exception that we inject ends in a triple fault. */
TEST_VM(forbidden, "vm.forbidden",
        "registers, SVM's instructions and a fault without a handler end the machine, and it alone")
{
    u64 save_area = rdmsr(0xc0010117);

    VM_START(reads_msr);
    expect_ended("triple fault");
    VM_START(writes_msr);
    expect_ended("triple fault");
    if (save_area) /* 0 before the first machine of this boot */
        EXPECT_EQ(save_area, rdmsr(0xc0010117));
    VM_START(faults);
    expect_ended("triple fault");
    VM_START(enters);
    expect_ended("triple fault");
    VM_START(flushes);
    expect_ended("triple fault");
    VM_START(global_on);
    expect_ended("triple fault");
    VM_START(halts);
    expect_ended("halted");
}

TEST_VM(refused_state, "vm.refused", "a state that the processor refuses ends the machine with the reason")
{
    VM_START(answer);
    vm.vmcb->asid = 0; /* APM 2, 15.5.1: the host's */
    expect_ended("refuses");
}

VM_CODE(touches, "mov %rdi, %rbx; mov (%rdi), %rax; vmmcall; mov %rax, (%rdi); vmmcall");

TEST_VM(demand, "vm.demand", "the first touch of a page takes a zeroed frame by placement, in the order of touches")
{
    u32 page = VM_DATA_PAGE + 3;

    VM_START(touches);
    vm.cpu.rdi = vm_va(page);
    EXPECT(!space_resident(&vm_memory, page));
    EXPECT(machine_run(&vm));
    EXPECT(space_resident(&vm_memory, page));
    EXPECT_EQ(0, vm.vmcb->rax);
    EXPECT_EQ(1, vm_memory.first_touches);
    vm.vmcb->rax = 0x1234567;
    EXPECT(machine_run(&vm));
    EXPECT_EQ(0x1234567, *(u64 *)space_bytes(&vm_memory, page));
    EXPECT_EQ(1, vm.counts.nested_faults);
    vm_clean();
}

VM_CODE(calls, "vmmcall");

/* QEMU's VMRUN drops every translation anyway: what counts here is what a processor is told, and what the workload pays. */
TEST_VM(flush_at_entry, "vm.flush", "a machine's first entry after a flush drops its translations and is charged, the next one is not")
{
    VM_START(calls);
    for (int booked = 0; booked < 2; booked++) {
        u64 charged;
        vm.cpu.booking = booked ? BOOK_WORKLOAD : BOOK_OFF;
        tlb_flush_page(vm_memory.base, FLUSH_LOCAL); /* no instruction drops one page's: all of them go */
        charged = clock.account[ACCOUNT_OTHER].charged_ps;
        machine_enter(&vm);
        EXPECT_EQ(TLB_FLUSH_ALL, vm.vmcb->tlb_control);
        EXPECT_EQ(booked, clock.account[ACCOUNT_OTHER].charged_ps > charged);
        charged = clock.account[ACCOUNT_OTHER].charged_ps;
        machine_enter(&vm);
        EXPECT_EQ(TLB_FLUSH_NOTHING, vm.vmcb->tlb_control);
        EXPECT_EQ(charged, clock.account[ACCOUNT_OTHER].charged_ps);
        interrupts_global_on();
    }
    vm_clean();
}

TEST_VM(exits_charged, "vm.exit_charged", "an exit of a machine whose time is booked is charged, be it a fault or an instruction, and so is the fault's handler; a call is free")
{
    u64 charged, insns;

    VM_START(touches);
    vm.cpu.rdi = vm_va(VM_DATA_PAGE);
    vm.cpu.booking = BOOK_WORKLOAD;
    charged = clock.account[ACCOUNT_FAULT].charged_ps;
    insns = clock.account[ACCOUNT_FAULT].insns;
    EXPECT(machine_run(&vm));
    EXPECT_EQ(1, vm.counts.nested_faults);
    EXPECT(clock.account[ACCOUNT_FAULT].insns > insns);
    EXPECT_EQ(machine_exit_ps(), clock.account[ACCOUNT_FAULT].charged_ps - charged);
    insns = clock.account[ACCOUNT_FAULT].insns;
    EXPECT(machine_run(&vm)); /* the call alone */
    EXPECT_EQ(insns, clock.account[ACCOUNT_FAULT].insns);
    EXPECT_EQ(machine_exit_ps(), clock.account[ACCOUNT_FAULT].charged_ps - charged);
    vm_clean();
    VM_START(asks_cpuid);
    charged = clock.account[ACCOUNT_FAULT].charged_ps;
    EXPECT(machine_run(&vm)); /* nobody's time */
    EXPECT_EQ(charged, clock.account[ACCOUNT_FAULT].charged_ps);
    vm.cpu.booking = BOOK_WORKLOAD;
    EXPECT(machine_run(&vm));
    EXPECT_EQ(machine_exit_ps(), clock.account[ACCOUNT_FAULT].charged_ps - charged);
    vm_clean();
}

TEST_VM(reserved_bits, "vm.reserved", "a nested entry with a reserved bit ends the machine: no fault of the host's would ever mend it")
{
    u32 out[4];

    cpuid(0x80000008, 0, out); /* APM 3, E.4.7: the width of physical addresses, above which bits are reserved */
    if ((out[0] & 0xff) > 51)
        return;
    VM_START(touches);
    vm.cpu.rdi = vm_va(VM_DATA_PAGE);
    EXPECT_EQ(0, space_populate(&vm_memory, VM_DATA_PAGE));
    pte_set_bits(space_entry(&vm_memory, VM_DATA_PAGE), (u64)1 << 51);
    tlb_flush_all(FLUSH_LOCAL);
    EXPECT(!machine_run(&vm));
    EXPECT(matches(vm.ended, "an access at guest-physical 40000"));
    pte_clear_bits(space_entry(&vm_memory, VM_DATA_PAGE), (u64)1 << 51);
    vm_clean();
}

TEST_VM(no_frame, "vm.no_frame", "a first touch that no frame is left for ends the machine alone")
{
    pfn_t taken = PFN_INVALID;

    VM_START(touches);
    vm.cpu.rdi = vm_va(VM_DATA_PAGE);
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        while (frame_pool(tier)->nr_free) {
            pfn_t pfn = frame_alloc(tier);
            *(pfn_t *)pfn_to_virt(pfn) = taken;
            taken = pfn;
        }
    EXPECT(!machine_run(&vm));
    EXPECT(matches(vm.ended, "no frame is left for its first touch of guest-physical 40000"));
    while (taken != PFN_INVALID) {
        pfn_t next = *(pfn_t *)pfn_to_virt(taken);
        frame_free(taken);
        taken = next;
    }
    vm_clean();
}

VM_CODE(traps, "nop; nop; nop; vmmcall; vmmcall"); /* the last one is the handler of its single steps */
enum { TRAP_HANDLER = 6, VECTOR_DEBUG = 1, GATE_INTERRUPT = 0x8e, RFLAGS_TRAP = 1 << 8 };

TEST_VM(delivered_again, "vm.delivery", "an exception whose frame met a page that was not there yet is delivered once the page is")
{
    u64 code = vm_va(VM_CODE_PAGE), handler = code + TRAP_HANDLER, *gdt, *idt, *frame;
    u32 tables = VM_DATA_PAGE, stack = VM_DATA_PAGE + 1;

    VM_START(traps);
    EXPECT_EQ(0, space_populate(&vm_memory, tables));
    gdt = machine_bytes(&vm, (u64)tables * PAGE_SIZE);
    gdt[1] = 0x00209a0000000000; /* 64-bit code, APM 2, 4.8.1 */
    idt = gdt + 16;
    idt[2 * VECTOR_DEBUG] = (handler & 0xffff) | 8 << 16 | (u64)GATE_INTERRUPT << 40 | (handler >> 16 & 0xffff) << 48;
    idt[2 * VECTOR_DEBUG + 1] = handler >> 32;
    vm.vmcb->gdtr = (struct vmcb_segment){.base = vm_va(tables), .limit = 15};
    vm.vmcb->idtr = (struct vmcb_segment){.base = vm_va(tables) + 128, .limit = 31};
    vm.vmcb->rflags |= RFLAGS_TRAP;
    vm.vmcb->rsp = vm_va(stack + 1);
    EXPECT(machine_run(&vm));
    EXPECT_EQ(1, vm.counts.nested_faults);
    EXPECT_EQ(handler + 3, vm.vmcb->rip);
    frame = machine_bytes(&vm, (u64)(stack + 1) * PAGE_SIZE - 40); /* RIP, CS, RFLAGS, RSP, SS */
    EXPECT_EQ(code + 1, *frame); /* behind the first instruction: it was not repeated, and no second one came before */
    vm_clean();
}

/* A guest may write what it likes into its own tables. */
TEST_VM(wild_tables, "vm.wild_tables", "tables that name memory which the machine does not have end it")
{
    VM_START(touches);
    vm.cpu.rdi = vm_va(VM_DATA_PAGE);
    vm_guest_entry(VM_DATA_PAGE, 1)->bits = paddr_of(VM_PAGES) | PTE_PRESENT | PTE_WRITE;
    expect_ended("an access at guest-physical 800000 outside");
    VM_START(touches);
    vm.cpu.rdi = vm_va(VM_DATA_PAGE);
    vm_guest_entry(VM_DATA_PAGE, 2)->bits = paddr_of(VM_PAGES + 1) | PTE_PRESENT | PTE_WRITE;
    expect_ended("a walk of its tables at guest-physical 801");
    VM_START(touches);
    vm.cpu.rdi = vm_va(VM_DATA_PAGE);
    vm.vmcb->cr3 = 0xfffff000;
    expect_ended("outside of its memory");
}

static u32 hook_page, hook_writes, hook_reads;

static struct touch *count_fault(struct space *space, u32 page, bool write)
{
    (void)space;
    hook_page = page;
    *(write ? &hook_writes : &hook_reads) += 1;
    return NULL;
}

static void nothing(struct space *space)
{
    (void)space;
}

static const struct tracker counting = {
    .part = {.name = "counting", .summary = "for tests", .start = nothing}, .fault = count_fault};

/* What protects pages elsewhere protects them here: the same entries, the same parts. */
TEST_VM(hooks, "vm.hooks", "protected pages fault into the space's tracker and the access is repeated")
{
    u32 page = VM_DATA_PAGE + 9;

    VM_START(touches);
    EXPECT_EQ(0, space_populate(&vm_memory, page));
    parts_start(&vm_memory, &counting, NULL, NULL);
    hook_writes = hook_reads = 0;
    pte_t *entry = space_entry(&vm_memory, page);
    space_protect(&vm_memory, page, entry, REASON_TOUCH);
    vm.cpu.rdi = vm_va(page);
    EXPECT(machine_run(&vm));
    EXPECT_EQ(page, hook_page);
    EXPECT_EQ(1, hook_reads);
    space_protect(&vm_memory, page, entry, REASON_LOG);
    tlb_flush_all(FLUSH_LOCAL);
    EXPECT(machine_run(&vm));
    EXPECT_EQ(1, hook_writes);
    EXPECT_EQ(2, vm.counts.nested_faults);
    vm_clean();
}

TEST_VM(reads_memory, "vm.read", "the host reads by the machine's tables, and believes none of them")
{
    char text[32];

    VM_START(touches);
    EXPECT_EQ(0, space_populate(&vm_memory, VM_DATA_PAGE));
    EXPECT_EQ(0, space_populate(&vm_memory, VM_DATA_PAGE + 1));
    memcpy((u8 *)space_bytes(&vm_memory, VM_DATA_PAGE) + PAGE_SIZE - 3, "abc", 3);
    memcpy(space_bytes(&vm_memory, VM_DATA_PAGE + 1), "def", 4);
    EXPECT(machine_read(&vm, vm_va(VM_DATA_PAGE + 1) - 3, text, 7));
    EXPECT_EQ(0, strcmp(text, "abcdef"));
    EXPECT(!machine_read(&vm, vm_va(VM_DATA_PAGE + 2) - 3, text, 7)); /* the second page was never touched */
    EXPECT(!machine_read(&vm, 0, text, 1));
    EXPECT(!machine_read(&vm, vm_va(VM_PAGES), text, 1));
    vm_guest_entry(VM_DATA_PAGE, 1)->bits |= PTE_ADDRESS;
    EXPECT(!machine_read(&vm, vm_va(VM_DATA_PAGE), text, 1));
    vm_guest_entry(VM_DATA_PAGE, 2)->bits |= PTE_LARGE; /* then the table is taken for the page */
    vm_guest_entry(VM_DATA_PAGE, 2)->bits &= ~(u64)0x1ff000;
    EXPECT(machine_read(&vm, vm_va(VM_DATA_PAGE), text, 1));
    vm_clean();
}
