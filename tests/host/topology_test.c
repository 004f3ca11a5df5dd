/* sources: tests/host/host.c kernel/acpi_tables.c kernel/topology.c */
/* ACPI's tables, written here byte by byte, and what the machine is taken for. */
#include <stdio.h>
#include <string.h>

#include "kernel/acpi_tables.h"
#include "kernel/multiboot.h"
#include "kernel/topology.h"
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

/* --- memory ----------------------------------------------------------------------------------------------------------
 */

static void test_memory(void)
{
    host_case("topology.domains_in_order");
    power_on();
    srat_begin();
    processor(0x01020304, 0, ENABLED);
    memory(0x01020304, 256 * MIB, 64 * MIB, ENABLED);
    memory(2, 128 * MIB, 128 * MIB, ENABLED);
    memory(1, 0, 128 * MIB, 0); /* not enabled */
    srat_end();
    CHECK_EQ(2, topology.nr_nodes);
    CHECK_EQ(2, topology.node[0].domain);
    CHECK_EQ(0x01020304, topology.node[1].domain);
    CHECK_EQ(0x01020304, topology.cpu_domain);

    host_case("topology.domains_of_8_bits");
    power_on();
    begin("SRAT", 1, 12);
    processor(0xabcd03, 0, ENABLED);
    memory(0xabcd04, 0, MIB, ENABLED);
    srat_end();
    CHECK_EQ(3, topology.cpu_domain);
    CHECK_EQ(4, topology.node[0].domain);

    /* The third piece joins the two others; a fourth lies apart; a fifth repeats what is known. */
    host_case("topology.neighbours_merge");
    power_on();
    srat_begin();
    processor(0, 0, ENABLED);
    memory(0, 0, 16 * MIB, ENABLED);
    memory(0, 32 * MIB, 16 * MIB, ENABLED);
    memory(0, 16 * MIB, 16 * MIB, ENABLED);
    memory(0, 64 * MIB, 16 * MIB, ENABLED);
    memory(0, 40 * MIB, 4 * MIB, ENABLED);
    srat_end();
    CHECK_EQ(2, topology.node[0].nr_ranges);
    check_range(0, 0, 64 * MIB, 80 * MIB);
    check_range(0, 1, 0, 48 * MIB);

    host_case("topology.many_ranges");
    power_on();
    srat_begin();
    processor(0, 0, ENABLED);
    for (u64 i = 0; i < MAX_NODE_RANGES; i++)
        memory(0, 2 * i * MIB, MIB, ENABLED);
    srat_end();
    CHECK_EQ(MAX_NODE_RANGES, topology.node[0].nr_ranges);
    memory(0, 400 * MIB, MIB, ENABLED);
    REFUSED_FOR("node 0 has more than 16 separate ranges", acpi_read_srat(end()));

    host_case("topology.above_the_direct_map");
    power_on();
    srat_begin();
    processor(0, 0, ENABLED);
    memory(0, 0, 256 * MIB, ENABLED);
    memory(0, 4 * GIB, 256 * MIB, ENABLED);
    memory(1, 5 * GIB, 1 * GIB, ENABLED);
    memory(2, 4 * GIB - MIB, 2 * MIB, ENABLED);
    srat_end();
    CHECK_EQ(2, topology.nr_nodes);
    CHECK_EQ(1, topology.node[0].nr_ranges);
    check_range(1, 0, 4 * GIB - MIB, 4 * GIB);

    /* Memory that can be plugged in counts as far as the firmware's map has it: 512 MiB here. */
    host_case("topology.hot_plug");
    power_on();
    srat_begin();
    processor(0, 0, ENABLED);
    memory(0, 0, 256 * MIB, ENABLED);
    memory(1, 256 * MIB, 1 * GIB, ENABLED | HOT_PLUG);
    memory(0, 2 * GIB, 1 * GIB, ENABLED | HOT_PLUG);
    memory(2, 3 * GIB, 512 * MIB, ENABLED | HOT_PLUG);
    srat_end();
    CHECK_EQ(2, topology.nr_nodes);
    CHECK_EQ(1, topology.node[0].nr_ranges);
    check_range(1, 0, 256 * MIB, 512 * MIB);

    host_case("topology.same_range");
    power_on();
    srat_begin();
    processor(0, 0, ENABLED);
    memory(0, 0, 70 * MIB, ENABLED);
    memory(1, 0, 70 * MIB, ENABLED);
    REFUSED_FOR("nodes 0 and 1 both claim the memory from 0 to 45fffff", acpi_read_srat(end()));

    host_case("topology.overlap");
    power_on();
    srat_begin();
    processor(0, 0, ENABLED);
    memory(5, 0, 70 * MIB, ENABLED);
    memory(7, 100 * MIB, MIB, ENABLED);
    memory(7, 70 * MIB - 1, 4 * MIB, ENABLED);
    REFUSED_FOR("nodes 5 and 7 both claim the memory from 45fffff to 45fffff", acpi_read_srat(end()));

    host_case("topology.range_wraps");
    power_on();
    srat_begin();
    memory(0, ~(u64)0 - MIB, 2 * MIB, ENABLED);
    REFUSED_FOR("SRAT is damaged: a range of memory has no end", acpi_read_srat(end()));
}

