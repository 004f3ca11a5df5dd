/* sources: tests/host/host.c platform/acpi_tables.c platform/topology.c */
/* What the machine is taken for: its memory and its processor by ACPI's tables, and by damaged ones. */
#include "tests/host/acpi_writer.h"

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
    test_damage();
    return host_done();
}
