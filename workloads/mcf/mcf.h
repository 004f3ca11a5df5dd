/*
 * mcf: the records of a minimum-cost flow problem and of its network simplex, and what the parts offer to each other
 * (and to the host test).
 *
 * All records lie in the arena: the nodes first, the root of the tree last among them, then, on a page of their own,
 * the arcs of the problem and behind them one artificial arc a node. `mem` is the arena's first byte where the caller
 * stands; everything else holds numbers of records, not addresses.
 *
 * Inside, every lower bound is zero: capacities are upper less lower bound, and supplies are what is left when all
 * lower bounds flow. Costs are counted for the whole flow.
 */
#pragma once

#include "kernel/types.h"

#define MCF_NONE UINT32_MAX

/*
 * Limits that keep everything within 64 bits. The cost of an artificial arc is nodes x largest cost + 1 < 2^55 + 1. A
 * path in a spanning tree has at most one artificial arc below the root, so a potential is below 2^56 and a reduced
 * cost below 2^58. A node's supply with all lower bounds is below 2^41 + 2^25 x 2^31 < 2^57. The sum of |cost| x upper
 * bound over all arcs is checked when the problem is made (mcf_add_arc).
 */
#define MCF_MAX_NODES  (1u << 24)
#define MCF_MAX_ARCS   (1u << 25)
#define MCF_MAX_VALUE  ((s64)INT32_MAX) /* of a cost's size and of a capacity, but of arcs without limit */
#define MCF_NO_LIMIT   ((s64)-1)        /* an upper bound: none */
#define MCF_MAX_SUPPLY ((s64)1 << 40)   /* of a node's supply or demand */
#define MCF_MAX_COST   ((s64)1 << 62)   /* of a whole flow */

#define MCF_MAX_SOURCES 2147483u /* of the family: a chain of 1000 each */

/* State of an arc; its product with the reduced cost is negative when the arc should enter the basis. */
enum { MCF_AT_UPPER = -1, MCF_BASIC = 0, MCF_AT_LOWER = 1 };

/* A line of its own each, as in mcf, so that a step up the tree is one miss; walks touch nodes alone. */
struct mcf_node {
    s64 potential;
    s64 flow, capacity;              /* of the basic arc */
    u32 pred, child, next, previous; /* tree: parent, first child, siblings */
    u32 arc;                         /* basic arc, to pred */
    u32 size;                        /* nodes in the subtree, this one included */
    s64 supply;
    u32 up; /* whether the basic arc leads to pred and not away from it */
    u32 unused;
};

/* mcf's record is a line, too: there the place is taken by lists of a node's arcs, here by bounds. */
struct mcf_arc {
    s64 cost;
    s64 capacity, lower;
    s64 flow; /* written when a solution is complete, as in mcf */
    u32 tail, head;
    int32_t state;
    u32 unlimited; /* whether `capacity` stands for none */
    u32 unused[4];
};

struct mcf {
    u8 *mem;
    u32 nodes, arcs, block; /* without root and artificial arcs; arcs that are priced at a time */
    u32 added;              /* arcs that the problem has so far */
    u64 arcs_at;            /* offset of the first arc */
    s64 no_limit;           /* the capacity of arcs without limit: one more than any flow needs */
    s64 bound, max_cost;    /* sum of |cost| x upper bound, largest |cost| of all arcs */
    u32 next;               /* the arc at which pricing goes on */
    u64 priced;             /* arcs looked at */
};

static inline struct mcf_node *mcf_nodes(const struct mcf *m)
{
    return (struct mcf_node *)m->mem;
}

static inline struct mcf_arc *mcf_arcs(const struct mcf *m)
{
    return (struct mcf_arc *)(m->mem + m->arcs_at);
}

/* Where the arcs begin, and the bytes of all records: a multiple of PAGE_SIZE. */
static inline u64 mcf_arcs_at(u64 nodes)
{
    return ALIGN_UP((nodes + 1) * sizeof(struct mcf_node), PAGE_SIZE);
}

static inline u64 mcf_bytes(u64 nodes, u64 arcs)
{
    return mcf_arcs_at(nodes) + ALIGN_UP((arcs + nodes) * sizeof(struct mcf_arc), PAGE_SIZE);
}

