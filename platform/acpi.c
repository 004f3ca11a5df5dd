#include "platform/acpi.h"
#include "platform/acpi_tables.h"
#include "kernel/cpu.h"
#include "kernel/exit.h"
#include "kernel/hooks.h"
#include "lib/keys.h"
#include "platform/multiboot.h"
#include "lib/string.h"
#include "platform/topology.h"
#include "mm/direct.h"

struct rsdp {
    char signature[8];
    u8 checksum;
    char oem[6];
    u8 revision;
    u32 rsdt;
    u32 length;
    u64 xsdt;
    u8 extended_checksum, reserved[3];
} __attribute__((packed));

#define MAX_TABLE_BYTES MIB /* far more than any table that is read here has */

static u8 sum_bytes(const void *start, size_t size)
{
    const u8 *bytes = start;
    u8 sum = 0;

    while (size--)
        sum = (u8)(sum + *bytes++);
    return sum;
}

static bool is_rsdp(const struct rsdp *r)
{
    if (memcmp(r->signature, "RSD PTR ", 8) || sum_bytes(r, 20))
        return false;
    return r->revision < 2 || (r->length >= sizeof(*r) && r->length < PAGE_SIZE && !sum_bytes(r, r->length));
}

/* From the loader, else the first KiB of the EBDA, else the BIOS area (5.2.5.1). */
static const struct rsdp *find_rsdp(void)
{
    paddr_t ebda = (paddr_t) * (const u16 *)phys_to_virt(0x40e) << 4;

    if (boot_info.rsdp != PADDR_INVALID && is_rsdp(phys_to_virt(boot_info.rsdp)))
        return phys_to_virt(boot_info.rsdp);
    for (paddr_t at = ebda; ebda && at < ebda + KIB; at += 16)
        if (is_rsdp(phys_to_virt(at)))
            return phys_to_virt(at);
    for (paddr_t at = 0xe0000; at < 0x100000; at += 16)
        if (is_rsdp(phys_to_virt(at)))
            return phys_to_virt(at);
    unfit("no ACPI root pointer (RSDP) found");
}

static const struct acpi_table *check_table(paddr_t at)
{
    const struct acpi_table *table = phys_to_virt(at);

    if (at > DIRECT_MAP_BYTES - MAX_TABLE_BYTES || table->length < sizeof(*table) || table->length > MAX_TABLE_BYTES)
        unfit("ACPI table at %lx is damaged: its length makes no sense", at);
    if (sum_bytes(table, table->length))
        unfit("ACPI table %c%c%c%c is damaged: wrong checksum", table->signature[0], table->signature[1],
              table->signature[2], table->signature[3]);
    return table;
}

static const struct acpi_table *find_table(const char *signature)
{
    const struct rsdp *rsdp = find_rsdp();
    bool wide = rsdp->revision >= 2 && rsdp->xsdt;
    const struct acpi_table *root = check_table(wide ? rsdp->xsdt : rsdp->rsdt);
    size_t entry = wide ? 8 : 4;
    const u8 *at = (const u8 *)(root + 1), *end = (const u8 *)root + root->length;

    for (; at + entry <= end; at += entry) {
        paddr_t address = 0;
        memcpy(&address, at, entry);
        if (address <= DIRECT_MAP_BYTES - MAX_TABLE_BYTES && !memcmp(phys_to_virt(address), signature, 4))
            return check_table(address);
    }
    return NULL;
}

/* The boot processor's APIC id: of 32 bits where leaf 0Bh has it, else of 8 (SDM 2A, CPUID). */
static u32 own_apic_id(void)
{
    u32 r[4];

    cpuid(0, 0, r);
    if (r[0] >= 0xb) {
        cpuid(0xb, 0, r);
        if (r[1])
            return r[3];
    }
    cpuid(1, 0, r);
    return r[1] >> 24;
}

/* Which nodes are the tiers. Afterwards both have the values that were taken, so that a run's id is of what it ran on.
 */
static KEY_NUMBER(fast_node, "fast_node", 0, 0, UINT32_MAX,
                  "NUMA node that is the fast tier; else the nearest to the processor");
static KEY_NUMBER(slow_node, "slow_node", 0, 0, UINT32_MAX,
                  "NUMA node that is the slow tier; else the farthest from it");

static void choose_tiers(void)
{
    topology_rank((u64[NR_TIERS]){
        [TIER_FAST] = key_given(&fast_node) ? fast_node : NODE_ANY,
        [TIER_SLOW] = key_given(&slow_node) ? slow_node : NODE_ANY,
    });
    fast_node = topology.tier[TIER_FAST]->domain;
    slow_node = topology.tier[TIER_SLOW]->domain;
}

void acpi_init(void)
{
    const struct acpi_table *madt = find_table("APIC"), *srat = find_table("SRAT"), *slit, *hmat;

    if (hook_is("acpi") && srat) /* a test wants to see a damaged table refused */
        ((u8 *)(u64)srat)[srat->length - 1] ^= 1, srat = find_table("SRAT");
    if (!madt)
        unfit("no ACPI table MADT");
    if (!srat)
        unfit("no ACPI table SRAT: two NUMA nodes are needed");
    topology.apic_id = own_apic_id();
    acpi_read_madt(madt);
    acpi_read_srat(srat);
    slit = find_table("SLIT");
    if (slit)
        acpi_read_slit(slit);
    hmat = find_table("HMAT");
    if (hmat)
        acpi_read_hmat(hmat);
    choose_tiers();
}
