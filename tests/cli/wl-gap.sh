#!/usr/bin/env bash
# The GAP programs whole: the original's answers at scale 10, one checksum on the host and in the guest while pages move,
# with the build counted or not, and bad keys.
# shellcheck source=tests/cli/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"
launcher=("$root/run-qemu.sh")

native() { # program, keys
    "$root/build/native/$1" "${@:2}" 2>"$place/err"
}

answer() { # name, jq condition, keys: under sanitizers
    local name=$1 condition=$2 got
    shift 2
    got=$(native tierlab-sanitized "$@")
    echo "$got" >"$place/got"
    if json_says ".verified and ($condition)" "$place/got" >/dev/null 2>&1; then ok "$name"; else not_ok "$name" "$got $(head -n 1 "$place/err")"; fi
}

g=(gap_scale=10 gap_graph=g) u=(gap_scale=10 gap_graph=u)
answer pr_g10 '.nodes == 1024 and .edges == 10496 and .trials == 1 and .iterations == 15' workload=gap-pr "${g[@]}" ops=15 warmup=0
answer pr_u10 '.edges == 16125 and .trials == 1 and .iterations == 8' workload=gap-pr "${u[@]}" ops=8 warmup=0
answer pr_jacobi '.push_change_ppb > 0 and .push_change_ppb < 100000' workload=gap-pr "${u[@]}" ops=6 warmup=0 gap_pr_method=jacobi
answer cc_g10 '.components == 128' workload=gap-cc "${g[@]}" ops=3
answer cc_u10 '.components == 1' workload=gap-cc "${u[@]}" ops=3
answer tc_g10 '.triangles == 74720 and .relabelled == "yes"' workload=gap-tc "${g[@]}" ops=1024 warmup=0
answer tc_u10 '.triangles == 5170 and .relabelled == "no"' workload=gap-tc "${u[@]}" ops=1024 warmup=0
answer tc_never '.triangles == 74720 and .relabelled == "no"' workload=gap-tc "${g[@]}" ops=1024 warmup=0 gap_relabel=never
answer tc_always '.triangles == 5170 and .relabelled == "yes"' workload=gap-tc "${u[@]}" ops=1024 warmup=0 gap_relabel=always
# The original counts vertices up to the highest number in its list of edges: at scale 14 the last three are in none.
answer pr_g14 '.nodes == 16381 and .edges == 212930' workload=gap-pr gap_scale=14 ops=1 warmup=0
answer cc_g14 '.nodes == 16381 and .components == 3834' workload=gap-cc gap_scale=14 ops=1 warmup=0
answer bfs_g14 '.reached == 12543' workload=gap-bfs gap_scale=14 ops=1 warmup=0
answer bfs_g10 '.reached == 896 and .reached_directed_edges == 20990' workload=gap-bfs "${g[@]}" ops=20

# Graphs from files: g10's edges, handed out by the host test, in each of GAP's forms have g10's answers.
"$root/build/host/gap_test" export 10 g | sed -n 's/^edge //p' >"$place/g10.el"
sed 's/$/ 7/' "$place/g10.el" >"$place/g10.wel"
edges=$(wc -l <"$place/g10.el")
{
    echo '%%MatrixMarket matrix coordinate pattern symmetric'
    echo "1024 1024 $edges"
    awk '{ print $2 + 1, $1 + 1 }' "$place/g10.el"
} >"$place/g10.mtx"
{
    echo "p sp 1024 $edges"
    awk '{ print "a", $1 + 1, $2 + 1, 1 }' "$place/g10.el"
} >"$place/g10.gr"
for form in el wel mtx gr; do
    answer "tc_$form" '.graph == "file" and .edges == 10496 and .triangles == 74720' workload=gap-tc input="$place/g10.$form" ops=1024 warmup=0
done
answer bfs_el '.reached == 896 and .reached_directed_edges == 20990' workload=gap-bfs input="$place/g10.el" ops=20
answer pr_el '.edges == 10496 and .iterations == 15' workload=gap-pr input="$place/g10.el" ops=15 warmup=0
# Two triangles that share no vertex, and vertices 3 to 6 in no edge; the last of them is the last vertex but three.
printf '0 1\n1 2\n2 0\n7 8\n8 9\n9 7\n9 9\n' >"$place/triangles.el"
answer cc_el '.nodes == 10 and .edges == 6 and .components == 6' workload=gap-cc input="$place/triangles.el" ops=3
answer tc_triangles '.triangles == 2' workload=gap-tc input="$place/triangles.el" ops=10 warmup=0
# Few edges and many vertices: what verifiers need does not shrink with the edges.
printf '0 100000\n' >"$place/sparse.el"
for program in pr bfs cc tc; do answer "sparse_$program" '.nodes == 100001 and .edges == 1' workload=gap-$program input="$place/sparse.el" ops=2 warmup=1; done

checksum() { # of a run of the launcher
    cat "$place/results"/*/records.jsonl | jq -r 'select(.kind == "summary") | .checksum'
}

guest() { # name, keys
    local name=$1 here there
    shift
    there=$(native tierlab "$@" | jq -r .checksum)
    rm -rf "$place/results"
    launch run -o "$place/results" "$@" "${tiers[@]}"
    here=$(checksum)
    if [ -n "$here" ] && [ "$here" = "$there" ]; then ok "$name"; else not_ok "$name" "guest '$here', host '$there': $(tail -n 1 "$place/err")"; fi
}

tiers=(fast=1M slow=64M window_us=500 policy=lru)
guest guest_pr workload=gap-pr gap_scale=12 gap_build=run ops=6
guest guest_bfs workload=gap-bfs gap_scale=12 ops=6
tiers=(policy=first-touch)
guest guest_cc workload=gap-cc gap_scale=12 gap_graph=u ops=3
guest guest_tc workload=gap-tc gap_scale=10 gap_build=run ops=1500

guest guest_file workload=gap-cc input="$place/g10.mtx" ops=3

bad() { # name, pattern, keys: one line and status 4
    local name=$1 pattern=$2
    shift 2
    native tierlab "$@" >"$place/out"
    status=$?
    check "$name" 4 "$pattern"
    [ "$(wc -l <"$place/err")" -eq 1 ] || not_ok "$name.one_line" "$(cat "$place/err")"
}

printf '0 1\n1 2 3\n' >"$place/mixed"
printf '0 67108863\n' >"$place/large.el"
bad bad_scale 'gap_scale=3: must be' workload=gap-pr gap_scale=3
bad bad_scale_and_size 'size= and gap_scale=' workload=gap-bfs gap_scale=12 size=16M
bad bad_size 'smallest graph' workload=gap-tc size=64K gap_degree=64
bad bad_file 'input: line 2: more on the line' workload=gap-pr input="$place/mixed"
bad bad_file_and_scale 'input= is the graph: not together' workload=gap-pr input="$place/g10.el" gap_scale=10
bad bad_file_and_graph 'input= is the graph: not together' workload=gap-cc input="$place/g10.el" gap_graph=g
bad bad_file_large 'input: a graph of 67108864 vertices and 1 edges needs' workload=gap-tc input="$place/large.el"
bad bad_graph 'gap_graph' workload=gap-cc gap_graph=x
bad bad_method 'gap_pr_method' workload=gap-pr gap_pr_method=sor
bad bad_relabel 'gap_relabel' workload=gap-tc gap_relabel=maybe
bad bad_alpha 'gap_alpha' workload=gap-bfs gap_alpha=0

exit "$failed"
