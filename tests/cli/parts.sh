#!/usr/bin/env bash
# A sample of tests/long/parts-matrix.sh: as many pairs of parts as 48 runs can bring together, every part among them, and each
# classifier that wants something is refused once.
# shellcheck source=tests/cli/common
. "$(dirname "$(readlink -f "$0")")/common"
# shellcheck source=tests/parts
. "$root/tests/parts"

# Greedily the cell with the most parts, then pairs, that no cell so far has had.
pairwise() { # runs at most
    awk -v runs="$1" '$4 == "runs" { cell[++n] = $0; pair[n, 1] = "tc " $1 " " $2; pair[n, 2] = "tm " $1 " " $3; pair[n, 3] = "cm " $2 " " $3; next }
        !refused[$2]++
        END {
            while (runs--) {
                best = most = 0
                for (i = 1; i <= n; i++) {
                    new = 0
                    for (k = 1; k <= 3; k++) {
                        split(cell[i], part, " ")
                        new += !(pair[i, k] in seen) + 4 * !((k, part[k]) in met)
                    }
                    if (new > most) { most = new; best = i }
                }
                if (!most) exit
                split(cell[best], part, " ")
                for (k = 1; k <= 3; k++) {
                    seen[pair[best, k]]
                    met[k, part[k]]
                }
                print cell[best]
            }
        }'
}
all_cells >"$place/all"
pairwise 48 <"$place/all" >"$place/cells"
kinds=(trackers classifiers migrators)
for i in 0 1 2; do
    holds "every_of_the_${kinds[i]}" cmp <(cut -d ' ' -f 1 "$place/${kinds[i]}" | sort) \
        <(awk -v i=$((i + 1)) '$4 == "runs" { print $i }' "$place/cells" | sort -u)
done
# A published policy says where it comes from, of which parts it is, and its window before and after scaling.
for policy in autonuma numa-balancing tpp nomad autotiering chrono nimble multi-clock memory-optimizer demeter damos thermostat; do
    holds "source_of_$policy" grep -Eq "^  $policy .*\[[a-z]+ \+ [a-z-]+ \+ [a-z]+; window [0-9.]+ ms, here [0-9.]+; .*after .*\]" "$place/list"
done
holds source_of_memory_mode grep -Eq "^  memory-mode .*\[window .*after Hildebrand and others, ISPASS'21.*\]" "$place/list"
holds source_of_interleave grep -Eq '^  interleave .*\[window .*place=interleave; after Linux.*\]' "$place/list"
# A row's keys place its pages: a quarter of uniform accesses goes where a quarter of the pages lies.
"$root/run-qemu.sh" run -o "$place/turns" policy=interleave place_slow=3 workload=gups size=8M fast=4M slow=12M prefetch=0 ops=20000 \
    >"$place/log" 2>&1 </dev/null
holds interleave_places jq -e 'select(.kind == "summary") | .fast_hit_ratio > 0.22 and .fast_hit_ratio < 0.28' "$place"/turns/*/records.jsonl
run_part_cells <"$place/cells" >"$place/answers"
judge_part_cells "$place/answers"
exit $failed
