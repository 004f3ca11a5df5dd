#include "kernel/acpi.h"
#include "kernel/console.h"
#include "kernel/exit.h"
#include "kernel/hooks.h"
#include "kernel/multiboot.h"
#include "kernel/string.h"
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

struct table {
    char signature[4];
    u32 length;
    u8 revision, checksum;
    char oem[6], oem_table[8];
    u32 oem_revision, creator, creator_revision;
} __attribute__((packed));

struct topology topology;

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

static const struct table *check_table(paddr_t at)
{
    const struct table *table = phys_to_virt(at);

    if (at + sizeof(*table) > DIRECT_MAP_BYTES || table->length < sizeof(*table) ||
        at + table->length > DIRECT_MAP_BYTES)
        unfit("ACPI table at %lx is damaged: its length makes no sense", at);
    if (sum_bytes(table, table->length))
        unfit("ACPI table %c%c%c%c is damaged: wrong checksum", table->signature[0], table->signature[1],
              table->signature[2], table->signature[3]);
    return table;
}

static const struct table *find_table(const char *signature)
{
    const struct rsdp *rsdp = find_rsdp();
    bool wide = rsdp->revision >= 2 && rsdp->xsdt;
    const struct table *root = check_table(wide ? rsdp->xsdt : rsdp->rsdt);
    size_t entry = wide ? 8 : 4;
    const u8 *at = (const u8 *)(root + 1), *end = (const u8 *)root + root->length;

    for (; at + entry <= end; at += entry) {
        paddr_t address = 0;
        memcpy(&address, at, entry);
        if (address + sizeof(struct table) <= DIRECT_MAP_BYTES && !memcmp(phys_to_virt(address), signature, 4))
            return check_table(address);
    }
    return NULL;
}

static u32 get32(const u8 *at)
{
    u32 value;

    memcpy(&value, at, sizeof(value));
    return value;
}

static u64 get64(const u8 *at)
{
    u64 value;

    memcpy(&value, at, sizeof(value));
    return value;
}

static struct node *node_of_domain(u32 domain)
{
    unsigned i = 0;

    while (i < topology.nr_nodes && topology.node[i].domain < domain)
        i++;
    if (i < topology.nr_nodes && topology.node[i].domain == domain)
        return &topology.node[i];
    if (topology.nr_nodes == MAX_NODES)
        unfit("more than %d NUMA nodes", MAX_NODES);
    memmove(&topology.node[i + 1], &topology.node[i], (topology.nr_nodes - i) * sizeof(struct node));
    topology.nr_nodes++;
    topology.node[i] = (struct node){.domain = domain};
    return &topology.node[i];
}

/* Calls `each` for every structure of a table whose body is a list of {type, length} (u8 or u16) records. */
static void for_each_entry(const struct table *table, size_t header, bool wide,
                           void (*each)(unsigned type, const u8 *entry, u32 length))
{
    const u8 *at = (const u8 *)table + header, *end = (const u8 *)table + table->length;

    while (at + (wide ? 8 : 2) <= end) {
        unsigned type = wide ? at[0] | at[1] << 8 : at[0];
        u32 length = wide ? get32(at + 4) : at[1];
        if (length < (wide ? 8 : 2) || at + length > end)
            unfit("ACPI table %c%c%c%c is damaged: an entry's length makes no sense", table->signature[0],
                  table->signature[1], table->signature[2], table->signature[3]);
        each(type, at, length);
        at += length;
    }
}

static void read_srat_entry(unsigned type, const u8 *e, u32 length)
{
    if (type == 0 && length >= 16 && get32(e + 4) & 1 && e[3] == 0) /* the boot processor, APIC id 0 */
        topology.cpu_domain = e[2] | (u32)e[9] << 8 | (u32)e[10] << 16 | (u32)e[11] << 24;
    if (type != 1 || length < 40 || !(get32(e + 28) & 1))
        return;
    u64 base = get64(e + 8), size = get64(e + 16);
    struct node *node = node_of_domain(get32(e + 2));
    if (!size)
        return;
    if (node->nr_ranges == MAX_NODE_RANGES)
        unfit("NUMA node %u has more than %d ranges of memory", node->domain, MAX_NODE_RANGES);
    node->range[node->nr_ranges].base = base;
    node->range[node->nr_ranges++].end = base + size;
}

static void read_madt_entry(unsigned type, const u8 *e, u32 length)
{
    if (type == 0 && length >= 8 && get32(e + 4) & 1)
        topology.nr_cpus++;
}

