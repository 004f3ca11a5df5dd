#include "mm/paging.h"
#include "kernel/cpu.h"
#include "kernel/panic.h"
#include "mm/direct.h"
#include "mm/memory.h"

#define DEVICE_VA    0xffff808000000000ull /* PML4 slot 257 */
#define STACK_STRIDE 20480                 /* sizeof(struct stack): a guard page and 16 KiB */

extern char text_start[], text_end[], rodata_start[], rodata_end[], stacks_start[], stacks_end[], image_end[];

static pte_t *root;
static u64 device_used;

pte_t *kernel_root(void)
{
    return root;
}

/* The rights of a page of the image; 0 means that it stays unmapped. Memory outside of the image is plain data. */
static u64 page_rights(paddr_t pa)
{
    if (pa < PAGE_SIZE)
        return 0;
    if (pa >= (paddr_t)text_start && pa < (paddr_t)text_end)
        return PTE_PRESENT;
    if (pa >= (paddr_t)rodata_start && pa < (paddr_t)rodata_end)
        return PTE_PRESENT | PTE_NO_EXECUTE;
    if (pa >= (paddr_t)stacks_start && pa < (paddr_t)stacks_end && (pa - (paddr_t)stacks_start) % STACK_STRIDE == 0)
        return 0;
    return PTE_PRESENT | PTE_WRITE | PTE_NO_EXECUTE;
}

static void map_page(vaddr_t va, paddr_t pa, u64 extra)
{
    u64 rights = page_rights(pa);

    if (rights)
        pt_map(root, va, pa, PAGE_SIZE, 1, rights | extra);
}

void paging_init(void)
{
    paddr_t small_end = ALIGN_UP((paddr_t)image_end, LARGE_PAGE_SIZE);

    root = pt_new_table();
    for (paddr_t pa = (paddr_t)text_start; pa < (paddr_t)image_end; pa += PAGE_SIZE)
        map_page(pa, pa, 0);
    /* The alias of the image in the direct map is never executable, and never more writable than the image. */
    for (paddr_t pa = 0; pa < small_end; pa += PAGE_SIZE)
        map_page(DIRECT_VA + pa, pa, PTE_NO_EXECUTE);
    if (memory_end() > small_end)
        pt_map(root, DIRECT_VA + small_end, small_end, memory_end() - small_end, 2, PTE_WRITE | PTE_NO_EXECUTE);
    write_cr3(virt_to_phys(root));
}

void *map_device(paddr_t pa, u64 bytes)
{
    paddr_t base = ALIGN_DOWN(pa, PAGE_SIZE);
    u64 size = ALIGN_UP(pa + bytes, PAGE_SIZE) - base;
    vaddr_t va = DEVICE_VA + device_used;

    pt_map(root, va, base, size, 1, PTE_WRITE | PTE_NO_EXECUTE | PTE_NO_CACHE | PTE_WRITE_THROUGH);
    device_used += size;
    return (void *)(va + (pa - base));
}

void map_shared(vaddr_t va, paddr_t pa, u64 bytes)
{
    pt_map(root, va, pa, bytes, 1, PTE_WRITE | PTE_NO_EXECUTE);
}
