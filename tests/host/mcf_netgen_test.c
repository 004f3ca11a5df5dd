/* sources: tests/host/host.c workloads/mcf/netgen.c workloads/mcf/problem.c workloads/mcf/simplex.c
   workloads/mcf/check.c */
/*
 * NETGEN: its source of randomness, parts of a published instance, what must hold for all instances, and parameters
 * that contradict each other.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/host/host.h"
#include "workloads/mcf/netgen.h"

static struct mcf m;

static int generate(const struct mcf_netgen *p)
{
    u64 room = mcf_netgen_room(p);

    free(m.mem);
    mcf_begin(&m, aligned_alloc(PAGE_SIZE, mcf_bytes(p->nodes, room)), p->nodes, (u32)room, 0);
    return mcf_netgen(&m, p);
}

/* Known from the reference program. */
static void randomness(void)
{
    static const u32 want[] = {62286, 397840, 652671, 474146, 20605, 661032};
    u32 state = 13502460;

    host_case("mcf_netgen.randomness");
    for (u32 i = 0; i < ARRAY_SIZE(want); i++)
        CHECK_EQ(want[i], mcf_netgen_draw(&state, 1, 1000000));
    CHECK_EQ(7, mcf_netgen_draw(&state, 7, 7));
    CHECK_EQ(3, mcf_netgen_draw(&state, 7, 3));
}

struct line {
    u32 at, tail, head, capacity, cost;
};

/*
 * netgen_sr_08a.min of the LEMON project's benchmark: its supplies, and arcs as they stand in the file; among them
 * pairs with the same tail, whose order is that of the sort.
 */
static void published(void)
{
    static const struct mcf_netgen sr_08a = {13502460, 256, 16, 16, 4096, 1, 10000, 16000, 0, 0, 100, 100, 1, 1000};
    static const s64 supply[] = {1137, 1000, 1194, 535, 1094, 414, 686, 1055, 372, 2273, 92, 590, 503, 1905, 800, 2350};
    static const s64 demand[] = {357, 265, 1190, 168, 782, 677, 585, 1004, 1827, 1176, 2266, 853, 609, 1702, 21, 2518};
    static const struct line lines[] = {
        {0, 1, 156, 1137, 10000},      {1, 1, 146, 967, 4678},        {2, 1, 139, 752, 1127},
        {3, 1, 183, 613, 660},         {4, 1, 199, 15, 53},           {5, 1, 251, 549, 5430},
        {6, 1, 202, 236, 168},         {7, 1, 227, 609, 1875},        {8, 1, 62, 236, 3365},
        {9, 1, 21, 841, 7645},         {10, 1, 119, 309, 8673},       {11, 1, 132, 649, 5331},
        {12, 27, 195, 1137, 10000},    {13, 27, 93, 536, 5228},       {14, 27, 256, 515, 2767},
        {15, 27, 221, 388, 1433},      {99, 123, 161, 1137, 10000},   {100, 123, 247, 1137, 10000},
        {265, 210, 18, 79, 4509},      {441, 181, 251, 1000, 10000},  {442, 181, 80, 1000, 10000},
        {680, 109, 175, 1194, 10000},  {681, 109, 248, 1194, 10000},  {721, 110, 89, 85, 5371},
        {3988, 142, 100, 2350, 10000}, {3989, 142, 246, 2350, 10000}, {4041, 148, 177, 246, 3082},
        {4051, 217, 114, 904, 9341},   {4087, 239, 234, 2350, 10000}, {4088, 239, 144, 807, 7545},
        {4089, 239, 157, 310, 4906},   {4090, 239, 84, 386, 5033},    {4091, 239, 83, 115, 7240},
        {4092, 239, 89, 777, 9589},    {4093, 239, 248, 457, 7304},   {4094, 239, 128, 64, 9265},
        {4095, 239, 166, 218, 2729}};

    host_case("mcf_netgen.published");
    CHECK_EQ(0, generate(&sr_08a));
    for (u32 i = 0; i < 16; i++) {
        CHECK_EQ(supply[i], mcf_nodes(&m)[i].supply);
        CHECK_EQ(-demand[i], mcf_nodes(&m)[240 + i].supply);
    }
    for (u32 i = 0; i < ARRAY_SIZE(lines); i++) {
        const struct mcf_arc *a = &mcf_arcs(&m)[lines[i].at];
        CHECK_EQ(lines[i].tail, a->tail + 1);
        CHECK_EQ(lines[i].head, a->head + 1);
        CHECK_EQ(lines[i].capacity, a->capacity);
        CHECK_EQ(lines[i].cost, a->cost);
    }
}

