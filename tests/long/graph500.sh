#!/usr/bin/env bash
# Graph500 at length: all 64 roots, larger graphs, and levels and distances of small graphs against NetworkX, from the edge list alone.
# shellcheck source=tests/cli/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../cli/common"
trap 'exit 130' INT TERM HUP

native() { # name, least part of all edges in percent that a search must traverse, keys
    local name=$1 share=$2
    shift 2
    "$root/build/native/tierlab" "$@" ops=64 >"$place/$name" 2>"$place/err"
    holds "$name" json_says ".verified and .searches == 64 and .work * 100 >= 64 * $share * .edge_factor * pow(2; .scale)" "$place/$name"
}
native bfs_64 99 workload=graph500-bfs g500_scale=18
native bfs_64_hybrid 99 workload=graph500-bfs g500_scale=18 g500_direction=hybrid
native sssp_64 99 workload=graph500-sssp g500_scale=16

# A third party's answers. The program prints, for one seed and root: edges `e FROM TO WEIGHT`, results `r VERTEX LEVEL DISTANCE`.
cat >"$place/export.c" <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "workloads/g500/generate.h"
#include "workloads/g500/search.h"

enum { SCALE = 11, N = 1 << SCALE, NR = G500_EDGE_FACTOR << SCALE, BITS = 6 };

static struct g500_tuple tuples[NR];
static u32 weights[NR];
static u64 first[N + 1], adjacent[4 * NR], parent[N], queue[N], heads[2 << BITS];
static struct g500_vertex vertices[N];

static u64 level(u64 v)
{
    return parent[v] == v ? 0 : 1 + level(parent[v]);
}

int main(int argc, char **argv)
{
    u64 seed = strtoull(argv[argc - 2], NULL, 10);
    u32 root = (u32)strtoul(argv[argc - 1], NULL, 10);
    struct g500_edges edges = {.tuples = tuples, .nr = NR, .nr_vertices = N};
    struct g500_csr csr = {.first = first, .adjacent = adjacent, .nr_vertices = N};
    struct g500_bfs bfs = {.parent = parent, .queue = queue};

    g500_generate(SCALE, seed, seed + 1, tuples, weights);
    g500_build(&csr, &edges);
    memset(parent, 0xff, sizeof(parent));
    g500_bfs(&csr, &bfs, root);
    csr.weighted = true;
    edges.weights = weights;
    g500_build(&csr, &edges);
    g500_clear(vertices, N, heads, BITS);
    g500_sssp(&csr, vertices, heads, BITS, root);
    for (u32 i = 0; i < NR; i++)
        printf("e %d %d %u\n", (int)tuples[i].v[0], (int)tuples[i].v[1], weights[i]);
    for (u32 v = 0; v < N; v++)
        if (parent[v] != G500_NONE)
            printf("r %u %d %llu\n", v, (int)level(v), (unsigned long long)vertices[v].distance);
}
END
cat >"$place/confirm.py" <<'END'
import sys
import networkx

root, graph, results = int(sys.argv[1]), networkx.Graph(), {}
for kind, *numbers in map(str.split, sys.stdin):
    a, b, c = map(int, numbers)
    if kind == "r":
        results[a] = (b, c)
    elif not graph.has_edge(a, b) or graph[a][b]["weight"] > c:
        graph.add_edge(a, b, weight=c)
levels = networkx.single_source_shortest_path_length(graph, root)
distances = networkx.single_source_dijkstra_path_length(graph, root)
print(len(results), "vertices reached")
sys.exit(len(results) < 1000 or results != {v: (levels[v], distances[v]) for v in levels})
END
if ! python3 -c 'import networkx' 2>/dev/null; then
    skip networkx 'Python without networkx: package python3-networkx'
    exit $failed
fi
sources=("$root"/workloads/g500/{random,generate,csr,bfs,sssp}.c)
if ! gcc -std=gnu11 -O2 -fno-strict-aliasing -I"$root" -o "$place/export" "$place/export.c" "${sources[@]}" 2>"$place/err"; then
    not_ok networkx "$(head -n 1 "$place/err")"
    exit 1
fi
for seed in 2 3 4; do
    for from in 7 100 1500; do # the next vertex with a neighbour
        "$place/export" $seed 0 >"$place/graph"
        start=$(awk -v from=$from '$1 == "e" && $2 != $3 && $2 >= from && (!found || $2 < best) { best = $2; found = 1 } END { print best }' \
            "$place/graph")
        "$place/export" $seed "$start" >"$place/graph"
        holds "networkx.seed_$seed.from_$start" python3 "$place/confirm.py" "$start" <"$place/graph"
    done
done
# The comparison can fail: one distance less by 1.
awk '$1 == "r" && $4 > 0 && !done { $4--; done = 1 } { print }' "$place/graph" >"$place/wrong"
if python3 "$place/confirm.py" "$start" <"$place/wrong" >/dev/null 2>&1; then
    not_ok networkx.notices 'a wrong distance was confirmed'
else
    ok networkx.notices
fi
exit $failed
