/* Entries of page tables in words. */
#pragma once

#include "mm/pte.h"

/* "frame 0x1234 present write accessed", or "empty". `walked`: what the modelled TLB says of A decides, not the entry. */
void entry_print(pte_t entry);

/* The tier of a frame: "fast tier", "slow tier", or "kernel memory" where it is in no tier's pool. */
const char *entry_place(pfn_t pfn);

/*
 * The page's entry as a tracker would find it. With `flush=none` the modelled TLB decides whether a page was accessed (mm/bits.h), as
 * QEMU's own depends on the host.
 */
pte_t entry_seen(u32 page);