static void read_slit(const struct table *slit)
{
    const u8 *body = (const u8 *)(slit + 1);
    u64 n = slit->length >= sizeof(*slit) + 8 ? get64(body) : 0;

    if (!n || n > 0xffff || slit->length < sizeof(*slit) + 8 + n * n)
        unfit("ACPI table SLIT is damaged: its size makes no sense");
    for (unsigned i = 0; i < topology.nr_nodes; i++)
        if (topology.node[i].domain < n && topology.cpu_domain < n)
            topology.node[i].distance = body[8 + topology.cpu_domain * n + topology.node[i].domain];
}

/* System locality latency and bandwidth information (5.2.29.4), the "memory" hierarchy only. */
static void read_hmat_entry(unsigned type, const u8 *e, u32 length)
{
    enum { ACCESS_LATENCY = 0, READ_LATENCY = 1, ACCESS_BANDWIDTH = 3, READ_BANDWIDTH = 4, UNREACHABLE = 0xffff };

    if (type != 1 || length < 32 || (e[8] & 0xf) != 0)
        return;
    u32 data = e[9], nr_from = get32(e + 12), nr_to = get32(e + 16);
    u64 unit = get64(e + 24);
    const u8 *from = e + 32, *to = from + 4 * (u64)nr_from, *entry = to + 4 * (u64)nr_to;

    if (nr_from > 0xffff || nr_to > 0xffff || entry + 2 * (u64)nr_from * nr_to > e + length)
        unfit("ACPI table HMAT is damaged: a matrix is larger than its entry");
    for (u32 i = 0; i < nr_from; i++) {
        for (u32 t = 0; t < nr_to && get32(from + 4 * i) == topology.cpu_domain; t++) {
            const u8 *cell = entry + 2 * (i * (u64)nr_to + t);
            u64 value = cell[0] | cell[1] << 8;
            struct node *node = node_of_domain(get32(to + 4 * t));
            if (!value || value == UNREACHABLE)
                continue;
            if (data == ACCESS_LATENCY || data == READ_LATENCY)
                node->latency_ps = value * unit;
            else if (data == ACCESS_BANDWIDTH || data == READ_BANDWIDTH)
                node->bandwidth_MBps = value * unit;
        }
    }
}

static void rank_nodes(void)
{
    const struct node *best = NULL, *worst = NULL;
    bool by_latency = true;
    unsigned with_memory = 0;

    for (unsigned i = 0; i < topology.nr_nodes; i++) {
        if (!topology.node[i].nr_ranges)
            continue;
        with_memory++;
        by_latency = by_latency && topology.node[i].latency_ps;
    }
    if (with_memory < 2)
        unfit("two NUMA nodes with memory are needed; ACPI (SRAT) describes %u", with_memory);
    for (unsigned i = 0; i < topology.nr_nodes; i++) {
        struct node *n = &topology.node[i];
        u64 rank = by_latency ? n->latency_ps : n->distance;
        if (!n->nr_ranges)
            continue;
        if (!rank)
            unfit("NUMA node %u: neither HMAT nor SLIT says how far it is", n->domain);
        /* Equal ones rank by number: the first found stays the fastest, the last becomes the slowest. */
        if (!best || rank < (by_latency ? best->latency_ps : best->distance))
            best = n;
        if (!worst || rank >= (by_latency ? worst->latency_ps : worst->distance))
            worst = n;
    }
    topology.ranked_by = by_latency ? "HMAT" : "SLIT";
    topology.tier[TIER_FAST] = best;
    topology.tier[TIER_SLOW] = worst;
    topology.node[worst - topology.node].tier = TIER_SLOW;
}

void acpi_init(void)
{
    const struct table *srat = find_table("SRAT"), *slit, *hmat, *madt = find_table("APIC");

    if (hook_is("acpi") && srat) /* a test wants to see a damaged table refused */
        ((u8 *)(u64)srat)[srat->length - 1] ^= 1, srat = find_table("SRAT");
    if (!madt || madt->length < sizeof(*madt) + 8)
        unfit("no usable ACPI table MADT");
    topology.lapic = get32((const u8 *)(madt + 1));
    for_each_entry(madt, sizeof(*madt) + 8, false, read_madt_entry);
    if (!srat)
        unfit("no ACPI table SRAT: two NUMA nodes are needed");
    for_each_entry(srat, sizeof(*srat) + 12, false, read_srat_entry);
    slit = find_table("SLIT");
    if (slit)
        read_slit(slit);
    hmat = find_table("HMAT");
    if (hmat)
        for_each_entry(hmat, sizeof(*hmat) + 4, true, read_hmat_entry);
    rank_nodes();
}
