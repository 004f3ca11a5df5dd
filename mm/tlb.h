/*
 * TLB flushes: the one place that drops translations, so that every flush is counted, announced to the model and paid
 * for. Later it may reach other processors; callers need not know.
 *
 * After A or D was cleared, or a right taken away, a stale entry keeps the old rights and does not set the bits again
 * until it is flushed (SDM 3A, 4.10.4.2).
 */
#pragma once

#include "kernel/types.h"

/* Who has to hear of it, and so what it costs the workload's core. */
enum flush_reach {
    FLUSH_LOCAL,      /* the faulting processor alone: only the instruction is charged */
    FLUSH_PER_PAGES,  /* a shootdown whose number grows with the pages handled: every one of the machine's cores sends
                         such */
    FLUSH_PER_WINDOW, /* a shootdown that comes once a window, however large memory is */
};

struct tlb_counts {
    u64 full, page; /* flushes since the last reset */
};
extern struct tlb_counts tlb_counts;

/* Grows by every flush: a machine whose entries are older empties its own at its next entry (vm/machine.c). */
extern u64 tlb_flushes;

void tlb_flush_all(enum flush_reach reach);
void tlb_flush_page(vaddr_t va, enum flush_reach reach);
