#!/usr/bin/env bash
# shell with a script: what each command shows on a small run, against the run's own records; a run that was stepped through and looked at
# is the undisturbed run, byte for byte; the transcript is the same twice.
# shellcheck disable=SC2016 # jq's and awk's
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"
launcher=("$root/run-qemu.sh" -o "$place/results")
small=(fast=4M slow=16M footprint=8M hot=1M layout=low warmup=50000 ops=100000 window_us=500)

shell() { # name, status, lines of a script on standard input, then keys
    local name=$1 want=$2
    shift 2
    cat >"$place/script"
    expect "$name" "$want" '' shell "$place/script" "${small[@]}" "$@"
    cp "$place/out" "$place/$name"
}
said() { # transcript, the n-th time that this line was typed: what was answered
    awk -v typed="tierlab> $2" -v n="${3:-1}" '/^tierlab> / { on = $0 == typed && ++seen == n; next } on' "$place/$1"
}
shows() { # name, transcript, command, extended regular expression, [n]
    if said "$2" "$3" "${5:-1}" | grep -Eq -e "$4"; then ok "$1"; else not_ok "$1" "'$3' has no /$4/: $(said "$2" "$3" "${5:-1}" | head -n 3 | tr '\n' '|')"; fi
}

# Everything that looks, and steps of each kind, on a run that has its truth recorded.
shell looked 0 truth=1 policy=lru <<'END'
# what is set up
step
page 0
walk 0
walk 0x400000000000
watch 0
step cycle
scores
lists 2
heat truth
heat seen
heat fast
why 0
step decide
step move
events 3
step tick
step ms 3
step touch 5
why 600
step window 3
tiers
tlb
ledger
run
page 0
why 0
why 600
events
ledger
END
looks=$place/looked
expect undisturbed 0 '' run "${small[@]}" truth=1 policy=lru events=1
holds looked.same_bytes test "$(find "$place/results" -name 'records*' | wc -l)" -eq 1
holds looked.stored grep -q "^records: $place/results/" "$looks"
records=$(find "$place/results" -name records.jsonl)
run=$(basename "$(dirname "$records")")

shows step.window looked step '^0\.5[0-9]* ms: a window is closed \(warm-up, window 1, 1/8 of its cycle\), 0 up, 0 down, [0-9.]+ % served fast$'
shows step.cycle looked 'step cycle' ': a cycle is scored \(warm-up, window 8, 0/8'
shows step.decide looked 'step decide' ': the classifier has decided '
shows step.move looked 'step move' ': pages have been moved .*, 0 up, [1-9][0-9]* down'
shows step.tick looked 'step tick' ': a tick '
shows step.touch looked 'step touch 5' ': the page was touched '
shows step.windows looked 'step window 3' ': a window is closed '
moment() { said looked "$1" | sed -n 's/^\([0-9.]*\) ms: .*(.*/\1/p'; }
# It ends at the first tick behind that moment; at least one comes in any two windows.
holds step.ms awk "BEGIN { d = $(moment 'step ms 3') - $(moment 'step tick'); exit !(d >= 3 && d < 4) }"
window() { said looked "$1" | sed -n 's/.*, window \([0-9]*\), .*/\1/p'; }
holds step.three_windows test $(($(window 'step window 3') - $(window 'step touch 5'))) -eq 3

# After a window the tracker has cleared the bit; both ways of naming the page walk the same way.
shows walk.levels looked 'walk 0' '^  level 4 +entry 128 +frame 0x[0-9a-f]+ present write .*\(a table in kernel memory\)$'
shows walk.leaf looked 'walk 0' '^  level 1 +entry +0 +frame 0x[0-9a-f]+ present write dirty no_execute \(slow tier\)$'
holds walk.by_address cmp <(said looked 'walk 0') <(said looked 'walk 0x400000000000')
shows page.tier looked 'page 0' '^  tier +slow$'
shows page.moved looked 'page 0' '^  tier +fast$' 2
shows page.seen looked 'page 0' '^  seen +weight 1 in the last window; seen in 1 of 1 windows, 1 running$'
shows page.facts looked 'page 0' '^  lru +active 0, windows_running 1, windows_ago 0$'
shows page.list looked 'page 0' '^  list +2 \(slow, inactive\): place 1024 of 1024$' # the first that was touched, so at the tail
shows page.rank looked 'page 0' '^  rank +[0-9]+ of 2048 by the accesses'
# Page 0's accesses in the measured phase: of each window that watch told, and what came after the last one.
told=$(awk '/measured phase begins/ { on = 1 } on && /page 0 in window/ { sub(/.*: /, ""); n += $1 } END { print n + 0 }' "$looks")
since=$(said looked 'page 0' 2 | awk '/^  truth/ { sub(/.*window, /, ""); print $1 + $3 }')
holds page.truth test $((told + since)) -eq "$(jq 'select(.event == "truth") | .pages[] | select(.[0] == 0) | .[1] + .[2]' "$records")"

