/*
 * mcf: minimum-cost flow by the primal network simplex method, as SPEC's 429.mcf (Lobel, 2000) solves it to schedule
 * vehicles. The records are large, a line a node and a line an arc, and are reached by numbers.
 *
 *      each op:  a pivot (mcf_simplex.c)
 *                or, when there is none to do: the flow is optimal; write it down and begin again
 *
 * Every arc is looked at in turn by pricing, in streams of one block a pivot; every arc looked at needs the potentials
 * of two nodes anywhere; then come walks up the tree and through the subtree that moves, a dependent miss a step.
 *
 * Differs from 429.mcf: any capacities and lower bounds (there they are 0 and 1); the best arc of a block enters (there
 * the best of a list of candidates that is refilled by blocks); no column generation, all arcs are there at once; when
 * done it begins anew, so that a run may have any length.
 *
 * Problems come from a family of our own (mcf_problem.c), from NETGEN (mcf_netgen.c), or from a file (mcf_dimacs.c).
 *
 * Verification: the problem is still the one that was made, by a hash; the basis as it stands is checked from the
 * definitions; then it is taken to the optimum, and that is
 * proved by complementary slackness, which needs no solver (mcf_check.c). Every solution that run has found must have
 * the same cost. The checksum is made of the problem, the optimum and of the cost of the flow that run has left.
 */
#include "workloads/mcf/mcf.h"
#include "kernel/err.h"
#include "kernel/exit.h"
#include "lib/size_text.h"
#include "lab/workload.h"
#include "workloads/mcf/netgen.h"

static KEY_NUMBER(key_nodes, "mcf_nodes", 2048, 2, MCF_MAX_NODES,
                  "mcf: nodes; so few that verification, which solves to the end, takes seconds");
static KEY_NUMBER(key_arcs, "mcf_arcs", 1048576, 1, MCF_MAX_ARCS,
                  "mcf: arcs; 64 MiB, twice the fast tier; 512 a node, so that it is solved in few pivots");
static KEY_NUMBER(key_sources, "mcf_sources", 0, 0, MCF_MAX_NODES / 2,
                  "mcf: nodes with supply, and as many with demand; 0: a 64th of the nodes, arbitrary");
static KEY_NUMBER(key_block, "mcf_block", 0, 0, MCF_MAX_ARCS,
                  "mcf: arcs that are priced for a pivot; 0: the square root of their number (Kiraly, Kovacs, 2012)");
static KEY_TEXT(graph, "mcf_graph", "family", "family|netgen",
                "mcf: where the problem comes from: the family of mcf_nodes= and mcf_arcs=, or NETGEN and its keys");

/* NETGEN's defaults: the instance netgen_deg_08a of the LEMON project's benchmark; 64 MiB of arcs, too. */
static KEY_NUMBER(netgen_seed, "netgen_seed", 13502460, 1, 2147483646,
                  "mcf: NETGEN's own seed (seed= does nothing there); that of its published problems");
static KEY_NUMBER(netgen_nodes, "netgen_nodes", 4096, 2, MCF_MAX_NODES, "mcf: NETGEN's nodes; netgen_deg_08a");
static KEY_NUMBER(netgen_sources, "netgen_sources", 64, 1, MCF_MAX_NODES, "mcf: of them, sources; netgen_deg_08a");
static KEY_NUMBER(netgen_sinks, "netgen_sinks", 64, 1, MCF_MAX_NODES, "mcf: of them, sinks; netgen_deg_08a");
static KEY_NUMBER(netgen_arcs, "netgen_arcs", 1048576, 1, MCF_MAX_ARCS, "mcf: NETGEN's arcs; netgen_deg_08a");
static KEY_NUMBER(netgen_min_cost, "netgen_min_cost", 1, 0, INT32_MAX, "mcf: least cost; netgen_deg_08a");
static KEY_NUMBER(netgen_max_cost, "netgen_max_cost", 10000, 0, INT32_MAX, "mcf: highest cost; netgen_deg_08a");
static KEY_NUMBER(netgen_supply, "netgen_supply", 64000, 1, INT32_MAX, "mcf: supply of all; netgen_deg_08a");
static KEY_NUMBER(netgen_transit_sources, "netgen_transit_sources", 0, 0, MCF_MAX_NODES,
                  "mcf: sources that arcs may lead to; netgen_deg_08a");