/* --- the processor ---------------------------------------------------------------------------------------------------
 */

static void test_processor(void)
{
    host_case("topology.processor");
    power_on();
    topology.apic_id = 3;
    srat_begin();
    processor(0, 0, ENABLED);
    processor(1, 3, ENABLED);
    processor(2, 3, 0);
    processor(0, 4, ENABLED);
    srat_end();
    CHECK_EQ(1, topology.cpu_domain);

    host_case("topology.x2apic_processor");
    power_on();
    topology.apic_id = 0x103;
    srat_begin();
    processor(2, 3, ENABLED);
    x2apic_processor(7, 0x104, ENABLED);
    x2apic_processor(6, 0x103, ENABLED);
    x2apic_processor(5, 0x103, 0);
    srat_end();
    CHECK_EQ(6, topology.cpu_domain);

    host_case("topology.processor_nowhere");
    power_on();
    topology.apic_id = 9;
    srat_begin();
    processor(0, 0, ENABLED);
    memory(0, 0, MIB, ENABLED);
    REFUSED_FOR("the processor (APIC id 9) belongs", acpi_read_srat(end()));

    host_case("topology.count_of_processors");
    power_on();
    begin("APIC", 4, 8);
    put(0, 1), put(8, 1), put(0, 2), put(ENABLED, 4);
    put(0, 1), put(8, 1), put(0, 2), put(0, 4);
    put(9, 1), put(16, 1), put(0, 2), put(300, 4), put(ENABLED, 4), put(0, 4);
    acpi_read_madt(end());
    CHECK_EQ(2, topology.nr_cpus);
}

/* --- ranks
 * ------------------------------------------------------------------------------------------------------------ */