cycle=$(jq -r 'select(.kind == "window" and .cycle) | .precision' "$records" | head -n 1)
shows scores.cycle looked scores "^  precision +${cycle%?} +${cycle%?}\$"
holds lists.all_pages test "$(said looked 'lists 2' | awk '{ n += $5 } END { print n }')" -eq 2048
shows lists.names looked 'lists 2' '^list 3 \(slow, active\): 2[0-9]+ pages: [0-9]+ [0-9]+ \.\.\.$'
rows() { said looked "heat $1" | grep -c '|.*|'; }
for what in truth seen fast; do holds "heat.$what" test "$(rows $what)" -eq 16; done
holds heat.hot_first test "$(said looked 'heat truth' | sed -n 2p | tr -d ' |0-9' | wc -c)" -gt 60 # all of the first row is hot
holds heat.seen_is_less test "$(said looked 'heat seen' | sed -n 8p | tr -cd '.+@' | wc -c)" -lt 40
holds heat.fast_is_upper_half test "$(said looked 'heat fast' | grep '|@*|' | tr -cd '@' | wc -c)" -eq 512
shows tiers.pages looked tiers '^fast +10[0-9][0-9] +1024 +[0-9]+ +[1-9]'
shows tlb.flushes looked tlb '^flushes +[1-9][0-9]* of the whole TLB, 0 of a page$'
holds ledger.sums awk '/since the start/ { on = 1; next } /clock shows/ { exit !(n > 99.3 && n <= 100) } on { n += $4 }' <(said looked ledger)
holds ledger.halves cmp <(said looked ledger | awk '/%$|^  the/ { next } /^  [a-z]+ / { print $2 == $5 }' | sort -u) <(echo 1) # no ledger before it
shows ledger.differs looked ledger ' ms +[0-9.]+ +[1-9][0-9]*\.[0-9]+ ms' 2

# The orders of the whole run, as the records have them.
shows why.not_yet looked 'why 0' '^page 0: never ordered$'
shows why.seen looked 'why 0' '^  accessed in 8, seen in 8 of 8 windows, in at most 8 running; it lies in the slow tier$'
shows why.needed looked 'why 600' '^      seen in lru_streak=4 windows running$'
shows why.never looked 'why 600' '^page 600: never ordered$' 2
holds why.times test "$(said looked 'why 0' 2 | sed -n 's/^page 0: ordered \([0-9]*\) times*$/\1/p')" -eq \
    "$(jq -s '[.[] | select(.event == "orders") | .orders[] | select(.[0] == 0)] | length' "$records")"
shows why.reason looked 'why 0' '^  [0-9.]+ ms: to the fast tier: seen in lru_streak=4 windows running$' 2
"${launcher[@]}" why "$run" 0 >"$place/why" 2>"$place/err"
times() { grep -o 'given .*' | tr -d ,a-z_ | awk '{ printf "%.3f %.3f %.3f\n", $1, $2, $3 }'; }
holds why.as_recorded cmp <(times <"$place/why") <(said looked 'why 0' 2 | times)
holds events.all test "$(said looked events | sed -n 's/^\([0-9]*\) orders since the run began$/\1/p')" -eq \
    "$(jq -s '[.[] | select(.event == "orders") | .orders | length] | add' "$records")"
holds events.ten test "$(said looked events | grep -c '^  [0-9.]* ms: page ')" -eq 10
holds watch.order grep -Eq '^  [0-9.]+ ms: page 0 is ordered to the fast tier: seen in lru_streak=4 windows running$' "$looks"
holds watch.done grep -Eq '^  [0-9.]+ ms: page 0: the order is done: moved$' "$looks"

# Once more: not a byte differs. Then another policy, whose pages move in faults; and by a pipe, as a run that is left.
cp "$place/script" "$place/again"
launch shell "$place/again" "${small[@]}" truth=1 policy=lru
check again 0 ''
holds again.same_transcript cmp "$looks" "$place/out"
printf '%s\n' 'step move 20' 'watch 3' 'lists' 'step tick 50' 'why 3' 'step window 5' 'page 3' run |
    "${launcher[@]}" shell "${small[@]}" policy=numa-balancing >"$place/faults" 2>"$place/err"
