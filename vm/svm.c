#include "vm/svm.h"
#include "kernel/cpu.h"
#include "lib/string.h"
#include "mm/direct.h"
#include "mm/memory.h"

enum { MSR_EFER = 0xc0000080, MSR_VM_CR = 0xc0010114, MSR_VM_HSAVE_PA = 0xc0010117 };

#define EFER_SVME    ((u64)1 << 12)
#define VM_CR_SVMDIS ((u64)1 << 4)

paddr_t svm_host_state, svm_no_ports, svm_no_registers;

/* APM 2, 15.4: the feature, whether the firmware has locked it, and nested paging. */
const char *svm_missing(void)
{
    u32 out[4];

    cpuid(0x80000000, 0, out);
    if (out[0] < 0x8000000a)
        return "the processor has no AMD virtualization (SVM)";
    cpuid(0x80000001, 0, out);
    if (!(out[2] & 1 << 2))
        return "the processor has no AMD virtualization (SVM)";
    if (rdmsr(MSR_VM_CR) & VM_CR_SVMDIS)
        return "the firmware has switched AMD virtualization (SVM) off";
    cpuid(0x8000000a, 0, out);
    if (!(out[3] & 1))
        return "the processor's SVM has no nested paging";
    return NULL;
}

static paddr_t all_ones(size_t bytes)
{
    return virt_to_phys(memset(kmem_alloc(bytes), 0xff, bytes));
}

void svm_enable(void)
{
    if (svm_host_state)
        return;
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SVME);
    wrmsr(MSR_VM_HSAVE_PA, virt_to_phys(kmem_alloc(PAGE_SIZE)));
    svm_no_ports = all_ones(12 * KIB);
    svm_no_registers = all_ones(8 * KIB);
    svm_host_state = virt_to_phys(kmem_alloc(sizeof(struct vmcb)));
    __asm__ volatile("vmsave" : : "a"(svm_host_state) : "memory");
}