static void test_ranks(void)
{
    static const u8 two[] = {10, 20, 20, 10}, level[] = {10, 10, 10, 10}, odd[] = {20, 10, 10, 10},
                    one_way[] = {10, 30, 20, 10};
    static const u8 three[] = {10, 30, 17, 30, 10, 30, 17, 30, 10}, far[] = {10, 255, 255, 10}, low[] = {10, 9, 9, 10};
    static const u8 equals[] = {10, 10, 20, 20, 10, 10, 20, 20, 20, 20, 10, 10, 20, 20, 10, 10};
    static const u16 latencies[] = {100, 300, 50}, same[] = {100, 100}, unknown[] = {100, 0},
                     unreachable[] = {100, 0xffff};
    u64 wanted[NR_TIERS];

    host_case("rank.slit");
    nodes(2), slit(2, two), topology_rank(any);
    check_tiers(0, 1, "SLIT");

    host_case("rank.slit_from_the_other_side");
    nodes(2), topology.cpu_domain = 1, slit(2, two), topology_rank(any);
    check_tiers(1, 0, "SLIT");

    host_case("rank.slit_has_two_directions");
    nodes(2), slit(2, one_way), topology_rank(any);
    CHECK_EQ(30, topology.node[1].distance);

    host_case("rank.slit_without_order");
    nodes(2), slit(2, level);
    REFUSED_FOR("nodes 0 and 1 are equally far (SLIT distance 10)", topology_rank(any));

    host_case("rank.slit_damaged");
    nodes(2);
    REFUSED_FOR("SLIT is damaged: the distance from the processor's node to itself is not 10", slit(2, odd));

    host_case("rank.slit_says_nothing");
    nodes(2), slit(2, far);
    REFUSED_FOR("node 1: neither HMAT nor SLIT", topology_rank(any));
    nodes(2), slit(2, low);
    REFUSED_FOR("node 1: neither HMAT nor SLIT", topology_rank(any));
    nodes(2);
    REFUSED_FOR("node 0: neither HMAT nor SLIT", topology_rank(any));

    host_case("rank.three_nodes");
    nodes(3), slit(3, three), topology_rank(any);
    check_tiers(0, 1, "SLIT");

    host_case("rank.equals_by_number");
    nodes(4), slit(4, equals), topology_rank(any);
    check_tiers(0, 3, "SLIT");

    host_case("rank.hmat_before_slit");
    nodes(3), slit(3, three), hmat(0, 0, 3, 1000, latencies), topology_rank(any);
    check_tiers(2, 1, "HMAT");
    CHECK_EQ(300000, topology.node[1].latency_ps);

    host_case("rank.hmat_equal_then_slit");
    nodes(2), slit(2, two), hmat(1, 0, 2, 1000, same), topology_rank(any);
    check_tiers(0, 1, "SLIT");
    nodes(2), hmat(1, 0, 2, 1000, same);
    REFUSED_FOR("equally far", topology_rank(any));

    host_case("rank.hmat_in_part");
    nodes(2), slit(2, two), hmat(0, 0, 2, 1000, unknown), topology_rank(any);
    check_tiers(0, 1, "SLIT");
    nodes(2), slit(2, two), hmat(0, 0, 2, 1000, unreachable), topology_rank(any);
    check_tiers(0, 1, "SLIT");

    host_case("rank.hmat_of_another_processor");
    nodes(2), hmat(0, 1, 2, 1000, latencies);
    CHECK_EQ(0, topology.node[0].latency_ps);

    host_case("rank.hmat_bandwidth");
    nodes(2), hmat(4, 0, 2, 256, latencies);
    CHECK_EQ(25600, topology.node[0].bandwidth_MBps);
    CHECK_EQ(0, topology.node[0].latency_ps);

    host_case("rank.hmat_overflow");
    nodes(2);
    REFUSED_FOR("HMAT is damaged: an entry times its base unit", hmat(0, 0, 2, (u64)1 << 62, latencies));

    host_case("rank.hmat_too_short");
    nodes(2);
    begin("HMAT", 2, 4);
    put(1, 2), put(0, 2), put(32 + 3 * 4 + 3, 4), put(0, 4), put(1, 4), put(2, 4), put(0, 4), put(1000, 8);
    put(0, 4), put(0, 4), put(1, 4), put(100, 2), put(44, 1); /* the second cell lacks a byte */
    REFUSED_FOR("HMAT is damaged: a matrix is larger than its entry", acpi_read_hmat(end()));

    host_case("rank.hmat_at_its_limit");
    nodes(2), hmat(0, 0, 2, ~(u64)0 / 300, latencies);
    CHECK_EQ(~(u64)0 / 300 * 300, topology.node[1].latency_ps);

    host_case("rank.one_node");
    nodes(1), slit(1, two);
    REFUSED_FOR("two NUMA nodes with memory below 4 GiB are needed; ACPI (SRAT) describes 1", topology_rank(any));

    host_case("rank.chosen");
    wanted[TIER_FAST] = 2, wanted[TIER_SLOW] = 0;
    nodes(3), slit(3, three), topology_rank(wanted);
    check_tiers(2, 0, "key");
    nodes(3), topology_rank(wanted); /* nobody needs a distance then */
    check_tiers(2, 0, "key");
    wanted[TIER_SLOW] = NODE_ANY;
    nodes(3), slit(3, three), topology_rank(wanted);
    check_tiers(2, 1, "key");
    wanted[TIER_FAST] = NODE_ANY, wanted[TIER_SLOW] = 0;
    nodes(3), slit(3, three), topology_rank(wanted);
    check_tiers(2, 0, "key");
    nodes(2), slit(2, level), topology_rank(wanted);
    check_tiers(1, 0, "key");
    nodes(2), topology_rank(wanted); /* only one is left */
    check_tiers(1, 0, "key");
    nodes(3);
    REFUSED_FOR("neither HMAT nor SLIT", topology_rank(wanted));

    host_case("rank.chosen_wrongly");
    wanted[TIER_FAST] = 3;
    nodes(3), slit(3, three);
    REFUSED_FOR("fast_node=3: no NUMA node of this number has memory", topology_rank(wanted));
    wanted[TIER_FAST] = 0;
    REFUSED_FOR("fast_node=0 and slow_node=0: a tier each", topology_rank(wanted));
}