static void check_instance(const struct mcf_netgen *p)
{
    static u8 seen[64][64];
    s64 *scratch = malloc(mcf_scratch(p->nodes)), supply = 0, cost;
    u64 artificial;

    memset(seen, 0, sizeof(seen));
    for (u32 i = 0; i < m.arcs; i++) {
        const struct mcf_arc *a = &mcf_arcs(&m)[i];
        CHECK(a->tail < p->nodes - p->sinks + p->transit_sinks);
        CHECK(a->head >= p->sources - p->transit_sources && a->head < p->nodes);
        CHECK(a->tail != a->head && !seen[a->tail][a->head]++);
        CHECK(a->cost >= p->min_cost && a->cost <= p->max_cost);
        CHECK(a->lower == 0 && a->capacity >= 0);
    }
    for (u32 v = 0; v < p->nodes; v++) {
        s64 own = mcf_nodes(&m)[v].supply;
        CHECK(v < p->sources ? own > 0 : v < p->nodes - p->sinks ? own == 0 : own <= 0);
        supply += own > 0 ? own : 0;
    }
    CHECK_EQ(p->supply, supply);
    mcf_reset(&m);
    while (mcf_pivot(&m))
        continue;
    mcf_write_flow(&m, &artificial);
    CHECK_EQ(0, artificial);
    CHECK(mcf_certify(&m, scratch, &cost));
    free(scratch);
}

static void any(void)
{
    u32 made = 0, exact = 0, wrong = 0;

    host_case("mcf_netgen.any");
    for (u32 i = 0; i < 4000; i++) {
        struct mcf_netgen p = {.seed = 1 + host_below(1000000), .nodes = 2 + host_below(63)};
        p.sources = 1 + host_below(p.nodes / 2);
        p.sinks = 1 + host_below(p.nodes / 2);
        p.arcs = 1 + host_below(host_below(2) ? p.nodes * p.nodes : 8 * p.nodes);
        p.min_cost = host_below(100);
        p.max_cost = p.min_cost + host_below(100);
        p.supply = p.sources + host_below(10000);
        p.transit_sources = host_below(p.sources + 1);
        p.transit_sinks = host_below(p.sinks + 1);
        p.high_cost = host_below(101);
        p.capacitated = host_below(101);
        p.min_capacity = host_below(1000);
        p.max_capacity = p.min_capacity + host_below(1000);
        if (mcf_netgen_wrong(&p)) {
            wrong++;
            continue;
        }
        CHECK_EQ(0, generate(&p));
        made++;
        exact += m.arcs == p.arcs;
        check_instance(&p);
    }
    CHECK(made > 1000 && exact > 500 && wrong > 10);
}

static void inconsistent(const struct mcf_netgen *p, const char *word)
{
    const char *wrong = mcf_netgen_wrong(p);

    CHECK(wrong && strstr(wrong, word));
}

static void contradictions(void)
{
    static const struct mcf_netgen good = {1, 10, 3, 3, 30, 1, 10, 100, 1, 1, 50, 50, 1, 10};
    struct mcf_netgen p;

    host_case("mcf_netgen.contradictions");
    CHECK(!mcf_netgen_wrong(&good));
#define WITH(field, value, word) (p = good, p.field = (value), inconsistent(&p, word))
    WITH(sources, 8, "at least one source");
    WITH(sinks, 0, "at least one source");
    WITH(transit_sources, 4, "transshipment");
    WITH(transit_sinks, 4, "transshipment");
    WITH(min_cost, 11, "above the largest");
    WITH(min_capacity, 11, "above the largest");
    WITH(high_cost, 101, "percent");
    WITH(capacitated, 101, "percent");
    WITH(supply, 2, "less than one");
    WITH(arcs, 65, "more than there are pairs");
    p = (struct mcf_netgen){1, 10, 5, 5, 20, 1, 10, 5, 0, 0, 0, 0, 1, 1};
    inconsistent(&p, "assignment");
}

int main(void)
{
    randomness();
    published();
    any();
    contradictions();
    free(m.mem);
    return host_done();
}
