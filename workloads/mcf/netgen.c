/*
 * mcf: NETGEN (Klingman, Napier, Stutz, Management Science 20(5), 1974). Nodes are numbered sources first, sinks last;
 * those between have no supply.
 *
 *      supply:    each source gets a random part of its even share, a random source the rest of it
 *      chains:    60 % of the nodes between are dealt out to the sources in turn, 40 % go to random ones; each enters
 *                 its source's chain right behind the source
 *      skeleton:  for each source:
 *                     the arcs of its chain
 *                     random sinks, in proportion to the chain's length, at least two; the last source takes those
 *                     that nobody has taken; the first hangs at the chain's end, the others at random nodes of it
 *                     the source's supply is divided among these sinks as supply was among the sources
 *                     sorted by tail: every arc can carry the source's whole supply
 *      others:    after the skeleton arcs of a tail, arcs to random other heads, so many that those asked for suffice
 *                 for the tails to come; in the end, from the sinks that may be passed through
 *
 * So every instance is feasible. Which heads there are, is a list from which they are taken by position. Its nominal
 * length decides what is drawn: it shrinks with every head that must not be taken, even where that head (a source) was
 * not in the list, so that some positions near the end do not exist and give no arc. That, the order of the draws, and
 * the order in which a Shell sort leaves equal tails, is part of the definition: the same parameters give the same
 * arcs in the same order as elsewhere. That was checked on published instances and optima (tests/long/mcf.sh), not for
 * pure transportation problems, nor where a tail gets all heads.
 *
 * Left out: assignment problems (NETGEN makes them when sources and sinks are all nodes and each has supply 1); maximum
 * flow (all costs 1: here it is a minimum-cost flow with these costs); negative costs.
 *
 * No memory but the problem's is used: lists are trees of counts (Fenwick, Software: Practice and Experience 24(3),
 * 1994) in fields of the nodes that mean nothing before the first basis, the skeleton is made where the artificial arcs
 * will be.
 */
#include "workloads/mcf/netgen.h"
#include "kernel/err.h"

/* Numbers `first` to first + room - 1, those taken excepted. Position 1 is the lowest that is there. */
struct list {
    u8 *counts; /* of the tree: a field of each node */
    u32 first, room, left, nominal;
};

struct generator {
    struct mcf *m;
    const struct mcf_netgen *p;
    u32 state;
    u32 tails;         /* yet to come */
    struct list heads; /* of the arcs of a tail */
    struct list sinks;
};

static u32 *count(const struct list *l, u32 i)
{
    return (u32 *)(l->counts + (u64)i * sizeof(struct mcf_node));
}

static void list_init(struct list *l, u32 *field, u32 first, u32 room)
{
    *l = (struct list){.counts = (u8 *)field, .first = first, .room = room, .left = room, .nominal = room};
    for (u32 i = 1; i <= room; i++)
        *count(l, i - 1) = i & -i;
}

/* Takes a number out (by = -1), or puts it back (1). */
static void list_change(struct list *l, u32 number, u32 by)
{
    for (u32 i = number - l->first + 1; i <= l->room; i += i & -i)
        *count(l, i - 1) += by;
    l->left += by;
}

/* Takes out the number at a position; MCF_NONE when there is none. */
static u32 list_take(struct list *l, u32 position)
{
    u32 at = 0, step = 1;

    if (position < 1 || position > l->left)
        return MCF_NONE;
    while (step <= l->room / 2)
        step *= 2;
    for (; step; step /= 2)
        if (at + step <= l->room && *count(l, at + step - 1) < position) {
            at += step;
            position -= *count(l, at - 1);
        }
    list_change(l, l->first + at, -1u);
    l->nominal--;
    return l->first + at;
}

static u32 draw(struct generator *g, s64 a, s64 b)
{
    return mcf_netgen_draw(&g->state, a, b);
}

const char *mcf_netgen_wrong(const struct mcf_netgen *p)
{
    u64 tails = (u64)p->nodes - p->sinks + p->transit_sinks;
    u64 heads = (u64)p->nodes - p->sources + p->transit_sources;

    if (!p->sources || !p->sinks || p->sources + p->sinks > p->nodes)
        return "at least one source and one sink, and together not more than netgen_nodes=";
    if (p->transit_sources > p->sources || p->transit_sinks > p->sinks)
        return "transshipment sources and sinks are some of netgen_sources=, netgen_sinks=, not more";
    if (p->min_cost > p->max_cost || p->min_capacity > p->max_capacity)
        return "a least cost or capacity above the largest";
    if (p->high_cost > 100 || p->capacitated > 100)
        return "more than 100 percent";
    if (p->supply < p->sources)
        return "netgen_supply= is less than one for each of netgen_sources=";
    if (p->sources == p->sinks && p->sources + p->sinks == p->nodes && !p->transit_sources && !p->transit_sinks &&
        p->supply == p->sources)
        return "that is an assignment problem, which is not supported";
    if (p->arcs > tails * heads)
        return "netgen_arcs= is more than there are pairs of nodes";
    return NULL;
}

