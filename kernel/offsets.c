/* Constants that C and NASM share, generated so that they are typed once. `make` turns the strings below into %define.
 */
#include "kernel/exit.h"
#include "kernel/trap.h"
#include "model/abi.h"
#include "vm/machine.h"

#define DEFINE(name, value) __asm__ volatile("\n.ascii \"%%define " #name " %c0\"" : : "i"(value))

void offsets(void);
void offsets(void)
{
    DEFINE(DIRECT_PML4_SLOT, DIRECT_VA >> 39 & 511);
    DEFINE(EXCEPTION_STUB_BYTES, EXCEPTION_STUB_BYTES);
    DEFINE(TICK_VECTOR, TICK_VECTOR);
    DEFINE(EXIT_PORT, EXIT_PORT);
    DEFINE(EXIT_UNFIT, EXIT_UNFIT);
    DEFINE(DOORBELL_ACCOUNT, offsetof(struct model_doorbells, account));
    DEFINE(DOORBELL_MACHINE, offsetof(struct model_doorbells, machine));
    DEFINE(CPU_SSE, offsetof(struct machine_cpu, sse));
    DEFINE(CPU_RBX, offsetof(struct machine_cpu, rbx));
    DEFINE(CPU_RCX, offsetof(struct machine_cpu, rcx));
    DEFINE(CPU_RDX, offsetof(struct machine_cpu, rdx));
    DEFINE(CPU_RBP, offsetof(struct machine_cpu, rbp));
    DEFINE(CPU_RSI, offsetof(struct machine_cpu, rsi));
    DEFINE(CPU_RDI, offsetof(struct machine_cpu, rdi));
    DEFINE(CPU_R8, offsetof(struct machine_cpu, r8_to_r15));
    DEFINE(CPU_VMCB_PA, offsetof(struct machine_cpu, vmcb_pa));
    DEFINE(CPU_MODEL_VA, offsetof(struct machine_cpu, model_va));
    DEFINE(CPU_BOOKING, offsetof(struct machine_cpu, booking));
    DEFINE(CPU_HOST_BOOKING, offsetof(struct machine_cpu, host_booking));
    DEFINE(CPU_TSC_IN, offsetof(struct machine_cpu, tsc_in));
    DEFINE(CPU_TSC_OUT, offsetof(struct machine_cpu, tsc_out));
}
