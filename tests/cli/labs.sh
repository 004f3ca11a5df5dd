#!/usr/bin/env bash
# The labs: arguments; each lab's solution (tests/labs/) gets full points, its skeleton builds and fails with a reason, and typical
# mistakes (tests/labs/mistakes) get the verdict that a teacher would give. `labs.sh all` tries all mistakes (tests/long/labs.sh); else it
# is one a lab.
# shellcheck source=tests/cli/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"
launcher=("$root/run-qemu.sh" lab)
which=${1-first}

expect list 0 ''
for lab in "$root"/labs/[1-9]-*; do
    number=$(basename "$lab" | cut -c 1)
    holds "list.$number" grep -q "^  $number\. " "$place/out"
done
refused no_such_lab 4 "there is no lab '12'; 1 to [1-9] are known" 12
refused no_such_file 7 'nosuch.c: there is no such file' 1 nosuch.c
refused bad_seed 4 "seed 'x': a whole number" 1 nosuch.c --seed x
refused unknown_option 4 "unknown option '--points'" 1 --points
refused two_files 4 'one file is checked at a time' 1 a.c b.c
echo 'int main(' >"$place/broken.c"
expect broken 1 '' 1 "$place/broken.c"
holds broken.says_why grep -q '^not ok 1 builds # 0 of 5 points: it does not build: part.c:1:' "$place/out"
holds broken.no_points grep -qx '# Points: 0 of 100' "$place/out"

# State outside of the space and a warning cost their points, and nothing else does.
sed 's/^struct mine {/static u32 kept;\n&/; s/    t->next_page = 0;/    int unused;\n&\n    kept++;/' "$root/tests/labs/1.c" >"$place/careless.c"
expect careless 1 '' 1 "$place/careless.c"
holds careless.state grep -q '^not ok 2 no-state # 0 of 5 points: it keeps state outside of the space: kept' "$place/out"
holds careless.warning grep -q '^not ok 1 builds # 0 of 5 points: a warning: part.c:[0-9:]* warning: unused variable' "$place/out"
holds careless.points grep -qx '# Points: 90 of 100' "$place/out"

for lab in "$root"/labs/[1-9]-*; do
    number=$(basename "$lab" | cut -c 1)
    name=$(basename "$lab")
    expect "$name.text" 0 '' "$number"
    holds "$name.begins" grep -q '^Begin with: cp labs/' "$place/out"
    expect "$name.solution" 0 '' "$number" "$root/tests/labs/$number."* --seed 7
    holds "$name.solution_full" grep -qx '# Points: 100 of 100' "$place/out"
    # Lab 6 is ten runs each time.
    [ "$which" = all ] || [ "$number" != 6 ] || continue
    expect "$name.skeleton" 1 '' "$number" "$lab"/skeleton.*
    holds "$name.skeleton_builds" grep -q '^ok 1 ' "$place/out"
    holds "$name.skeleton_reason" grep -q '^not ok [0-9]* .* # 0 of [0-9]* points: ..........' "$place/out"
    [ "$number" != 2 ] || # another seed asks for other numbers: the solution is for 7
        holds "$name.seed" grep -q '^not ok .* small-with-flush # .* it is 41\.' "$place/out"
    tried=0
    while IFS=$'\t' read -r -u 4 of mistake check reason change; do
        [ "$of" = "$number" ] || continue
        tried=$((tried + 1))
        [ "$which" = all ] || [ $tried -eq 1 ] || continue
        solution=("$root/tests/labs/$number".*)
        wrong=$place/wrong.${solution[0]##*.}
        sed "$change" "${solution[0]}" >"$wrong"
        holds "$name.$mistake.changes" test "$(cmp -s "$wrong" "${solution[0]}" && echo same)" = ''
        expect "$name.$mistake" 1 '' "$number" "$wrong"
        holds "$name.$mistake.verdict" grep -q "^not ok [0-9]* $check # 0 of [0-9]* points: .*$reason" "$place/out"
    done 4<"$root/tests/labs/mistakes"
    holds "$name.mistakes" test $tried -ge 3
done

# A table of several students' points.
cp "$root"/tests/labs/1.c "$place/zoe.c"
cp "$place/broken.c" "$place/bert.c"
expect board 0 '' 1 --board "$place/bert.c" "$place/zoe.c"
holds board.order test "$(sed 's|/.*/||' "$place/out")" = 'points      file
100 of 100  zoe.c
0 of 100    bert.c'
exit "$failed"
