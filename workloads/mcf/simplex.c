/*
 * The primal network simplex method (Dantzig, 1963; Ahuja, Magnanti, Orlin, "Network Flows", 1993, chapter 11), on a
 * tree with links to parent, first child and siblings, and the number of nodes in each subtree (Bradley, Brown, Graves,
 * Management Science 24(1), 1977; 429.mcf keeps the same).
 *
 *      pivot:  of the next block of arcs (or more, until one is found) take the one that violates optimality most
 *              walk from its ends up the tree, always from the smaller subtree, until the walks meet
 *              delta <- what the cycle can take; of the arcs that allow no more, the last one in its direction leaves
 *              add delta to the flow around the cycle, correct the sizes above
 *              turn round the path from the entering arc to the leaving one, hang it at the other end
 *              add the reduced cost to all potentials of the subtree that has moved
 *
 * "The last one" keeps the tree strongly feasible: from every node some flow could be sent to the root. Then the method
 * ends in spite of degenerate pivots, whatever arc enters (Cunningham, Mathematical Programming 11, 1976).
 *
 * A basis begins with artificial arcs, so expensive that any other way is cheaper. One that has left does not come
 * back; that is no loss: as long as artificial arcs of the basis carry flow in a problem that has a solution, the
 * difference to that solution is a flow in the residual network that only takes flow off them, so a cycle of negative
 * cost, so an arc that may enter. When none is left and they still carry flow, there is no solution.
 *
 * Flow and capacity of the basic arcs are kept in the nodes, so walks and potentials touch nodes alone, and arcs are
 * touched by pricing: a sweep over all of them, with the potentials of two nodes each.
 */
#include "workloads/mcf/mcf.h"

/* More than any flow; what can be added to an artificial arc. */
#define UNLIMITED ((s64)1 << 61)

static void link_child(struct mcf_node *nodes, u32 parent, u32 child)
{
    struct mcf_node *c = &nodes[child];
    u32 first = nodes[parent].child;

    c->pred = parent;
    c->next = first;
    c->previous = MCF_NONE;
    if (first != MCF_NONE)
        nodes[first].previous = child;
    nodes[parent].child = child;
}

static void unlink_child(struct mcf_node *nodes, u32 child)
{
    struct mcf_node *c = &nodes[child];

    if (c->previous != MCF_NONE)
        nodes[c->previous].next = c->next;
    else
        nodes[c->pred].child = c->next;
    if (c->next != MCF_NONE)
        nodes[c->next].previous = c->previous;
}

void mcf_reset(struct mcf *m)
{
    struct mcf_node *nodes = mcf_nodes(m);
    struct mcf_arc *arcs = mcf_arcs(m);
    u32 root = m->nodes;
    s64 big = (s64)m->nodes * m->max_cost + 1;

    nodes[root] = (struct mcf_node){.pred = MCF_NONE,
                                    .child = MCF_NONE,
                                    .next = MCF_NONE,
                                    .previous = MCF_NONE,
                                    .arc = MCF_NONE,
                                    .size = m->nodes + 1};
    for (u32 i = 0; i < m->arcs; i++)
        arcs[i].state = MCF_AT_LOWER;
    for (u32 v = 0; v < m->nodes; v++) {
        struct mcf_node *n = &nodes[v];
        struct mcf_arc *a = &arcs[m->arcs + v];
        bool up = n->supply >= 0; /* with flow 0 as well: else the tree were not strongly feasible */
        *a = (struct mcf_arc){
            .cost = big, .capacity = UNLIMITED, .tail = up ? v : root, .head = up ? root : v, .state = MCF_BASIC};
        n->arc = m->arcs + v;
        n->up = up;
        n->flow = up ? n->supply : -n->supply;
        n->capacity = UNLIMITED;
        n->potential = up ? big : -big;
        n->size = 1;
        n->child = MCF_NONE;
        link_child(nodes, root, v);
    }
    m->next = 0;
}

/* The arc to enter, or MCF_NONE; its reduced cost: cost - potential(tail) + potential(head). */
static u32 price(struct mcf *m, s64 *reduced)
{
    const struct mcf_node *nodes = mcf_nodes(m);
    const struct mcf_arc *arcs = mcf_arcs(m);
    u32 best = MCF_NONE, at = m->next, left = m->arcs, in_block = m->block;
    s64 least = 0;

    for (; left; left--) {
        const struct mcf_arc *a = &arcs[at];
        s64 cost = a->cost - nodes[a->tail].potential + nodes[a->head].potential;
        if (cost * a->state < least) {
            least = cost * a->state;
            *reduced = cost;
            best = at;
        }
        if (++at == m->arcs)
            at = 0;
        if (!--in_block) {
            in_block = m->block;
            if (best != MCF_NONE) {
                left--;
                break;
            }
        }
    }
    m->priced += m->arcs - left;
    m->next = at;
    return best;
}

/* The cycle that an entering arc closes: flow goes from `from` to `to` through it, and back through the tree. */
struct cycle {
    u32 from, to, join;
    u32 leaving; /* the node whose basic arc leaves; MCF_NONE: the entering arc goes to its other bound */
    bool on_from;
    s64 delta;
};

