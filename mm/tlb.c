#include "mm/tlb.h"
#include "kernel/clock.h"
#include "kernel/cpu.h"
#include "mm/space.h"

struct tlb_counts tlb_counts;
u64 tlb_flushes;

/*
 * A shootdown is received by a core that is busy with something else: a constant (`shootdown_ps`) on the workload's
 * clock. One modelled core stands for one of `cores`; where the number of shootdowns grows with pages, the pages that
 * this machine handles are 1/cores of those of the whole machine, and each core receives all of them.
 */
static void charge(enum flush_reach reach)
{
    if (reach == FLUSH_PER_PAGES)
        clock_charge(ACCOUNT_OTHER, model_header()->shootdown_ps * model_header()->cores);
    else if (reach == FLUSH_PER_WINDOW)
        clock_charge(ACCOUNT_OTHER, model_header()->shootdown_ps);
}

void tlb_flush_all(enum flush_reach reach)
{
    tlb_counts.full++;
    tlb_flushes++;
    charge(reach);
    model_doorbells->flush_all = reach != FLUSH_LOCAL;
    write_cr3(read_cr3());
}

void tlb_flush_page(vaddr_t va, enum flush_reach reach)
{
    if (va >= space_machine_va(0) && va < space_machine_va(MAX_MACHINES)) {
        /* No instruction drops the translations of one guest-physical page: INVLPGA takes a virtual one (APM
         * 2, 15.16.3). */
        tlb_flush_all(reach);
        return;
    }
    tlb_counts.page++;
    charge(reach);
    model_doorbells->flush_page = va | (reach != FLUSH_LOCAL);
    invlpg(va);
}
