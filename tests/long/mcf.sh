#!/usr/bin/env bash
# Minimum-cost flow: GLPK finds the optimum that the workload has proved, on instances of its family, which are drawn here once more (awk has
# no 64-bit integers; the shell does, and wraps), and on NETGEN's. Of those, published optima, and NetworkX's copy of one, arc by arc.
# shellcheck source=tests/cli/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../cli/common"

command -v glpsol >/dev/null || {
    skip glpk 'no glpsol: Debian package glpk-utils'
    exit 0
}
make -s -C "$root" native >/dev/null || exit 1

draw() { # number below which: into $drawn
    x=$((x * 6364136223846793005 + 1))
    drawn=$(((x >> 33 & 0x7fffffff) % $1))
}
export_instance() { # nodes, arcs, sources, seed
    local nodes=$1 arcs=$2 sources=$3 i at
    x=$4
    echo "p min $nodes $arcs"
    for ((i = 0; i < sources; i++)); do
        at=$((i * (nodes / 2) / sources))
        echo "n $((at + 1)) 200"
        echo "n $((nodes - at)) -200"
    done
    for ((i = 1; i < nodes; i++)); do echo "a $i $((i + 1)) 0 $((1000 * sources)) 100"; done
    for ((i = nodes - 1; i < arcs; )); do
        local a b capacity
        draw "$nodes" && a=$((drawn + 1))
        draw "$nodes" && b=$((drawn + 1))
        [ "$a" -ne "$b" ] || continue
        draw 20 && capacity=$((drawn + 1))
        draw 50
        echo "a $a $b 0 $capacity $((drawn + 1))"
        i=$((i + 1))
    done
}

while read -r nodes arcs sources seed; do
    name=$nodes-$arcs-$sources-$seed
    export_instance "$nodes" "$arcs" "$sources" "$seed" >"$place/$name.min"
    glpsol --mincost "$place/$name.min" -o "$place/$name.sol" >"$place/log" 2>&1
    glpk=$(sed -n "s/^Objective: *\([0-9]*\) .*/\1/p" "$place/$name.sol")
    keys=(workload=mcf warmup=0 ops=1000)
    own=$("$root/build/native/tierlab" "${keys[@]}" mcf_nodes="$nodes" mcf_arcs="$arcs" mcf_sources="$sources" seed="$seed" | jq .optimum)
    file=$("$root/build/native/tierlab" "${keys[@]}" input="$place/$name.min" | jq .optimum)
    if [ -n "$glpk" ] && [ "$own" = "$glpk" ] && [ "$file" = "$glpk" ]; then
        ok "$name"
    else
        not_ok "$name" "GLPK '$glpk', generated '$own', read '$file'"
    fi
done <<END
64 512 1 1
64 512 1 7
128 2048 5 2
500 10000 20 3
1000 20000 16 4
END

# NETGEN's problems: seed, nodes, sources, sinks, arcs, least and highest cost, supply, transshipment sources and sinks, percent of high cost
# and capacitated, least and largest capacity.
netgen_keys() {
    keys=(workload=mcf warmup=0 mcf_graph=netgen)
    local name
    for name in seed nodes sources sinks arcs min_cost max_cost supply transit_sources transit_sinks high_cost capacitated min_capacity \
        max_capacity; do
        keys+=("netgen_$name=$1")
        shift
    done
}
${CC:-gcc} -std=gnu11 -O2 -I"$root" -o "$place/netgen" "$root/tests/long/netgen_print.c" "$root/workloads/mcf/netgen.c" \
    "$root/workloads/mcf/problem.c" 2>"$place/err" || not_ok netgen_print "$(head -n 1 "$place/err")"
against_glpk() { # name, parameters
    local name=$1
    shift
    netgen_keys "$@"
    "$place/netgen" "$@" >"$place/$name.min" || return 0
    made=$((made + 1))
    glpsol --mincost "$place/$name.min" -o "$place/$name.sol" >"$place/log" 2>&1
    glpk=$(sed -n "s/^Objective: *\([0-9]*\) .*/\1/p" "$place/$name.sol")
    own=$("$root/build/native/tierlab" "${keys[@]}" ops=1000 | jq .optimum)
    [ -n "$glpk" ] && [ "$own" = "$glpk" ] || different="$different $name: GLPK '$glpk', own '$own';"
}
RANDOM=1 made=0 different=
for ((i = 0; i < 60; i++)); do
    nodes=$((10 + RANDOM % 300)) sources=$((1 + RANDOM % 4)) sinks=$((1 + RANDOM % 4))
    against_glpk "random$i" $((1 + RANDOM)) $nodes $sources $sinks $((nodes * (2 + RANDOM % 5))) $((RANDOM % 50)) $((50 + RANDOM % 1000)) \
        $((sources + RANDOM)) $((RANDOM % (sources + 1))) $((RANDOM % (sinks + 1))) $((RANDOM % 101)) $((RANDOM % 101)) $((RANDOM % 100)) \
        $((100 + RANDOM))
done
if [ -z "$different" ] && [ "$made" -gt 40 ]; then ok netgen_random; else not_ok netgen_random "$made made;$different"; fi

while read -r name want parameters; do # LEMON's benchmark; optima as solvers that others wrote found them
    # shellcheck disable=SC2086
    netgen_keys $parameters
    own=$("$root/build/native/tierlab" "${keys[@]}" ops=1000 | jq .optimum)
    if [ "$own" = "$want" ]; then ok "$name"; else not_ok "$name" "$own instead of $want"; fi
done <<END
netgen_8_08a 142274536 13502460 256 16 16 2048 1 10000 16000 0 0 100 100 1 1000
netgen_8_10a 369269289 13502460 1024 32 32 8192 1 10000 32000 0 0 100 100 1 1000
netgen_8_12a 783715427 13502460 4096 64 64 32768 1 10000 64000 0 0 100 100 1 1000
netgen_8_13a 1184953451 13502460 8192 91 91 65536 1 10000 91000 0 0 100 100 1 1000
netgen_8_14a 1772056888 13502460 16384 128 128 131072 1 10000 128000 0 0 100 100 1 1000
END

/usr/bin/python3 - >"$place/networkx" 2>"$place/err" <<'END'
import bz2, os, pickle, networkx
tests = os.path.join(os.path.dirname(networkx.__file__), "algorithms", "flow", "tests")
g = pickle.load(bz2.open(os.path.join(tests, "netgen-2.gpickle.bz2")))
print("p min", g.number_of_nodes(), g.number_of_edges())
for v, data in g.nodes(data=True):
    if data.get("demand"):
        print("n", v, -data["demand"])
for a, b, data in g.edges(data=True):
    print("a", a, b, 0, data["capacity"], data["weight"])
END
if [ -s "$place/networkx" ]; then
    "$place/netgen" 13502460 400 8 60 1416 1 10000 400000 5 50 30 40 16000 30000 | sort >"$place/own"
    holds netgen_2_arcs cmp -s "$place/own" <(sort "$place/networkx")
else
    skip netgen_2_arcs 'no netgen-2 of NetworkX: Debian package python3-networkx'
fi
exit "$failed"