static void find_leaving(const struct mcf_node *nodes, struct cycle *c)
{
    u32 u = c->from, v = c->to;
    s64 room;

    c->leaving = MCF_NONE;
    c->on_from = false;
    while (u != v) {
        if (nodes[u].size < nodes[v].size) {
            /* The cycle comes down here: what was found nearer to `from`, or beyond it, is later in it and wins a tie.
             */
            room = nodes[u].up ? nodes[u].flow : nodes[u].capacity - nodes[u].flow;
            if (room < c->delta) {
                c->delta = room;
                c->leaving = u;
                c->on_from = true;
            }
            u = nodes[u].pred;
        } else {
            room = nodes[v].up ? nodes[v].capacity - nodes[v].flow : nodes[v].flow;
            if (room <= c->delta) {
                c->delta = room;
                c->leaving = v;
                c->on_from = false;
            }
            v = nodes[v].pred;
        }
    }
    c->join = u;
}

/* Sends delta around the cycle, and moves `moved` nodes from one side's subtrees to the other's. */
static void augment(struct mcf_node *nodes, const struct cycle *c, u32 moved)
{
    u32 from_gains = c->on_from ? -moved : moved; /* modulo 2^32 */

    for (u32 u = c->from; u != c->join; u = nodes[u].pred) {
        nodes[u].flow += nodes[u].up ? -c->delta : c->delta;
        nodes[u].size += from_gains;
    }
    for (u32 v = c->to; v != c->join; v = nodes[v].pred) {
        nodes[v].flow += nodes[v].up ? c->delta : -c->delta;
        nodes[v].size -= from_gains;
    }
}

/*
 * Cuts off the subtree below c->leaving and hangs it on by the entering arc: each node on the way from there up to
 * c->leaving becomes a child of the one before it and takes over that one's old basic arc, turned round. `whole` is the
 * size of that subtree; augment() has taken it off all sizes on the way.
 */
static void turn(struct mcf *m, const struct cycle *c, u32 entering, s64 flow, u32 whole)
{
    struct mcf_node *nodes = mcf_nodes(m);
    struct mcf_arc *arcs = mcf_arcs(m);
    u32 q = c->on_from ? c->from : c->to, parent = c->on_from ? c->to : c->from;
    u32 arc = entering, size = whole;
    bool up = arcs[entering].tail == q;
    s64 capacity = arcs[entering].capacity;

    for (;;) {
        struct mcf_node *n = &nodes[q];
        struct mcf_node old = *n;
        unlink_child(nodes, q);
        link_child(nodes, parent, q);
        n->arc = arc;
        n->up = up;
        n->flow = flow;
        n->capacity = capacity;
        n->size = size;
        arc = old.arc;
        up = !old.up;
        flow = old.flow;
        capacity = old.capacity;
        if (q == c->leaving)
            break;
        size = whole - (old.size + whole);
        parent = q;
        q = old.pred;
    }
    arcs[arc].state = flow ? MCF_AT_UPPER : MCF_AT_LOWER; /* what came off last is the leaving arc */
    arcs[entering].state = MCF_BASIC;
}

static void shift_potentials(struct mcf_node *nodes, u32 top, s64 by)
{
    u32 at = top;

    for (;;) {
        nodes[at].potential += by;
        if (nodes[at].child != MCF_NONE) {
            at = nodes[at].child;
            continue;
        }
        while (at != top && nodes[at].next == MCF_NONE)
            at = nodes[at].pred;
        if (at == top)
            break;
        at = nodes[at].next;
    }
}

bool mcf_pivot(struct mcf *m)
{
    struct mcf_node *nodes = mcf_nodes(m);
    s64 reduced = 0;
    u32 entering = price(m, &reduced), top, whole;
    struct mcf_arc *a;
    struct cycle c;
    bool forward;

    if (entering == MCF_NONE)
        return false;
    a = &mcf_arcs(m)[entering];
    forward = a->state == MCF_AT_LOWER;
    c.from = forward ? a->tail : a->head;
    c.to = forward ? a->head : a->tail;
    c.delta = a->capacity;
    find_leaving(nodes, &c);
    if (c.leaving == MCF_NONE) {
        augment(nodes, &c, 0);
        a->state = -a->state;
        return true;
    }
    top = c.on_from ? c.from : c.to;
    whole = nodes[c.leaving].size;
    augment(nodes, &c, whole);
    turn(m, &c, entering, forward ? c.delta : a->capacity - c.delta, whole);
    shift_potentials(nodes, top, a->tail == top ? reduced : -reduced);
    return true;
}

s64 mcf_write_flow(struct mcf *m, u64 *artificial)
{
    const struct mcf_node *nodes = mcf_nodes(m);
    struct mcf_arc *arcs = mcf_arcs(m);
    s64 cost = 0;

    *artificial = 0;
    for (u32 i = 0; i < m->arcs + m->nodes; i++)
        arcs[i].flow = arcs[i].state == MCF_AT_UPPER ? arcs[i].capacity : 0;
    for (u32 v = 0; v < m->nodes; v++)
        if (nodes[v].arc < m->arcs + m->nodes) /* or else mcf_check_basis() says so */
            arcs[nodes[v].arc].flow = nodes[v].flow;
    for (u32 i = 0; i < m->arcs; i++)
        cost += arcs[i].cost * (arcs[i].lower + arcs[i].flow);
    for (u32 i = m->arcs; i < m->arcs + m->nodes; i++)
        *artificial += (u64)arcs[i].flow;
    return cost;
}
