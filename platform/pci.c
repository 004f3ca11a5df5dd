#include "platform/pci.h"
#include "kernel/cpu.h"
#include "kernel/err.h"

enum { PORT_ADDRESS = 0xcf8, PORT_DATA = 0xcfc };
enum { REG_ID = 0x00, REG_COMMAND = 0x04, REG_BAR0 = 0x10 };
enum { COMMAND_MEMORY = 1 << 1, BAR_IO = 1 << 0, BAR_64BIT = 2 << 1 };

u32 pci_read(u32 address, unsigned offset)
{
    outl(PORT_ADDRESS, address | offset);
    return inl(PORT_DATA);
}

void pci_write(u32 address, unsigned offset, u32 value)
{
    outl(PORT_ADDRESS, address | offset);
    outl(PORT_DATA, value);
}

u32 pci_find(u16 vendor, u16 device)
{
    for (u32 slot = 0; slot < 32; slot++) {
        u32 address = 0x80000000u | slot << 11;
        if (pci_read(address, REG_ID) == ((u32)device << 16 | vendor))
            return address;
    }
    return 0;
}

int pci_memory_bar(u32 address, unsigned bar, paddr_t *base, u64 *bytes)
{
    unsigned low = REG_BAR0 + 4 * bar, high = low + 4;
    u32 old_low = pci_read(address, low), old_high = 0;
    u64 mask;

    if (old_low & BAR_IO)
        return ERR_NOENT;
    pci_write(address, low, 0xffffffff);
    mask = 0xffffffff00000000ull | (pci_read(address, low) & ~0xfu);
    pci_write(address, low, old_low);
    if (old_low & BAR_64BIT) {
        old_high = pci_read(address, high);
        pci_write(address, high, 0xffffffff);
        mask = (mask & 0xffffffff) | (u64)pci_read(address, high) << 32;
        pci_write(address, high, old_high);
    }
    *base = (u64)old_high << 32 | (old_low & ~0xfu);
    *bytes = ~mask + 1;
    if (!*base || !*bytes)
        return ERR_NOENT;
    pci_write(address, REG_COMMAND, pci_read(address, REG_COMMAND) | COMMAND_MEMORY);
    return 0;
}
