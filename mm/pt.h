/*
 * Page tables: trees of 512-entry tables, four levels (SDM 3A, 4.5). An entry is named by an address and a level;
 * whether it is a leaf is never assumed; only leaves
 * withhold rights. Tables come from kernel memory and are not given back.
 */
#pragma once

#include "mm/pte.h"

/*
 * The entry of `level` on the way to `va`, or null when a table above it is missing (and `create` is false) or when a
 * leaf of a higher level stands in the way.
 */
pte_t *pt_entry(pte_t *root, vaddr_t va, unsigned level, bool create);

/* Maps [va, va + bytes) to physical memory in leaves of `level` (1: 4 KiB, 2: 2 MiB). An existing mapping is a panic.
 */
void pt_map(pte_t *root, vaddr_t va, paddr_t pa, u64 bytes, unsigned level, u64 flags);

/* A new, empty table. */
pte_t *pt_new_table(void);