status=$?
check in_faults 0 ''
expect in_faults.undisturbed 0 '' run "${small[@]}" policy=numa-balancing events=1
holds in_faults.same_bytes test "$(find "$place/results" -name 'records*' | wc -l)" -eq 2
shell left 0 <<<'step'
holds left.said grep -q '^the run was left before its end: it has no records$' "$place/left"
shell empty 0 </dev/null
holds empty.begins grep -q '^0.000 ms: the program is set up ' "$place/empty"

# What changes the run: it is said, and its records are not stored.
shell changed 0 <<'END'
step
touch 5 w
page 5
clear 5
page 5
touch 5
page 5
move 2000 slow
move 5 fast
page 5
step window
set lru_streak 2
set
why 5
step window 8
step move 4
run
END
holds changed.said_once test "$(grep -c '^(from here on the run is another one: its records will not be stored)$' "$place/changed")" -eq 1
holds changed.result grep -q '^  time ms ' "$place/changed"
holds changed.not_stored grep -q '^the run was changed: its records are not stored$' "$place/changed"
holds changed.nothing_stored test "$(find "$place/results" -name 'records*' | wc -l)" -eq 2
shows touch.told changed 'touch 5 w' '^a store to the first word of page 5: [1-9][0-9]* ns$'
shows touch.sets_bits changed 'page 5' '^  entry +frame 0x[0-9a-f]+ present write accessed dirty no_execute$'
shows touch.is_counted changed 'page 5' ' in the last window, 0 and 1 since;'
shows clear.told changed 'clear 5' '^page 5 was accessed$'
shows clear.clears changed 'page 5' '^  entry +frame 0x[0-9a-f]+ present write dirty no_execute$' 2
shows touch.sets_it_again changed 'page 5' '^  entry +frame 0x[0-9a-f]+ present write accessed dirty no_execute$' 3
shows move.told changed 'move 5 fast' '^page 5 lies in the fast tier now; the classifier was told of all pages anew$'
shows move.moves changed 'page 5' '^  tier +fast$' 4
shows move.list changed 'page 5' '^  list +0 \(fast, inactive\)' 4
shows set.value changed 'set' '^  lru_streak=2$'
shows set.reason changed 'why 5' '^      seen in lru_streak=2 windows running$'
shows set.goes_on changed 'step move 4' ', [1-9][0-9]* up, '

# To clear a bit is a change, too. A page that is touched now and then: each step goes on to its next access, windows running end.
shell rare 0 policy=lru <<'END'
step touch 1501
step touch 1501
clear 5
run
why 600
END
holds rare.changed grep -q '^the run was changed: its records are not stored$' "$place/rare"
at_window() { said rare 'step touch 1501' "$1" | sed -n 's/.*, window \([0-9]*\), .*/\1/p'; }
holds rare.next_touch test "$(at_window 2)" -gt "$(at_window 1)"
shows rare.running rare 'why 600' '^  accessed in [0-9]+, seen in [6-9] of [0-9]+ windows, in at most [1-3] running;'

# What is no command, or none for this run, is one line, and the script ends with status 4; what comes behind it is still obeyed.
bad() { bad_lines+=("$1") && bad_answers+=("$2"); }
bad_lines=() bad_answers=()
bad stpe "command 'stpe' is unknown; the nearest known one is 'step'"
bad 'step windw' "step 'windw' is unknown; the nearest known one is 'window'"
bad 'step ms 0' "step ms '0': a whole number from 1 to 1000000000 is right"
bad 'step window x' "step window 'x': a whole number from 1 to 1000000000 is right"
bad 'step touch' 'which page? the program has 0 to 2047'
bad 'step touch 2048' "'2048' is no page: the program has pages 0 to 2047"
bad 'walk 0x12z' "'0x12z' is no page: the program has pages 0 to 2047"
bad 'page -1' "'-1' is no page: the program has pages 0 to 2047"
bad page 'usage: page N'
bad 'walk vm:0 3' 'walk vm:0: the program runs in no machine; vms=1 puts it into one'
bad 'walk vm:1 3' "walk 'vm:1' is unknown; the nearest known one is 'vm:0'"
bad 'tiers now' 'usage: tiers'
bad 'a b c d e f' "command 'a' is unknown; the nearest known one is 'set'"
bad 'step window 2 3 4 5' 'usage: step [WHAT [N]]'
bad 'heat trut' "heat 'trut' is unknown; the nearest known one is 'truth'"
bad 'lists 1001' "lists '1001': how many pages of each? A whole number up to 1000 is right"
bad 'events 0' "events '0': how many? A whole number from 1 on is right"
bad 'move 3 fats' "tier 'fats' is unknown; the nearest known one is 'fast'"
bad 'move 3 slow' 'page 3 lies in the slow tier already'
bad 'move 3 fast' 'the fast tier has no free frame: move another page away first'
bad 'touch 3 x' "access 'x' is unknown; the nearest known one is 'r'"
bad 'set lru_sreak 3' "key 'lru_sreak' is unknown; the nearest known one is 'lru_streak'"
bad 'set fast 3' 'set: fast is fixed when a run begins; give it to the command shell'
bad 'set lru_streak 16' 'lru_streak=16: must be from 1 to 15'
bad 'set lru_streak' 'usage: set [KEY VALUE]'
bad 'help hepl' "command 'hepl' is unknown; the nearest known one is 'help'"
shell bad 4 < <(printf '%s\n' "${bad_lines[@]}" 'heat fast')
for n in "${!bad_lines[@]}"; do
    holds "bad.$n" test "$(said bad "${bad_lines[n]}")" = "${bad_answers[n]}"
