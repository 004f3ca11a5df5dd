/* sources: tests/host/host.c workloads/mcf/problem.c workloads/mcf/dimacs.c workloads/mcf/simplex.c
   workloads/mcf/check.c */
/*
 * Network simplex: known answers, small instances against successive shortest paths, checks that reject what was
 * corrupted, and files that are refused with the number of the line.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/host/host.h"
#include "workloads/mcf/mcf.h"

static struct mcf m;
static s64 *scratch;

static void begin(u32 nodes, u32 arcs)
{
    free(m.mem);
    free(scratch);
    mcf_begin(&m, aligned_alloc(PAGE_SIZE, mcf_bytes(nodes, arcs)), nodes, arcs, 0);
    memset(m.mem, 0, mcf_bytes(nodes, arcs));
    scratch = malloc(mcf_scratch(nodes));
}

/* Solves, and checks every basis on the way. Returns what artificial arcs carry. */
static u64 solve(s64 *cost)
{
    u64 artificial;

    mcf_reset(&m);
    do {
        mcf_write_flow(&m, &artificial);
        CHECK(mcf_check_basis(&m, scratch));
    } while (mcf_pivot(&m));
    *cost = mcf_write_flow(&m, &artificial);
    return artificial;
}

static void known(void)
{
    static const char example[] = "c\np min 4 5\nn 1 4\nn 4 -4\na 1 2 0 4 2\na 1 3 0 2 2\na 2 3 0 2 1\n"
                                  "a 2 4 0 3 3\na 3 4 0 5 1\n";
    struct mcf_size size = mcf_read(example, strlen(example), NULL);
    s64 cost, certified;

    host_case("mcf.dimacs_example");
    begin(size.nodes, size.arcs);
    mcf_read(example, strlen(example), &m);
    CHECK_EQ(0, solve(&cost));
    CHECK_EQ(14, cost);
    CHECK(mcf_certify(&m, scratch, &certified));
    CHECK_EQ(14, certified);

    host_case("mcf.no_limit");
    static const char unlimited[] = "p min 3 3\nn 1 4\nn 3 -4\na 1 2 1 -1 2\na 2 3 0 2147483648 2\na 1 3 0 3 5\n";
    size = mcf_read(unlimited, strlen(unlimited), NULL);
    CHECK_EQ(4 + 1 + 1, size.no_limit); /* supplies, lower bounds, and one more */
    begin(size.nodes, size.arcs);
    m.no_limit = size.no_limit;
    mcf_read(unlimited, strlen(unlimited), &m);
    CHECK_EQ(6, mcf_arcs(&m)[0].capacity);
    CHECK(mcf_arcs(&m)[1].unlimited && !mcf_arcs(&m)[2].unlimited);
    CHECK_EQ(0, solve(&cost));
    CHECK_EQ(16, cost);
    CHECK_EQ(MCF_NONE, mcf_find_unbounded(&m));
    CHECK_EQ(4, mcf_line_of(unlimited, strlen(unlimited), 'a', 0));
    CHECK_EQ(3, mcf_line_of(unlimited, strlen(unlimited), 'n', 2));
    CHECK_EQ(0, mcf_line_of(unlimited, strlen(unlimited), 'n', 1));

    host_case("mcf.family");
    for (u64 seed = 1; seed <= 20; seed++) {
        begin(64, 512);
        mcf_generate(&m, 1, seed);
        CHECK_EQ(0, solve(&cost));
        CHECK(mcf_certify(&m, scratch, &certified) && certified == cost);
        CHECK(seed > 1 || cost == 46232);
    }
}

#define MAX_NODES 8
#define MAX_ARCS  24

/*
 * Successive shortest paths by Bellman and Ford, of its own: on arrays, with a super source and sink. Negative costs
 * are saturated first, lower bounds are shipped first. Returns whether all supplies could be shipped.
 */
