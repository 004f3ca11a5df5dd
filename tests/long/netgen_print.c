/* Prints NETGEN's problem with the parameters that are given, in the order of struct mcf_netgen, in DIMACS format. */
#include <stdio.h>
#include <stdlib.h>

#include "workloads/mcf/netgen.h"

int main(int argc, char **argv)
{
    u32 value[sizeof(struct mcf_netgen) / sizeof(u32)];
    struct mcf_netgen p;
    struct mcf m;
    u64 room;

    if (argc != 1 + (int)ARRAY_SIZE(value))
        return 2;
    for (u32 i = 0; i < ARRAY_SIZE(value); i++)
        value[i] = (u32)strtoul(argv[1 + i], NULL, 10);
    __builtin_memcpy(&p, value, sizeof(p));
    if (mcf_netgen_wrong(&p)) {
        fprintf(stderr, "%s\n", mcf_netgen_wrong(&p));
        return 1;
    }
    room = mcf_netgen_room(&p);
    mcf_begin(&m, calloc(1, mcf_bytes(p.nodes, room)), p.nodes, (u32)room, 0);
    if (mcf_netgen(&m, &p))
        return 1;
    printf("p min %u %u\n", m.nodes, m.arcs);
    for (u32 v = 0; v < m.nodes; v++)
        if (mcf_nodes(&m)[v].supply)
            printf("n %u %ld\n", v + 1, mcf_nodes(&m)[v].supply);
    for (u32 i = 0; i < m.arcs; i++) {
        const struct mcf_arc *a = &mcf_arcs(&m)[i];
        printf("a %u %u 0 %ld %ld\n", a->tail + 1, a->head + 1, a->capacity, a->cost);
    }
    return 0;
}
