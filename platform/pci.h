/* Just enough PCI to find one device (PCI Local Bus specification 3.0, 3.2.2.3.2: configuration mechanism #1). */
#pragma once

#include "kernel/types.h"

/* Finds a device on bus 0. Returns its address for the calls below, or 0. */
u32 pci_find(u16 vendor, u16 device);

u32 pci_read(u32 address, unsigned offset);
void pci_write(u32 address, unsigned offset, u32 value);

/* Base and size of a memory BAR (32 or 64 bits); enables memory decoding. Returns 0 or ERR_NOENT. */
int pci_memory_bar(u32 address, unsigned bar, paddr_t *base, u64 *bytes);
