#!/usr/bin/env bash
# Minimum-cost flow: GLPK finds the optimum that the workload has proved, on instances of its family, which are drawn here once more (awk has
# no 64-bit integers; the shell does, and wraps).
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
exit "$failed"
