/* A machine cut into slices by the timer: what it computes must not depend on where. */
#include "kernel/clock.h"
#include "kernel/cpu.h"
#include "tests/guest/vm_guest.h"

enum { TURNS = 600000, SLICE_INSNS = 1500, ENOUGH_SLICES = 5000 };

static u64 slices;

static void cut(void)
{
    slices++;
    clock_arm(SLICE_INSNS);
}

/*
 * Every turn takes all general registers, the flags (by ADC and RCL) and four XMM registers along; what one slice lost
 * or mixed up would change the sum. RDI counts the turns. The host's tick touches the same registers, but for XMM.
 */
VM_CODE(sums,
        "movq %rsi, %xmm0; movq %rsi, %xmm7; movq %rsi, %xmm15; mov $0x9e3779b97f4a7c15, %rbx; stc;"
        "1: lea (%rbx,%rsi), %rcx; rcl $7, %rcx; adc %rcx, %rdx; movq %rdx, %xmm1; paddq %xmm1, %xmm0;"
        "pxor %xmm0, %xmm7; paddq %xmm7, %xmm15; adc %rdx, %r8; adc %r8, %r9; rcl $3, %r9; adc %r9, %r10;"
        "adc %r10, %r11; adc %r11, %r12; rcl $11, %r12; adc %r12, %r13; adc %r13, %r14; adc %r14, %r15;"
        "adc %r15, %rbp; rcl $1, %rbp; adc %rbp, %rbx; adc %rbx, %rsi; lea -1(%rdi), %rdi;"
        "pushfq; inc %rdi; dec %rdi; jz 2f; popfq; jmp 1b;"
        "2: popfq; movq %xmm0, %rax; movq %xmm7, %rcx; movq %xmm15, %rdx; adc %rcx, %rax; adc %rdx, %rax; vmmcall");

static u64 sum(bool in_slices)
{
    u64 result;

    VM_START(sums);
    vm.cpu.rdi = TURNS;
    vm.cpu.rsi = 1;
    slices = 0;
    if (in_slices) {
        clock_on_tick(cut);
        clock_arm(SLICE_INSNS);
        interrupts_on();
    }
    EXPECT(machine_run(&vm));
    interrupts_off();
    clock_arm(0);
    EXPECT_EQ(in_slices ? slices : 0, vm.counts.interrupts);
    result = vm.vmcb->rax ^ vm.cpu.rbx ^ vm.cpu.r8_to_r15[7] ^ vm.cpu.rbp;
    vm_clean();
    return result;
}

TEST_VM(survives_slices, "vm.slices",
        "registers, flags and SSE survive 5,000 preemptions: the sum is that of the uncut run")
{
    u64 uncut = sum(false);

    EXPECT_EQ(uncut, sum(true));
    EXPECT(slices >= ENOUGH_SLICES);
}
