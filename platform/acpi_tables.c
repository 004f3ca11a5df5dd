#include "platform/acpi_tables.h"
#include "kernel/exit.h"
#include "lib/string.h"
#include "platform/topology.h"

enum { ENTRY_ENABLED = 1 << 0 };

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

__attribute__((noreturn)) static void damaged(const struct acpi_table *table, const char *why)
{
    const char *s = table->signature;

    unfit("ACPI table %c%c%c%c is damaged: %s", s[0], s[1], s[2], s[3], why);
}

/* Calls `each` for every structure of a table whose body, behind `header` bytes, is a list of {type, length} records: a
 * byte each, or when `wide` 16 bits, 16 reserved ones and 32. */
static void for_each_entry(const struct acpi_table *table, u32 header, bool wide,
                           void (*each)(const struct acpi_table *table, unsigned type, const u8 *entry, u32 length))
{
    u32 least = wide ? 8 : 2;

    if (table->length < header)
        damaged(table, "it ends before its entries begin");
    for (u32 at = header, length; at < table->length; at += length) {
        const u8 *entry = (const u8 *)table + at;
        u32 left = table->length - at;

        if (left < least)
            damaged(table, "bytes are left over behind its last entry");
        length = wide ? get32(entry + 4) : entry[1];
        if (length < least || length > left)
            damaged(table, "an entry's length makes no sense");
        each(table, wide ? entry[0] | (u32)entry[1] << 8 : entry[0], entry, length);
    }
}

/* 5.2.12.2 and 5.2.12.12: a processor by its APIC id of 8 or 32 bits. */
static void read_madt_entry(const struct acpi_table *madt, unsigned type, const u8 *e, u32 length)
{
    enum { LOCAL_APIC = 0, LOCAL_X2APIC = 9 };

    (void)madt;
    if (type == LOCAL_APIC && length >= 8 && get32(e + 4) & ENTRY_ENABLED)
        topology.nr_cpus++;
    if (type == LOCAL_X2APIC && length >= 16 && get32(e + 8) & ENTRY_ENABLED)
        topology.nr_cpus++;
}

void acpi_read_madt(const struct acpi_table *madt)
{
    for_each_entry(madt, sizeof(*madt) + 8, false, read_madt_entry);
}

static void place_processor(u32 apic_id, u32 domain)
{
    if (apic_id != topology.apic_id)
        return;
    topology.cpu_domain = domain;
    topology.cpu_placed = true;
}

static void read_srat_memory(const struct acpi_table *srat, const u8 *e)
{
    enum { HOT_PLUGGABLE = 1 << 1 };
    u32 domain = get32(e + 2), flags = get32(e + 28);
    u64 base = get64(e + 8), size = get64(e + 16);

    if (!(flags & ENTRY_ENABLED))
        return;
    if (base + size < base)
        damaged(srat, "a range of memory has no end");
    /* The first revision had domains of 8 bits, with nothing defined in the others. */
    topology_add_memory(srat->revision < 2 ? domain & 0xff : domain, base, base + size, flags & HOT_PLUGGABLE);
}

/* 5.2.16.1 to 5.2.16.3. */
static void read_srat_entry(const struct acpi_table *srat, unsigned type, const u8 *e, u32 length)
{
    enum { PROCESSOR = 0, MEMORY = 1, X2APIC_PROCESSOR = 2 };

    if (type == PROCESSOR && length >= 16 && get32(e + 4) & ENTRY_ENABLED)
        place_processor(e[3], e[2] | (srat->revision < 2 ? 0 : get32(e + 8) & 0xffffff00));
    if (type == X2APIC_PROCESSOR && length >= 24 && get32(e + 12) & ENTRY_ENABLED)
        place_processor(get32(e + 8), get32(e + 4));
    if (type == MEMORY && length >= 40)
        read_srat_memory(srat, e);
}

void acpi_read_srat(const struct acpi_table *srat)
{
    for_each_entry(srat, sizeof(*srat) + 12, false, read_srat_entry);
    topology_check_disjoint();
    if (!topology.cpu_placed)
        unfit("ACPI table SRAT does not say to which NUMA node the processor (APIC id %u) belongs", topology.apic_id);
}

/* 5.2.17. A node without a usable distance keeps 0, unknown: only HMAT can rank it then. */
void acpi_read_slit(const struct acpi_table *slit)
{
    enum { LOCAL = 10, UNREACHABLE = 255 };
    const u8 *body = (const u8 *)(slit + 1);
    u64 n = slit->length >= sizeof(*slit) + 8 ? get64(body) : 0;

    if (!n || n > 0xffff || slit->length < sizeof(*slit) + 8 + n * n)
        damaged(slit, "its size makes no sense");
    if (topology.cpu_domain >= n)
        return;
    for (unsigned i = 0; i < topology.nr_nodes; i++) {
        struct node *node = &topology.node[i];
        u8 distance;

        if (node->domain >= n)
            continue;
        distance = body[8 + topology.cpu_domain * n + node->domain];
        if (node->domain == topology.cpu_domain && distance != LOCAL)
            damaged(slit, "the distance from the processor's node to itself is not 10");
        if (distance >= LOCAL && distance != UNREACHABLE) /* below 10 the values are reserved */
            node->distance = distance;
    }
}

/* One cell of a matrix; false when it holds no value. */
static bool read_cell(const struct acpi_table *hmat, const u8 *cell, u64 unit, u64 *value)
{
    enum { UNREACHABLE = 0xffff };
    u64 entry = cell[0] | (u64)cell[1] << 8;

    if (!entry || entry == UNREACHABLE)
        return false;
    if (__builtin_mul_overflow(entry, unit, value))
        damaged(hmat, "an entry times its base unit has no room in 64 bits");
    return true;
}

/* System locality latency and bandwidth information (5.2.29.4), the "memory" hierarchy only; ps and MB/s. */
static void read_hmat_entry(const struct acpi_table *hmat, unsigned type, const u8 *e, u32 length)
{
    enum { LOCALITY = 1, ACCESS_LATENCY = 0, READ_LATENCY = 1, ACCESS_BANDWIDTH = 3, READ_BANDWIDTH = 4 };

    if (type != LOCALITY)
        return;
    if (length < 32)
        damaged(hmat, "a matrix is shorter than its header");
    u32 data = e[9];
    u64 nr_from = get32(e + 12), nr_to = get32(e + 16), unit = get64(e + 24), value;
    if ((e[8] & 0xf) != 0)
        return;
    if (nr_from > 0xffff || nr_to > 0xffff || 32 + 4 * nr_from + 4 * nr_to + 2 * nr_from * nr_to > length)
        damaged(hmat, "a matrix is larger than its entry");
    const u8 *from = e + 32, *to = from + 4 * nr_from, *cells = to + 4 * nr_to;
    for (u64 i = 0; i < nr_from; i++) {
        for (u64 t = 0; t < nr_to && get32(from + 4 * i) == topology.cpu_domain; t++) {
            struct node *node = topology_node(get32(to + 4 * t));
            if (!node || !read_cell(hmat, cells + 2 * (i * nr_to + t), unit, &value))
                continue;
            if (data == ACCESS_LATENCY || data == READ_LATENCY)
                node->latency_ps = value;
            else if (data == ACCESS_BANDWIDTH || data == READ_BANDWIDTH)
                node->bandwidth_MBps = value;
        }
    }
}

void acpi_read_hmat(const struct acpi_table *hmat)
{
    for_each_entry(hmat, sizeof(*hmat) + 4, true, read_hmat_entry);
}
