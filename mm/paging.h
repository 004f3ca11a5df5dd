/*
 * The kernel's own address space.
 *
 *      slot 0      the image, at its physical address, in 4 KiB leaves: text read-execute, constants read-only, data
 *                  read-write; below each stack a page is missing. Nothing else: a null or physical pointer faults.
 *      slot 128    managed spaces, one PML4 slot each
 *      slot 129    nothing is mapped there: the model's names for machines' virtual addresses, a slot each (vm/)
 *      slot 192    the laboratory's view of the arena (lab/arena.c), while a workload is set up or verified
 *      slot 256    the direct map: all memory, read-write, 2 MiB leaves; around the image 4 KiB leaves with its rights
 *      slot 257    device registers, uncached
 *      slot 288    the model's shared region
 *
 * Spaces lie far from large leaves: QEMU drops its whole TLB when an invlpg falls anywhere inside the span that large
 * pages cover.
 */
#pragma once

#include "mm/pt.h"

#define SPACE_PML4_SLOT 128
#define MACHINE_PML4_SLOT 129
#define VIEW_VA         ((vaddr_t)192 << 39)

/* Builds and loads the final tables. Needs memory_init(). */
void paging_init(void);

pte_t *kernel_root(void);

/* Maps device registers, uncached, and returns where. */
void *map_device(paddr_t pa, u64 bytes);

/* Maps ordinary memory of a device at a fixed address, cached. Sizes are multiples of 4 KiB. */
void map_shared(vaddr_t va, paddr_t pa, u64 bytes);