u64 mcf_netgen_room(const struct mcf_netgen *p)
{
    u64 between = (u64)p->nodes - p->sources - p->sinks;

    /*
     * Other arcs are only added up to the number asked for, and leave one to each tail to come, where a chain goes on.
     * So what may exceed it are arcs of the skeleton to sinks: at least two a source; in proportion to the chains, each
     * sink twice; those left over.
     */
    return MAX(p->arcs, between) + 2ull * p->sources + 3ull * p->sinks;
}

static int add(struct generator *g, u32 tail, u32 head, s64 capacity, s64 cost)
{
    if (g->m->added == g->m->arcs)
        return ERR_INVAL;
    return mcf_add_arc(g->m, tail, head, 0, capacity, cost);
}

static void make_supplies(struct generator *g)
{
    struct mcf_node *nodes = mcf_nodes(g->m);
    u32 sources = g->p->sources, share = g->p->supply / sources;

    for (u32 s = 0; s < sources; s++) {
        u32 part = draw(g, 1, share);
        nodes[s].supply += part;
        nodes[draw(g, 1, sources) - 1].supply += share - part;
    }
    nodes[draw(g, 1, sources) - 1].supply += g->p->supply % sources;
}

/* Chains run through `pred`, from the source back to it. */
static void make_chains(struct generator *g)
{
    struct mcf_node *nodes = mcf_nodes(g->m);
    u32 sources = g->p->sources, between = g->p->nodes - sources - g->p->sinks, next = 0;
    struct list free;

    for (u32 s = 0; s < sources; s++)
        nodes[s].pred = s;
    list_init(&free, &nodes->size, sources, between);
    for (u32 left = between; left; left--) {
        u32 node = list_take(&free, draw(g, 1, free.nominal)), s;
        if (left > (4ull * between + 9) / 10) {
            s = next;
            next = next + 1 < sources ? next + 1 : 0;
        } else {
            s = draw(g, 1, sources) - 1;
        }
        nodes[node].pred = nodes[s].pred;
        nodes[s].pred = node;
    }
}

static void skeleton_arc(struct generator *g, u32 i, u32 tail, u32 head)
{
    struct mcf_arc *a = &mcf_arcs(g->m)[g->m->arcs + i];

    a->tail = tail;
    a->head = head;
}

/* Chooses a source's sinks, into `next` of the first nodes, and says how many. */
static u32 choose_sinks(struct generator *g, u32 source, u32 chain)
{
    struct mcf_node *nodes = mcf_nodes(g->m);
    u32 sources = g->p->sources, sinks = g->p->sinks, between = g->p->nodes - sources - sinks;
    u64 wanted = between ? 2ull * chain * sinks / between : sinks / sources + 1u;
    u32 chosen = (u32)MIN(MAX(wanted, 2), sinks);

    for (u32 i = 0; i < chosen; i++)
        nodes[i].next = list_take(&g->sinks, draw(g, 1, g->sinks.nominal));
    if (source == sources - 1) {
        while (g->sinks.left) {
            u32 sink = list_take(&g->sinks, 1);
            if (!nodes[sink].supply)
                nodes[chosen++].next = sink;
        }
    } else {
        for (u32 i = 0; i < chosen; i++)
            list_change(&g->sinks, nodes[i].next, 1);
        g->sinks.nominal = sinks;
    }
    return chosen;
}

/* A source's skeleton, behind all arcs of the problem. Returns how many arcs it has. */
static u32 make_skeleton(struct generator *g, u32 source)
{
    struct mcf_node *nodes = mcf_nodes(g->m);
    const struct mcf_arc *chained = &mcf_arcs(g->m)[g->m->arcs];
    u32 chain = 0, chosen, share, tail = nodes[source].pred;

    for (u32 v = nodes[source].pred; v != source; v = nodes[v].pred)
        skeleton_arc(g, chain++, nodes[v].pred, v);
    chosen = choose_sinks(g, source, chain);
    share = (u32)(nodes[source].supply / chosen);
    for (u32 i = 0; i < chosen; i++) {
        u32 part = draw(g, 1, share), other = draw(g, 0, (s64)chosen - 1), at;
        skeleton_arc(g, chain + i, tail, nodes[i].next);
        nodes[nodes[i].next].supply -= part;
        nodes[nodes[other].next].supply -= (s64)share - part;
        at = draw(g, 1, chain);
        tail = at ? chained[at - 1].head : source;
    }
    nodes[nodes[0].next].supply -= nodes[source].supply % chosen;
    return chain + chosen;
}