static bool by_paths(s64 *cost)
{
    enum { LINKS = 2 * (MAX_ARCS + 2 * MAX_NODES) };
    u32 tail[LINKS], head[LINKS], links = 0, source = m.nodes, sink = m.nodes + 1;
    s64 room[LINKS], price[LINKS], balance[MAX_NODES], wanted = 0;

    *cost = 0;
    for (u32 v = 0; v < m.nodes; v++)
        balance[v] = mcf_nodes(&m)[v].supply;
    for (u32 i = 0; i < m.arcs; i++) {
        const struct mcf_arc *a = &mcf_arcs(&m)[i];
        s64 full = a->cost < 0 ? a->capacity : 0;
        tail[links] = a->tail, head[links] = a->head, room[links] = a->capacity - full, price[links++] = a->cost;
        tail[links] = a->head, head[links] = a->tail, room[links] = full, price[links++] = -a->cost;
        balance[a->tail] -= full;
        balance[a->head] += full;
        *cost += a->cost * (a->lower + full);
    }
    for (u32 v = 0; v < m.nodes; v++) {
        bool out = balance[v] > 0;
        tail[links] = out ? source : v, head[links] = out ? v : sink;
        room[links] = out ? balance[v] : -balance[v], price[links++] = 0;
        tail[links] = head[links - 1], head[links] = tail[links - 1], room[links] = 0, price[links++] = 0;
        wanted += out ? balance[v] : 0;
    }
    for (;;) {
        s64 distance[MAX_NODES + 2], unit = wanted;
        u32 by[MAX_NODES + 2];
        for (u32 v = 0; v <= sink; v++)
            distance[v] = v == source ? 0 : INT32_MAX;
        for (u32 round = 0; round <= sink; round++)
            for (u32 l = 0; l < links; l++)
                if (room[l] && distance[tail[l]] < INT32_MAX && distance[tail[l]] + price[l] < distance[head[l]]) {
                    distance[head[l]] = distance[tail[l]] + price[l];
                    by[head[l]] = l;
                }
        if (!wanted || distance[sink] == INT32_MAX)
            return !wanted;
        for (u32 v = sink; v != source; v = tail[by[v]])
            unit = MIN(unit, room[by[v]]);
        for (u32 v = sink; v != source; v = tail[by[v]]) {
            room[by[v]] -= unit;
            room[by[v] ^ 1] += unit;
        }
        wanted -= unit;
        *cost += unit * distance[sink];
    }
}

static void random_problem(void)
{
    u32 nodes = 2 + host_below(MAX_NODES - 1), arcs = 1 + host_below(MAX_ARCS);

    begin(nodes, arcs);
    for (u32 i = 0; i < nodes; i++) {
        s64 supply = host_below(6);
        mcf_nodes(&m)[host_below(nodes)].supply += supply;
        mcf_nodes(&m)[host_below(nodes)].supply -= supply;
    }
    for (u32 i = 0; i < arcs; i++) {
        s64 lower = host_below(4) ? 0 : host_below(3);
        CHECK_EQ(0, mcf_add_arc(&m, host_below(nodes), host_below(nodes), lower, lower + host_below(8),
                                (s64)host_below(20) - 5));
    }
}

static void against_paths(void)
{
    u32 feasible = 0, infeasible = 0;

    host_case("mcf.against_paths");
    for (u32 i = 0; i < 3000; i++) {
        s64 want, got, certified;
        bool can, certain;
        u64 artificial;
        random_problem();
        can = by_paths(&want);
        artificial = solve(&got);
        certain = mcf_certify(&m, scratch, &certified);
        CHECK_EQ(can, !artificial);
        CHECK_EQ(can, certain);
        CHECK(!can || (want == got && want == certified));
        feasible += can;
        infeasible += !can;
    }
    CHECK(feasible > 500 && infeasible > 500);
}