static KEY_NUMBER(netgen_transit_sinks, "netgen_transit_sinks", 0, 0, MCF_MAX_NODES,
                  "mcf: sinks that arcs may leave; netgen_deg_08a");
static KEY_NUMBER(netgen_high_cost, "netgen_high_cost", 100, 0, 100,
                  "mcf: percent of skeleton arcs with the highest cost; netgen_deg_08a");
static KEY_NUMBER(netgen_capacitated, "netgen_capacitated", 100, 0, 100,
                  "mcf: percent of arcs with a capacity; netgen_deg_08a");
static KEY_NUMBER(netgen_min_capacity, "netgen_min_capacity", 1, 0, INT32_MAX, "mcf: least capacity; netgen_deg_08a");
static KEY_NUMBER(netgen_max_capacity, "netgen_max_capacity", 1000, 0, INT32_MAX,
                  "mcf: largest capacity; netgen_deg_08a");

#define ARCS_PER_NODE 512
#define SOURCES_SHARE 64

static struct mcf now;
static bool netgen; /* mcf_graph */
static struct mcf_netgen parameters;
static const char *input;
static size_t input_length;
static s64 no_limit; /* of the file: mcf.h */
static s64 *scratch;

static u64 pivots, solve_pivots;     /* in all; since the last basis was made */
static u64 solves, pivots_per_solve; /* completed by run */
static u64 priced_before;            /* when the measured phase began */
static u64 pivots_before;
static s64 least, most; /* cost of the solutions found */
static bool infeasible;
static s64 optimum;
static u64 problem; /* a hash of it, as setup made it */

/* From size=: 512 arcs and one artificial one for each node. */
static void derive(u64 bytes)
{
    u64 arcs, nodes;

    if (key_given(&key_nodes) || key_given(&key_arcs))
        refuse("size= and mcf_nodes=, mcf_arcs= say the same: give one");
    nodes = bytes / sizeof(struct mcf_arc) / (ARCS_PER_NODE + 2);
    if (nodes < 2)
        refuse("size=%s: two nodes with %d arcs each are the least, 128K", size_text(bytes).text, ARCS_PER_NODE);
    arcs = (bytes - mcf_arcs_at(nodes)) / sizeof(struct mcf_arc) - nodes;
    key_nodes = nodes;
    key_arcs = MIN(arcs, MCF_MAX_ARCS);
}

static void take_netgen(void)
{
    const char *wrong;

    if (workload_size() || key_given(&key_nodes) || key_given(&key_arcs) || key_given(&key_sources))
        refuse("mcf_graph=netgen is sized by netgen_nodes=, netgen_arcs=: not by size=, mcf_nodes=, mcf_arcs=, "
               "mcf_sources=");
    parameters = (struct mcf_netgen){.seed = (u32)netgen_seed,
                                     .nodes = (u32)netgen_nodes,
                                     .sources = (u32)netgen_sources,
                                     .sinks = (u32)netgen_sinks,
                                     .arcs = (u32)netgen_arcs,
                                     .min_cost = (u32)netgen_min_cost,
                                     .max_cost = (u32)netgen_max_cost,
                                     .supply = (u32)netgen_supply,
                                     .transit_sources = (u32)netgen_transit_sources,
                                     .transit_sinks = (u32)netgen_transit_sinks,
                                     .high_cost = (u32)netgen_high_cost,
                                     .capacitated = (u32)netgen_capacitated,
                                     .min_capacity = (u32)netgen_min_capacity,
                                     .max_capacity = (u32)netgen_max_capacity};
    wrong = mcf_netgen_wrong(&parameters);
    if (wrong)
        refuse("netgen: %s", wrong);
    key_nodes = netgen_nodes;
    key_arcs = mcf_netgen_room(&parameters);
}

