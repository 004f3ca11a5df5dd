/*
 * mcf: what a basis and an optimal flow must be, checked from their definitions and not by the steps that led there.
 * Nothing here trusts a link: a number of a node is compared with their number before it is used, and a node that is
 * reached twice ends the walk.
 */
#include "lib/string.h"
#include "workloads/mcf/mcf.h"

static bool within(const struct mcf_arc *a)
{
    return a->flow >= 0 && a->flow <= a->capacity;
}

/* Whether at every node, and so at the root, what flows out is supply and what flows in. All arcs were in bounds. */
static bool conserved(const struct mcf *m, s64 *balance)
{
    const struct mcf_node *nodes = mcf_nodes(m);
    const struct mcf_arc *arcs = mcf_arcs(m);
    bool right = true;

    for (u32 v = 0; v < m->nodes; v++)
        balance[v] = nodes[v].supply;
    balance[m->nodes] = 0;
    for (u32 i = 0; i < m->arcs + m->nodes; i++) {
        balance[arcs[i].tail] -= arcs[i].flow;
        balance[arcs[i].head] += arcs[i].flow;
    }
    for (u32 v = 0; v <= m->nodes; v++)
        right = right && !balance[v];
    return right;
}

/* Whether a node's basic arc leads to its parent, carries what the node says, and fits the potentials. */
static bool check_arc(const struct mcf *m, u32 v)
{
    const struct mcf_node *nodes = mcf_nodes(m), *n = &nodes[v];
    const struct mcf_arc *a = &mcf_arcs(m)[n->arc];

    if (n->arc >= m->arcs + m->nodes || a->state != MCF_BASIC)
        return false;
    return a->tail == (n->up ? v : n->pred) && a->head == (n->up ? n->pred : v) && a->flow == n->flow &&
           a->capacity == n->capacity && a->cost == nodes[a->tail].potential - nodes[a->head].potential &&
           (n->up ? n->flow < n->capacity : n->flow > 0); /* strongly feasible */
}

/* From the root, parents first. `rank`: when each node was met, -1 before. */
static bool check_tree(const struct mcf *m, s64 *rank)
{
    const struct mcf_node *nodes = mcf_nodes(m);
    u32 at = m->nodes, met = 1;

    for (u32 v = 0; v < m->nodes; v++)
        rank[v] = -1;
    rank[at] = 0;
    if (nodes[at].pred != MCF_NONE || nodes[at].potential)
        return false;
    for (;;) {
        u32 parent = at, next = nodes[at].child, previous = MCF_NONE;
        while (next == MCF_NONE) { /* all below `at` were met: their number is known */
            if (nodes[at].size != met - (u32)rank[at])
                return false;
            if (at == m->nodes)
                return met == m->nodes + 1;
            parent = nodes[at].pred;
            next = nodes[at].next;
            previous = at;
            at = parent;
        }
        if (next >= m->nodes || rank[next] >= 0 || nodes[next].pred != parent || nodes[next].previous != previous ||
            !check_arc(m, next))
            return false;
        rank[next] = met++;
        at = next;
    }
}

bool mcf_check_basis(const struct mcf *m, s64 *scratch)
{
    const struct mcf_arc *arcs = mcf_arcs(m);
    u32 basic = 0;

    for (u32 i = 0; i < m->arcs + m->nodes; i++) {
        if (!within(&arcs[i]) || arcs[i].tail > m->nodes || arcs[i].head > m->nodes)
            return false;
        if (arcs[i].state == MCF_BASIC)
            basic++;
        else if (arcs[i].state == MCF_AT_UPPER ? arcs[i].flow != arcs[i].capacity
                                               : arcs[i].state != MCF_AT_LOWER || arcs[i].flow)
            return false;
    }
    return basic == m->nodes && check_tree(m, scratch) && conserved(m, scratch);
}

bool mcf_certify(const struct mcf *m, s64 *scratch, s64 *cost)
{
    const struct mcf_node *nodes = mcf_nodes(m);
    const struct mcf_arc *arcs = mcf_arcs(m);

    *cost = 0;
    for (u32 i = 0; i < m->arcs; i++) {
        const struct mcf_arc *a = &arcs[i];
        s64 reduced = a->cost - nodes[a->tail].potential + nodes[a->head].potential;
        if (!within(a) || (reduced < 0 && a->flow < a->capacity) || (reduced > 0 && a->flow > 0))
            return false;
        *cost += a->cost * (a->lower + a->flow);
    }
    for (u32 i = m->arcs; i < m->arcs + m->nodes; i++)
        if (arcs[i].flow)
            return false;
    return conserved(m, scratch);
}

u32 mcf_find_stuck(const struct mcf *m, s64 *units)
{
    const struct mcf_arc *artificial = mcf_arcs(m) + m->arcs;

    for (u32 v = 0; v < m->nodes; v++)
        if (artificial[v].tail == v && artificial[v].flow) {
            *units = artificial[v].flow;
            return v;
        }
    return MCF_NONE;
}

u32 mcf_find_unbounded(const struct mcf *m)
{
    const struct mcf_node *nodes = mcf_nodes(m);
    const struct mcf_arc *arcs = mcf_arcs(m);

    for (u32 i = 0; i < m->arcs; i++)
        if (arcs[i].unlimited && arcs[i].cost < nodes[arcs[i].tail].potential - nodes[arcs[i].head].potential)
            return i;
    return MCF_NONE;
}

/* FNV-1a's step, by words. */
static u64 take_up(u64 hash, u64 value)
{
    hash = (hash ^ value) * 0x100000001b3ull;
    return hash ^ hash >> 32;
}

u64 mcf_problem_hash(const struct mcf *m)
{
    const struct mcf_node *nodes = mcf_nodes(m);
    const struct mcf_arc *arcs = mcf_arcs(m);
    u64 hash = 0xcbf29ce484222325ull;

    for (u32 v = 0; v < m->nodes; v++)
        hash = take_up(hash, (u64)nodes[v].supply);
    for (u32 a = 0; a < m->arcs; a++) {
        hash = take_up(hash, (u64)arcs[a].tail << 32 | arcs[a].head);
        hash = take_up(hash, (u64)arcs[a].cost);
        hash = take_up(hash, (u64)arcs[a].capacity);
        hash = take_up(hash, (u64)arcs[a].lower);
        if (arcs[a].unlimited)
            hash = take_up(hash, arcs[a].unlimited);
    }
    return hash;
}
