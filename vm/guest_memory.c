/*
 * A machine's memory seen from the host: by guest-physical address, and by the machine's own tables, which are read as
 * they are and trusted in nothing. The machine is stopped meanwhile: nobody sets bits under our hands.
 */
#include "lib/string.h"
#include "mm/direct.h"
#include "vm/machine.h"

void *machine_bytes(const struct machine *machine, u64 gpa)
{
    u64 page = gpa >> PAGE_SHIFT;

    if (page >= machine->memory->nr_pages || !space_resident(machine->memory, (u32)page))
        return NULL;
    return (u8 *)space_bytes(machine->memory, (u32)page) + gpa % PAGE_SIZE;
}

/* The guest-physical address behind a virtual one. APM 2, 5.3 (long-mode page translation). */
static bool translate(const struct machine *machine, vaddr_t gva, u64 *gpa)
{
    u64 table = machine->vmcb->cr3 & PTE_ADDRESS;

    for (unsigned level = PT_LEVELS; level; level--) {
        const pte_t *entry = machine_bytes(machine, table + pt_index(gva, level) * sizeof(pte_t));
        u64 within = ((u64)1 << pt_level_shift(level)) - 1;

        if (!entry || !pte_present(*entry))
            return false;
        table = entry->bits & PTE_ADDRESS;
        if (level == 1 || (level < PT_LEVELS && entry->bits & PTE_LARGE)) {
            *gpa = (table & ~within) | (gva & within);
            return true;
        }
    }
    return false;
}

static pte_t *table(const struct machine *machine, u32 page)
{
    return machine_bytes(machine, (u64)page << PAGE_SHIFT);
}

static pte_t guest_entry(u32 page, u64 bits)
{
    return (pte_t){(u64)page << PAGE_SHIFT | PTE_PRESENT | PTE_WRITE | bits};
}

/* Root, level 3, level 2 for every GiB up to the end, level 1. */
u32 machine_tables(u32 nr_pages)
{
    u64 end = MACHINE_LINEAR + ((u64)nr_pages << PAGE_SHIFT);

    return (u32)(2 + ALIGN_UP(end, GIB) / GIB + ALIGN_UP(nr_pages, PT_ENTRIES) / PT_ENTRIES);
}

bool machine_map(struct machine *machine, u32 first, u32 code_end)
{
    u32 nr_pages = machine->memory->nr_pages, middle = first + 2, low, end = first + machine_tables(nr_pages);

    for (u32 page = first; page < end; page++)
        if (!space_resident(machine->memory, page) && space_populate(machine->memory, page))
            return false;
    low = end - (u32)(ALIGN_UP(nr_pages, PT_ENTRIES) / PT_ENTRIES);
    table(machine, first)[0] = guest_entry(first + 1, 0);
    for (u32 i = middle; i < low; i++)
        table(machine, first + 1)[i - middle] = guest_entry(i, 0);
    for (u32 i = low; i < end; i++) {
        u64 at = (MACHINE_LINEAR >> LARGE_PAGE_SHIFT) + i - low;
        table(machine, middle + (u32)(at / PT_ENTRIES))[at % PT_ENTRIES] = guest_entry(i, 0);
    }
    for (u32 page = 0; page < nr_pages; page++)
        table(machine, low + page / PT_ENTRIES)[page % PT_ENTRIES] =
            guest_entry(page, page < code_end ? 0 : PTE_NO_EXECUTE);
    return true;
}

bool machine_read(const struct machine *machine, vaddr_t gva, void *to, size_t bytes)
{
    while (bytes) {
        size_t piece = MIN(bytes, PAGE_SIZE - gva % PAGE_SIZE);
        const void *from;
        u64 gpa;

        if (!translate(machine, gva, &gpa) || !(from = machine_bytes(machine, gpa)))
            return false;
        memcpy(to, from, piece);
        to = (u8 *)to + piece;
        gva += piece;
        bytes -= piece;
    }
    return true;
}