/* By Shell (CACM 2(7), 1959), with his steps: half, a quarter, ... of the number. */
static void sort_skeleton(struct mcf_arc *arcs, u32 n)
{
    for (u32 step = n / 2; step; step /= 2)
        for (u32 j = 0; j + step < n; j++)
            for (s64 i = j; i >= 0 && arcs[i].tail > arcs[i + step].tail; i -= step) {
                u32 tail = arcs[i].tail, head = arcs[i].head;
                arcs[i].tail = arcs[i + step].tail;
                arcs[i].head = arcs[i + step].head;
                arcs[i + step].tail = tail;
                arcs[i + step].head = head;
            }
}

/* How many arcs a tail gets besides its skeleton. False: however many, those to come cannot take the rest. */
static bool draw_number(struct generator *g, u32 *number)
{
    s64 missing = (s64)g->p->arcs - g->m->added, later = --g->tails, heads = g->heads.room, most;

    *number = 0;
    if (2 * later >= missing)
        return true;
    if ((missing + heads - g->heads.left - 1) / (later + 1) >= heads - 1) {
        *number = (u32)heads;
        return true;
    }
    most = 2 * (missing / (later + 1) - 1);
    if (later && later * (heads - 1) < missing - most)
        return false;
    do {
        *number = draw(g, 1, most);
        if (!later)
            *number = (u32)missing;
    } while (later * (heads - 1) < missing - *number);
    return true;
}

/* The arcs of a tail besides its skeleton; then all heads are in the list again. `start`: the first of its arcs. */
static int other_arcs(struct generator *g, u32 tail, u32 start)
{
    const struct mcf_netgen *p = g->p;
    const struct mcf_arc *arcs = mcf_arcs(g->m);
    u32 number;
    int err = draw_number(g, &number) ? 0 : ERR_INVAL;

    for (; number && !err; number--) {
        u32 head = list_take(&g->heads, draw(g, 1, g->heads.nominal));
        s64 capacity = p->supply;
        if (draw(g, 1, 100) <= p->capacitated)
            capacity = draw(g, p->min_capacity, p->max_capacity);
        if (head != MCF_NONE)
            err = add(g, tail, head, capacity, draw(g, p->min_cost, p->max_cost));
    }
    if (tail >= g->heads.first)
        list_change(&g->heads, tail, 1);
    for (u32 i = start; i < g->m->added; i++)
        list_change(&g->heads, arcs[i].head, 1);
    g->heads.nominal = g->heads.room;
    return err;
}

/* No arc of this tail leads back to it. */
static void begin_tail(struct generator *g, u32 tail)
{
    if (tail >= g->heads.first)
        list_change(&g->heads, tail, -1u);
    g->heads.nominal--;
}

/* All arcs of the tails in a source's skeleton. */
static int source_arcs(struct generator *g, u32 source)
{
    const struct mcf_netgen *p = g->p;
    struct mcf_arc *skeleton = &mcf_arcs(g->m)[g->m->arcs];
    s64 supply = mcf_nodes(g->m)[source].supply;
    u32 n = make_skeleton(g, source);
    int err = 0;

    sort_skeleton(skeleton, n);
    for (u32 i = 0; i < n && !err;) {
        u32 tail = skeleton[i].tail, start = g->m->added;
        begin_tail(g, tail);
        for (; i < n && skeleton[i].tail == tail && !err; i++) {
            s64 capacity = p->supply, cost = p->max_cost;
            list_change(&g->heads, skeleton[i].head, -1u);
            g->heads.nominal--;
            if (draw(g, 1, 100) <= p->capacitated)
                capacity = MAX(supply, (s64)p->min_capacity);
            if (draw(g, 1, 100) > p->high_cost)
                cost = draw(g, p->min_cost, p->max_cost);
            err = add(g, tail, skeleton[i].head, capacity, cost);
        }
        if (!err)
            err = other_arcs(g, tail, start);
    }
    return err;
}

int mcf_netgen(struct mcf *m, const struct mcf_netgen *p)
{
    struct generator g = {.m = m, .p = p, .state = p->seed, .tails = p->nodes - p->sinks + p->transit_sinks};
    u32 first = p->sources - p->transit_sources;
    int err = 0;

    make_supplies(&g);
    make_chains(&g);
    list_init(&g.heads, &mcf_nodes(m)->size, first, p->nodes - first);
    list_init(&g.sinks, &mcf_nodes(m)->arc, p->nodes - p->sinks, p->sinks);
    for (u32 s = 0; s < p->sources && !err; s++)
        err = source_arcs(&g, s);
    for (u32 v = p->nodes - p->sinks; v < p->nodes - p->sinks + p->transit_sinks && !err; v++) {
        begin_tail(&g, v);
        err = other_arcs(&g, v, m->added);
    }
    m->arcs = m->added;
    return err;
}
