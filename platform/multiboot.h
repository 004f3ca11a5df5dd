/* What the boot loader told us, copied out of its memory before anything can overwrite it. */
#pragma once

#include "kernel/types.h"

#define MAX_RAM_RANGES   32
#define MAX_COMMAND_LINE 4096

struct boot_info {
    struct {
        paddr_t base, end;
    } ram[MAX_RAM_RANGES]; /* memory that is free to use according to the firmware */
    unsigned nr_ram;
    paddr_t rsdp; /* where a copy of the ACPI root pointer lies; PADDR_INVALID when the loader gave none */
    char command_line[MAX_COMMAND_LINE];
};

extern struct boot_info boot_info;

/* Fills boot_info from a multiboot1 or multiboot2 information structure; unfit() for anything else. */
void boot_info_init(u32 magic, paddr_t information);
