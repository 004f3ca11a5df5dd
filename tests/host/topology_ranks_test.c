/* sources: tests/host/host.c platform/acpi_tables.c platform/topology.c */
/* Which nodes become the tiers: by HMAT, by SLIT, by choice, or a refusal. */
#include "tests/host/acpi_writer.h"

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

int main(void)
{
    test_ranks();
    return host_done();
}