static NOT_COUNTED u64 mcf_pages(void)
{
    input = workload_input(&input_length);
    netgen = graph[0] == 'n';
    if (input && netgen)
        refuse("input= and mcf_graph=netgen: give one");
    if (netgen) {
        take_netgen();
    } else if (input) {
        struct mcf_size size;
        if (workload_size() || key_given(&key_nodes) || key_given(&key_arcs) || key_given(&key_sources))
            refuse(
                "input= says how large the problem is: not together with size=, mcf_nodes=, mcf_arcs=, mcf_sources=");
        size = mcf_read(input, input_length, NULL);
        key_nodes = size.nodes;
        key_arcs = size.arcs;
        no_limit = size.no_limit;
    } else {
        if (workload_size())
            derive(workload_size());
        if (key_arcs < key_nodes - 1)
            refuse("mcf_arcs=%lu: the chain through mcf_nodes=%lu alone has %lu", key_arcs, key_nodes, key_nodes - 1);
        if (!key_sources)
            key_sources = MAX(key_nodes / SOURCES_SHARE, 1);
        if (key_sources > key_nodes / 2)
            refuse("mcf_sources=%lu: more than half of mcf_nodes=%lu", key_sources, key_nodes);
        if (key_sources > MCF_MAX_SOURCES)
            refuse("mcf_sources=%lu: %u at most, so that the chain's capacity fits 31 bits", key_sources,
                   MCF_MAX_SOURCES);
    }
    return mcf_bytes(key_nodes, key_arcs) >> PAGE_SHIFT;
}

static void generate_netgen(void)
{
    int err = mcf_netgen(&now, &parameters);

    if (err == ERR_RANGE)
        refuse("netgen: costs, capacities and arcs so large that a flow's cost may not fit 63 bits");
    if (err)
        refuse("netgen: netgen_arcs=%lu: no network was found with so many arcs", netgen_arcs);
}

static NOT_COUNTED void mcf_setup(u64 seed, u64 total_ops)
{
    (void)total_ops;
    for (u32 page = 0; page < mcf_bytes(key_nodes, key_arcs) >> PAGE_SHIFT; page++)
        arena_populate(page);
    mcf_begin(&now, arena_direct(0), (u32)key_nodes, (u32)key_arcs, (u32)key_block);
    now.no_limit = no_limit;
    if (input)
        mcf_read(input, input_length, &now);
    else if (netgen)
        generate_netgen();
    else
        mcf_generate(&now, (u32)key_sources, seed);
    problem = mcf_problem_hash(&now);
    mcf_reset(&now);
    if (!scratch) /* the keys are the same at every call */
        scratch = workload_alloc(mcf_scratch(key_nodes));
    pivots = solve_pivots = solves = pivots_per_solve = priced_before = pivots_before = 0;
    infeasible = false;
}

/* An optimal flow has been reached: notes it. */
static void complete(void)
{
    u64 artificial;
    s64 cost = mcf_write_flow(&now, &artificial);

    infeasible = infeasible || artificial;
    least = solves ? MIN(least, cost) : cost;
    most = solves ? MAX(most, cost) : cost;
    solves++;
    pivots_per_solve = solve_pivots;
    solve_pivots = 0;
}

static void mcf_run(u64 ops)
{
    now.mem = arena_base();
    for (u64 i = 0; i < ops; i++) {
        if (mcf_pivot(&now)) {
            pivots++;
            solve_pivots++;
        } else {
            complete();
            mcf_reset(&now);
        }
    }
}