done
shows bad.goes_on bad 'heat fast' '^pages in the fast tier'
holds bad.changes_nothing test "$(grep -c 'from here on' "$place/bad")" -eq 0
shell still 4 policy=first-touch < <(printf '%s\n' 'why 0' 'step decide' 'step move' 'set lru_streak 3' 'lists')
shows still.why still 'why 0' '^why: policy=first-touch has no classifier: nobody orders anything$'
shell words 0 policy=hemem < <(printf '%s\n' 'why 0' quit)
shows words.are_no_keys words 'why 0' '^      hot for longest of the slow tier.s pages$'
shows still.decide still 'step decide' '^step decide: under policy=first-touch nobody decides now and then$'
shows still.move still 'step move' '^step move: policy=first-touch moves no page$'
shows still.set still 'set lru_streak 3' '^set: lru_streak is a key of lru, which is no part of this run$'
shows still.lists still lists '^lists: policy=first-touch has no classifier$'

# A machine's walk: its own four entries, each behind a nested walk, and the page behind a fifth, which is the nested walk of that page.
shell machine 0 policy=lru vms=1 < <(printf '%s\n' step 'walk vm:0 5' 'walk 5' 'walk vm:0 0x1000')
holds machine.own_entries test "$(said machine 'walk vm:0 5' | grep -cE '^  level [1-4] +entry +[0-9]+ +guest-physical frame 0x[0-9a-f]+ present')" -eq 4
holds machine.nested_entries test "$(said machine 'walk vm:0 5' | grep -c '^ *nested level')" -eq 20
shows machine.page machine 'walk vm:0 5' '^  level 1 +entry +5 +guest-physical frame 0x5 present write'
holds machine.ends_at_page cmp <(said machine 'walk vm:0 5' | tail -n 4 | sed 's/^ *nested//') <(said machine 'walk 5' | tail -n 4 | sed 's/^ *//; s/^/ /')
shows machine.not_mapped machine 'walk vm:0 0x1000' '^  level 2 +entry +0 +guest-physical empty$'
shell without_model 4 --no-model policy=lru < <(printf '%s\n' step 'heat truth' 'step touch 3' 'heat seen' 'why 0')
shows without_model.heat without_model 'heat truth' '^heat truth: only the model knows accesses; this is a run without it$'
shows without_model.touch without_model 'step touch 3' '^step touch: only the model knows accesses; this is a run without it$'
shows without_model.seen without_model 'heat seen' '^weights in the last window'
shows without_model.why without_model 'why 0' '^  seen in [0-9]+ of 1 windows, '
refused no_script 7 'shell: script /nowhere is no file that can be read' shell /nowhere
refused bad_key 4 "unknown key 'polcy'; the nearest known one is 'policy'" shell polcy=lru </dev/null
refused several_machines 4 'key vms: the shell follows one space' shell vms=2 events=0
refused with_gdb 4 'a debugger and a shell would both stop the run' shell -g
head -c 100 /dev/zero >"$place/zeroes"
refused zeroes 4 'the script holds a zero byte' shell "$place/zeroes"
head -c 200 /dev/zero | tr '\0' x >"$place/long"
refused long 4 'a line of the script has 200 characters; 159 are allowed' shell "$place/long"
exit "$failed"
