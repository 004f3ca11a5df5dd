/* mcf: the problem generator NETGEN (mcf_netgen.c). */
#pragma once

#include "workloads/mcf/mcf.h"

/* NETGEN's parameters, but for the problem's number, which it only prints. */
struct mcf_netgen {
    u32 seed; /* 1 to 2^31 - 2 */
    u32 nodes, sources, sinks, arcs;
    u32 min_cost, max_cost, supply;
    u32 transit_sources, transit_sinks; /* of the sources and sinks: those that may be passed through */
    u32 high_cost, capacitated;         /* percent: skeleton arcs with the highest cost, arcs with a capacity */
    u32 min_capacity, max_capacity;
};

/* NETGEN's source of randomness: the next state, from 1 to 2^31 - 2 (Lewis, Goodman, Miller, IBM Systems J. 8(2),
 * 1969).
 */
static inline u32 mcf_netgen_next(u32 state)
{
    return (u32)(state * 16807ull % 2147483647);
}

/* The next number from a to b; b when there is none or one, but the state moves on all the same. */
static inline u32 mcf_netgen_draw(u32 *state, s64 a, s64 b)
{
    *state = mcf_netgen_next(*state);
    return (u32)(b <= a ? b : a + *state % (b - a + 1));
}

/* What is wrong with the parameters, as a line; null: nothing. */
const char *mcf_netgen_wrong(const struct mcf_netgen *p);

/* Arcs to make room for: NETGEN makes more than it is asked for when skeletons alone need them. */
u64 mcf_netgen_room(const struct mcf_netgen *p);

/*
 * Generates into a problem that was begun with `nodes` and mcf_netgen_room() arcs; m->arcs says afterwards how many
 * there are. ERR_RANGE: a flow's cost could exceed MCF_MAX_COST. ERR_INVAL: so many arcs asked for that NETGEN would
 * draw a tail's share for ever.
 */
int mcf_netgen(struct mcf *m, const struct mcf_netgen *p);
