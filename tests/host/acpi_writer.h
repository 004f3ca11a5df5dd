/* ACPI's tables, written byte by byte, for the tests of what the machine is taken for. */
#pragma once

#include <stdio.h>
#include <string.h>

#include "platform/acpi_tables.h"
#include "platform/multiboot.h"
#include "platform/topology.h"
#include "tests/host/host.h"

struct boot_info boot_info;

/* --- writing tables ------------------------------------------------------------------------------------------------
 */

static u8 table[4096];
static u32 size;

static void put(u64 value, unsigned bytes)
{
    for (; bytes--; value >>= 8)
        table[size++] = (u8)value;
}

static void begin(const char *signature, u8 revision, u32 reserved)
{
    memset(table, 0, sizeof(table));
    memcpy(table, signature, 4);
    table[8] = revision;
    size = 36 + reserved;
}

/* The table at the very end of an array, so that the sanitizer sees a byte too many read. The last four stay valid. */
static struct acpi_table *end(void)
{
    static u8 places[4][sizeof(table)];
    static unsigned made;
    u8 *place = places[made++ % 4] + sizeof(table) - size;

    memcpy(table + 4, &size, 4);
    return memcpy(place, table, size);
}

static void srat_begin(void)
{
    begin("SRAT", 3, 12);
}

static void processor(u32 domain, u8 apic_id, u32 flags)
{
    put(0, 1), put(16, 1), put(domain & 0xff, 1), put(apic_id, 1), put(flags, 4), put(0, 1), put(domain >> 8, 3);
    put(0, 4);
}

static void x2apic_processor(u32 domain, u32 apic_id, u32 flags)
{
    put(2, 1), put(24, 1), put(0, 2), put(domain, 4), put(apic_id, 4), put(flags, 4), put(0, 8);
}

enum { ENABLED = 1, HOT_PLUG = 2 };

static void memory(u32 domain, u64 base, u64 bytes, u32 flags)
{
    put(1, 1), put(40, 1), put(domain, 4), put(0, 2), put(base, 8), put(bytes, 8), put(0, 4), put(flags, 4), put(0, 8);
}

static void srat_end(void)
{
    acpi_read_srat(end());
}

static void slit(unsigned n, const u8 *distances)
{
    begin("SLIT", 1, 0);
    put(n, 8);
    for (unsigned i = 0; i < n * n; i++)
        put(distances[i], 1);
    acpi_read_slit(end());
}

/* One matrix from `from` to the domains 0 to n - 1. */
static void hmat(u8 data, u32 from, unsigned n, u64 unit, const u16 *entries)
{
    begin("HMAT", 2, 4);
    put(1, 2), put(0, 2), put(32 + 4 + 4 * n + 2 * n, 4), put(0, 1), put(data, 1), put(0, 2);
    put(1, 4), put(n, 4), put(0, 4), put(unit, 8), put(from, 4);
    for (u32 to = 0; to < n; to++)
        put(to, 4);
    for (unsigned i = 0; i < n; i++)
        put(entries[i], 2);
    acpi_read_hmat(end());
}

/* --- the machine before its tables are read --------------------------------------------------------------------------
 */

static const u64 any[NR_TIERS] = {NODE_ANY, NODE_ANY};

static void power_on(void)
{
    memset(&topology, 0, sizeof(topology));
    memset(&boot_info, 0, sizeof(boot_info));
    boot_info.nr_ram = 2;
    boot_info.ram[0].base = 0, boot_info.ram[0].end = 0x9f000;
    boot_info.ram[1].base = MIB, boot_info.ram[1].end = 512 * MIB;
}

/* Nodes of 128 MiB, one behind the other. */
static void nodes(unsigned n)
{
    power_on();
    srat_begin();
    processor(0, 0, ENABLED);
    for (u32 i = 0; i < n; i++)
        memory(i, i * 128 * MIB, 128 * MIB, ENABLED);
    srat_end();
}

static void check_tiers(u32 fast, u32 slow, const char *ranked_by)
{
    CHECK_EQ(fast, topology.tier[TIER_FAST]->domain);
    CHECK_EQ(slow, topology.tier[TIER_SLOW]->domain);
    CHECK(!strcmp(ranked_by, topology.ranked_by));
}

#define REFUSED_FOR(words, statement)                                                                                  \
    do {                                                                                                               \
        REFUSES(statement);                                                                                            \
        if (!strstr(host_message, words))                                                                              \
            host_fail(__FILE__, __LINE__, "no '%s' in: %s", words, host_message);                                      \
    } while (0)

static void check_range(unsigned node, unsigned range, u64 base, u64 end)
{
    CHECK_EQ(base, topology.node[node].range[range].base);
    CHECK_EQ(end, topology.node[node].range[range].end);
}