/* One field at a time; the check that must notice it, and must be content again when it is mended. */
static void corrupted(void)
{
    s64 cost;
    u32 basic, lower = 0;

    host_case("mcf.corrupted");
    begin(64, 512);
    mcf_generate(&m, 4, 1);
    solve(&cost);
    struct mcf_node *nodes = mcf_nodes(&m), *n = &nodes[17];
    struct mcf_arc *arcs = mcf_arcs(&m);
    basic = n->arc;
    while (arcs[lower].state != MCF_AT_LOWER)
        lower++;
#define NOTICED(field, by, check)                                                                                      \
    do {                                                                                                               \
        CHECK(check);                                                                                                  \
        (field) += (by);                                                                                               \
        CHECK(!(check));                                                                                               \
        (field) -= (by);                                                                                               \
        CHECK(check);                                                                                                  \
    } while (0)
    u64 problem = mcf_problem_hash(&m);
    NOTICED(arcs[lower].cost, -40, mcf_problem_hash(&m) == problem);
    NOTICED(arcs[lower].capacity, 5, mcf_problem_hash(&m) == problem);
    NOTICED(arcs[lower].head, 1, mcf_problem_hash(&m) == problem);
    NOTICED(arcs[basic].tail, 1, mcf_problem_hash(&m) == problem);
    NOTICED(n->supply, 200, mcf_problem_hash(&m) == problem);
    NOTICED(arcs[basic].flow, 1, mcf_certify(&m, scratch, &cost));
    NOTICED(arcs[lower].flow, 1, mcf_certify(&m, scratch, &cost));
    NOTICED(arcs[lower].flow, -1, mcf_certify(&m, scratch, &cost));
    NOTICED(arcs[lower].flow, arcs[lower].capacity + 1, mcf_certify(&m, scratch, &cost));
    NOTICED(n->potential, 1000000, mcf_certify(&m, scratch, &cost));
    NOTICED(n->supply, 1, mcf_certify(&m, scratch, &cost));
    NOTICED(arcs[lower].cost, -1000000, mcf_certify(&m, scratch, &cost));
    u32 carrying = 0; /* dearer by one, it would no longer be worth its flow */
    while (arcs[carrying].state != MCF_BASIC || !arcs[carrying].flow)
        carrying++;
    NOTICED(arcs[carrying].cost, 1, mcf_certify(&m, scratch, &cost));
    NOTICED(n->potential, 1, mcf_check_basis(&m, scratch));
    NOTICED(n->flow, 1, mcf_check_basis(&m, scratch));
    NOTICED(n->size, 1, mcf_check_basis(&m, scratch));
    NOTICED(n->pred, 1, mcf_check_basis(&m, scratch));
    NOTICED(n->child, 1, mcf_check_basis(&m, scratch));
    NOTICED(n->next, 1, mcf_check_basis(&m, scratch));
    NOTICED(n->previous, 1, mcf_check_basis(&m, scratch));
    NOTICED(n->arc, 1, mcf_check_basis(&m, scratch));
    NOTICED(n->up, n->up ? -1u : 1u, mcf_check_basis(&m, scratch));
    NOTICED(arcs[lower].state, 1, mcf_check_basis(&m, scratch));
    NOTICED(arcs[lower].state, -1, mcf_check_basis(&m, scratch));

    mcf_reset(&m); /* a basis, but not the best; without artificial flow, not even feasible */
    for (u32 i = 0; i < 20; i++)
        mcf_pivot(&m);
    u64 artificial;
    mcf_write_flow(&m, &artificial);
    CHECK(mcf_check_basis(&m, scratch) && !mcf_certify(&m, scratch, &cost));
}

static void refused(const char *text, const char *message)
{
    char *copy = strdup(text);
    struct mcf_size size;

    REFUSES((size = mcf_read(copy, strlen(copy), NULL), begin(size.nodes, size.arcs), m.no_limit = size.no_limit,
             (void)mcf_read(copy, strlen(copy), &m)));
    if (!strstr(host_message, message))
        host_fail(__FILE__, __LINE__, "'%s' instead of '%s'", host_message, message);
    free(copy);
}

static void malformed(void)
{
    host_case("mcf.malformed");
    refused("", "line 0: the end, and no line");
    refused("c only\n", "line 1: the end, and no line");
    refused("n 1 2\n", "line 1: before the line");
    refused("p max 2 1\n", "line 1: not 'p min");
    refused("p min 2 1\np min 2 1\n", "line 2: a second problem line");
    refused("p min 1 1\n", "line 1: the number of nodes must be");
    refused("p min 16777217 1\n", "line 1: the number of nodes must be");
    refused("p min 2 33554433\n", "line 1: the number of arcs must be");
    refused("p min 2 99999999999999999999999\n", "line 1: the number of arcs must be");
    refused("p min 2\n", "line 1: no whole number");
    refused("p min 2 1 1\n", "line 1: more on the line");
    refused("p min 2 1\nx\n", "line 2: begins with none");
    refused("p min 2 1\nn 3 1\n", "line 2: a node must be");
    refused("p min 2 1\nn 0 1\n", "line 2: a node must be");
    refused("p min 2 1\nn 1 0\nn 1 0\na 1 2 0 1 1\n", "line 3: a second supply of node 1");
    refused("p min 2 1\na 1 3 0 1 1\n", "line 2: an arc's head must be");
    refused("p min 2 1\na 1 2 -1 1 1\n", "line 2: an arc's lower bound must be");
    refused("p min 2 1\na 1 2 2 1 1\n", "line 2: an arc's upper bound must be");
    refused("p min 2 1\na 1 2 0 1 1.5\n", "line 2: no whole number");
    refused("p min 2 1\na 1 2 0 1\n", "line 2: no whole number");
    refused("p min 2 2\na 1 2 0 1 1\n", "line 2: the end, after 1 of 2 arcs");
    refused("p min 2 1\na 1 2 0 1 1\na 1 2 0 1 1\n", "line 3: more arcs");
    refused("p min 2 1\na 1 2 0 1 1\nn 1 1\n", "line 3: a supply after");
    refused("p min 2 1\nn 1 2\nn 2 -1\na 1 2 0 1 1\n", "line 4: the end, and the supplies add up to 1");
    refused("p min 2 2\na 1 2 0 2147483647 2147483647\na 1 2 0 2147483647 2147483647\n", "line 3: costs and upper");
}

int main(void)
{
    known();
    against_paths();
    corrupted();
    malformed();
    free(m.mem);
    free(scratch);
    return host_done();
}
