/*
 * mcf: where problems come from. Our own family is defined by a recurrence, so that anyone can draw an instance again
 * and have it solved elsewhere (tests/long/mcf.sh does, by GLPK):
 *
 *      r(k):  x <- 6364136223846793005 x + 1 mod 2^64;  x / 2^33 mod k               (x is the seed at first)
 *      arcs i -> i+1, i = 1 ... nodes-1
 *      until there are `arcs` of them:  a <- 1 + r(nodes), b <- 1 + r(nodes); again if a = b
 *                                       a -> b with capacity 1 + r(20), cost 1 + r(50), drawn in this order
 *
 * With one source it has known answers: 64 nodes, 512 arcs and seed 1 cost 46232 (GLPK and NetworkX agree).
 */
#include "kernel/err.h"
#include "workloads/mcf/mcf.h"

#define SUPPLY         200
#define CHAIN_CAPACITY 1000
#define CHAIN_COST     100
#define MAX_CAPACITY   20
#define MAX_COST       50

static u32 square_root(u32 n)
{
    u32 root = 0;

    for (u32 bit = 1u << 15; bit; bit >>= 1)
        if ((u64)(root + bit) * (root + bit) <= n)
            root += bit;
    return root;
}

void mcf_begin(struct mcf *m, u8 *mem, u32 nodes, u32 arcs, u32 block)
{
    *m = (struct mcf){.mem = mem,
                      .nodes = nodes,
                      .arcs = arcs,
                      .block = block ? block : MAX(square_root(arcs), 1),
                      .arcs_at = mcf_arcs_at(nodes)};
    for (u32 v = 0; v < nodes; v++)
        mcf_nodes(m)[v].supply = 0;
}

int mcf_add_arc(struct mcf *m, u32 tail, u32 head, s64 lower, s64 upper, s64 cost)
{
    s64 size = cost < 0 ? -cost : cost;
    s64 capacity = upper == MCF_NO_LIMIT ? m->no_limit : upper - lower;

    if (size && lower + capacity > (MCF_MAX_COST - m->bound) / size)
        return ERR_RANGE;
    m->bound += size * (lower + capacity);
    m->max_cost = MAX(m->max_cost, size);
    mcf_nodes(m)[tail].supply -= lower;
    mcf_nodes(m)[head].supply += lower;
    mcf_arcs(m)[m->added++] = (struct mcf_arc){.cost = cost,
                                               .capacity = capacity,
                                               .lower = lower,
                                               .tail = tail,
                                               .head = head,
                                               .unlimited = upper == MCF_NO_LIMIT};
    return 0;
}

static u32 draw(u64 *x, u32 below)
{
    *x = *x * 6364136223846793005ull + 1;
    return (u32)((*x >> 33) % below);
}

void mcf_generate(struct mcf *m, u32 sources, u64 seed)
{
    for (u32 s = 0; s < sources; s++) {
        u32 v = (u32)((u64)s * (m->nodes / 2) / sources);
        mcf_nodes(m)[v].supply += SUPPLY;
        mcf_nodes(m)[m->nodes - 1 - v].supply -= SUPPLY;
    }
    for (u32 v = 0; v + 1 < m->nodes; v++)
        mcf_add_arc(m, v, v + 1, 0, (s64)CHAIN_CAPACITY * sources, CHAIN_COST);
    while (m->added < m->arcs) {
        u32 a = draw(&seed, m->nodes), b = draw(&seed, m->nodes), capacity;
        if (a == b)
            continue;
        capacity = 1 + draw(&seed, MAX_CAPACITY);
        mcf_add_arc(m, a, b, 0, capacity, 1 + (s64)draw(&seed, MAX_COST));
    }
}