/* --- damage
 * ----------------------------------------------------------------------------------------------------------- */

static void (*const readers[])(const struct acpi_table *) = {acpi_read_madt, acpi_read_srat, acpi_read_slit,
                                                             acpi_read_hmat};

static void read_all(struct acpi_table *const t[])
{
    for (unsigned i = 0; i < ARRAY_SIZE(readers); i++)
        readers[i](t[i]);
    topology_rank(any);
}

/* Whole tables in which bytes have been overwritten, or the end cut off: each is read or refused, with a name, and
 * nothing outside of it is touched. */
static void test_damage(void)
{
    static unsigned refused, read; /* kept across a longjmp */

    host_case("topology.damaged_tables");
    host_seed(1);
    for (unsigned turn = 0; turn < 20000; turn++) {
        struct acpi_table *t[4];
        static const u16 entries[] = {100, 300};

        begin("APIC", 4, 8);
        put(0, 1), put(8, 1), put(0, 2), put(ENABLED, 4);
        t[0] = end();
        srat_begin();
        processor(0, 0, ENABLED);
        x2apic_processor(0, 0, ENABLED);
        memory(0, 0, 128 * MIB, ENABLED);
        memory(1, 128 * MIB, 128 * MIB, ENABLED | HOT_PLUG);
        t[1] = end();
        begin("SLIT", 1, 0);
        put(2, 8), put(10, 1), put(20, 1), put(20, 1), put(10, 1);
        t[2] = end();
        begin("HMAT", 2, 4);
        put(1, 2), put(0, 2), put(32 + 12 + 4, 4), put(0, 4), put(1, 4), put(2, 4), put(0, 4), put(1000, 8);
        put(0, 4), put(0, 4), put(1, 4), put(entries[0], 2), put(entries[1], 2);
        t[3] = end();

        unsigned which = host_below(4), hits = host_below(3);
        u8 *bytes = (u8 *)t[which];
        for (unsigned i = 0; i < hits; i++)
            bytes[36 + host_below(t[which]->length - 36)] = host_below(2) ? (u8)host_random() : 0xff;
        if (host_below(4) == 0) {
            u32 length = 36 + host_below(t[which]->length - 36);
            t[which] = memmove(bytes + t[which]->length - length, bytes, length);
            t[which]->length = length;
        }
        power_on();
        host_expects_end = true;
        if (setjmp(host_landing) == HOST_RETURNED) {
            read_all(t);
            read++;
        } else {
            refused++;
            CHECK(strstr(host_message, "ACPI") || strstr(host_message, "NUMA node"));
        }
        host_expects_end = false;
    }
    CHECK(read > 5000 && refused > 5000);
}

int main(void)
{
    test_memory();
    test_processor();
    test_ranks();
    test_damage();
    return host_done();
}