/* --- mcf_problem.c ---------------------------------------------------------------------------------------------- */

/*
 * Begins a problem with no supplies and no arcs; mcf_bytes() from `mem` on must be writable. `block`: 0 for the square
 * root of the number of arcs.
 */
void mcf_begin(struct mcf *m, u8 *mem, u32 nodes, u32 arcs, u32 block);

/*
 * The next arc. Nodes count from 0; 0 <= lower <= upper <= MCF_MAX_VALUE, or upper is MCF_NO_LIMIT. ERR_RANGE when a
 * flow's cost could then exceed MCF_MAX_COST: the problem cannot be used.
 */
int mcf_add_arc(struct mcf *m, u32 tail, u32 head, s64 lower, s64 upper, s64 cost);

/*
 * Our own family: a chain of arcs 1 -> 2 -> ... -> nodes with capacity 1000 x sources and cost 100, then arcs between
 * random nodes, capacity 1 to 20, cost 1 to 50. `sources` nodes of the first half, evenly spread from the first on,
 * supply 200 each; the nodes opposite to them, from the last down, need it. So the chain alone can carry it all: every
 * instance is feasible. 1 <= sources <= nodes / 2, arcs >= nodes - 1.
 */
void mcf_generate(struct mcf *m, u32 sources, u64 seed);

/* What a file says in its problem line, and the capacity of arcs without limit in it. */
struct mcf_size {
    u32 nodes, arcs;
    s64 no_limit;
};

/*
 * Reads a problem in the DIMACS format for minimum-cost flow (First DIMACS Implementation Challenge, 1990): with `m`
 * null it checks all that can be said without memory of nodes, and tells the size; then, with the same text, `m` begun
 * with this size (no_limit, too) is filled. Refuses (EXIT_REFUSED), with the number of the line, whatever is not such a
 * problem.
 */
struct mcf_size mcf_read(const char *text, size_t length, struct mcf *m);

/* The line of a node's supply (kind n), or of an arc (kind a), both counted from 0; 0 when there is none. */
u64 mcf_line_of(const char *text, size_t length, char kind, u32 number);

/* --- mcf_simplex.c ---------------------------------------------------------------------------------------------- */

/* The first basis: artificial arcs to and from the root. */
void mcf_reset(struct mcf *m);

/* One pivot. False: there is none left to do, the flow is optimal. */
bool mcf_pivot(struct mcf *m);

/* The cost of the flow, artificial arcs not counted, and what these carry (0 for a feasible flow). Writes the flows to
 * the arcs. */
s64 mcf_write_flow(struct mcf *m, u64 *artificial);

/* --- mcf_check.c ------------------------------------------------------------------------------------------------ */

/* Bytes of scratch for the checks. */
static inline u64 mcf_scratch(u64 nodes)
{
    return (nodes + 1) * sizeof(s64);
}

/*
 * Whether the basis is one: a spanning tree with right links, sizes and potentials, strongly feasible; every other arc
 * at a bound; with the flow that mcf_write_flow() left within all bounds and conserved at every node.
 */
bool mcf_check_basis(const struct mcf *m, s64 *scratch);

/*
 * Whether the flow that mcf_write_flow() left is feasible without artificial arcs, and of least cost: no arc with a
 * negative reduced cost has capacity to spare, none with a positive one carries more than its lower bound
 * (complementary slackness). Needs of the basis nothing but the potentials, any that prove it. Tells the cost.
 */
bool mcf_certify(const struct mcf *m, s64 *scratch, s64 *cost);

/* In an infeasible problem, when nothing is left to do: the first node with supply that an artificial arc carries, and
 * how much; MCF_NONE when there is none. */
u32 mcf_find_stuck(const struct mcf *m, s64 *units);

/*
 * The first arc without limit whose reduced cost is negative in a certified solution; MCF_NONE when there is none. Its
 * flow is then at a capacity that no flow of a bounded problem needs; by complementary slackness with such a one, it
 * exists exactly when a cycle of arcs without limit has negative cost.
 */
u32 mcf_find_unbounded(const struct mcf *m);

/* A hash of the problem itself: every node's supply, every real arc's ends, cost and bounds. Pivots change none of it.
 */
u64 mcf_problem_hash(const struct mcf *m);