/* The line of the file that gives a node more than it sends: its own, or that of an arc with a lower bound. */
static u64 supply_line(u32 node)
{
    u64 line = mcf_line_of(input, input_length, 'n', node);

    for (u32 i = 0; !line && i < now.arcs; i++)
        if (mcf_arcs(&now)[i].head == node && mcf_arcs(&now)[i].lower)
            line = mcf_line_of(input, input_length, 'a', i);
    return line;
}

/* What was solved to the end is of a file: no generator makes such problems. */
static void refuse_infeasible(u64 artificial)
{
    s64 units = 0;
    u32 node = mcf_find_stuck(&now, &units);

    refuse("input: line %lu: infeasible: %ld units of node %u's supply find no way to a demand; %lu units in all",
           supply_line(node), units, node + 1, artificial / 2 /* in and out */);
}

static void refuse_unbounded(u32 arc)
{
    const struct mcf_arc *a = &mcf_arcs(&now)[arc];

    refuse("input: line %lu: unbounded: the arc from node %u to %u is on a cycle of negative cost, all without limit",
           mcf_line_of(input, input_length, 'a', arc), a->tail + 1, a->head + 1);
}

static NOT_COUNTED bool mcf_verify(u64 *checksum)
{
    u64 artificial, done = now.priced;
    s64 cost;
    bool right;

    now.mem = arena_direct(0);
    *checksum = 0;
    if (mcf_problem_hash(&now) != problem)
        return false;
    cost = mcf_write_flow(&now, &artificial);
    if (!mcf_check_basis(&now, scratch))
        return false;
    while (mcf_pivot(&now))
        solve_pivots++;
    now.priced = done; /* that was not run's */
    pivots_per_solve = solve_pivots;
    mcf_write_flow(&now, &artificial);
    if (artificial && mcf_check_basis(&now, scratch))
        refuse_infeasible(artificial);
    right = mcf_check_basis(&now, scratch) && mcf_certify(&now, scratch, &optimum) && !infeasible;
    if (right && mcf_find_unbounded(&now) != MCF_NONE)
        refuse_unbounded(mcf_find_unbounded(&now));
    *checksum = (problem * 31 + (u64)optimum) * 31 + (u64)cost;
    return right && (!solves || (least == optimum && most == optimum));
}

static NOT_COUNTED void mcf_measured(void)
{
    priced_before = now.priced;
    pivots_before = pivots;
}

static u64 mcf_work(void)
{
    return pivots;
}

static NOT_COUNTED void mcf_report(void)
{
    result_u64("nodes", now.nodes);
    result_u64("arcs", now.arcs);
    if (optimum < 0)
        result_u64("optimum_below_zero", (u64)-optimum);
    else
        result_u64("optimum", (u64)optimum);
    result_u64("solves", solves);
    result_u64("pivots_per_solve", pivots_per_solve);
    result_u64("arcs_priced", now.priced - priced_before);
    result_ratio("arcs_priced_per_pivot", (s64)(now.priced - priced_before), pivots - pivots_before);
}

/*
 * mlp: pricing's arcs do not depend on each other. With some 15 instructions an arc, a reorder buffer of 224 entries
 * (Cascade Lake; Intel Optimization Reference Manual, 2.5) holds enough of them to fill the 10 line-fill buffers. Walks
 * in the tree are dependent, one miss at a time. 6 lies between the two: an estimate, not measured.
 */
static const struct workload mcf = {
    .name = "mcf",
    .summary = "minimum-cost flow by network simplex: pricing sweeps over arcs, walks in a tree of nodes",
    .ops = 12000,
    .warmup = 3000,
    .unit = "pivots",
    .macro = {.bytes = 64 * MIB, .ops = 3000, .warmup = 1000},
    .mlp = 6000,
    .reads_input = true,
    .pages = mcf_pages,
    .setup = mcf_setup,
    .run = mcf_run,
    .verify = mcf_verify,
    .measured = mcf_measured,
    .work = mcf_work,
    .report = mcf_report,
};
REGISTER_WORKLOAD(mcf);
