/*
 * The direct map: all physical memory, at DIRECT_VA + address. The kernel reaches frames only through it, never by
 * their physical number as a pointer (which is unmapped and faults).
 */
#pragma once

#include "kernel/types.h"
#include "model/abi.h"

#define DIRECT_MAP_BYTES (4 * GIB) /* what boot/entry.asm maps, and all that paging_init() looks at */

static inline void *phys_to_virt(paddr_t pa)
{
    return (void *)(pa + DIRECT_VA);
}

/* For pointers into the direct map only. */
static inline paddr_t virt_to_phys(const void *va)
{
    return (u64)va - DIRECT_VA;
}

static inline void *pfn_to_virt(pfn_t pfn)
{
    return phys_to_virt(paddr_of(pfn));
}
