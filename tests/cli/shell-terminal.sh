#!/usr/bin/env bash
# shell at a terminal, driven by expect: completion, history, Ctrl-C at the prompt and in mid-run; and however it ends, the terminal is as
# it was before.
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"
small=(fast=4M slow=16M footprint=8M hot=1M layout=low warmup=50000 window_us=500)

# Runs the launcher in a shell of its own at a terminal of expect's, with stty before and after it; expect's commands are standard input.
talk() { # name, keys
    local name=$1
    shift
    {
        echo 'log_user 1; set timeout 100; match_max 100000'
        echo "spawn env TMPDIR=$TMPDIR sh -c {trap : QUIT; stty -g; $root/run-qemu.sh shell -o $place/results ${small[*]} $*; echo ended \$?; stty -g}"
        cat <<'END'
proc lost {why} { puts "\n$why"; catch {exec kill -TERM [exp_pid]}; exit 1 }
proc wants {pattern} { expect -re $pattern {} timeout { lost "no $pattern" } eof { lost "ended before $pattern" } }
END
        cat
        echo 'wants {ended [0-9]+}'
        echo 'expect eof {} timeout { lost "no end" }'
    } >"$place/$name.exp"
    command expect "$place/$name.exp" >"$place/$name" 2>"$place/err" </dev/null
    status=$?
    check "$name" 0 ''
    tr -d '\r' <"$place/$name" | grep -E '^[0-9a-f]+(:[0-9a-f]+){10,}$' >"$place/$name.stty"
    holds "$name.terminal_as_before" test "$(wc -l <"$place/$name.stty") $(uniq "$place/$name.stty" | wc -l)" = '2 1'
}
ended() { if grep -q "ended $2" "$place/$1"; then ok "$1.status"; else not_ok "$1.status" "$(grep ended "$place/$1")"; fi; }

talk ctrl_d policy=lru ops=250000 <<'END'
wants {tierlab> }
send "st\tw\t\r"
wants {window 1,.*tierlab> }
send "\033\[A\r"
wants {window 2,.*tierlab> }
send "t\t"
wants {tiers  tlb  touch}
send "\025set lru_s\tr\t\r"
wants {set lru_st.*usage.*tierlab> }
send "page 0\003"
wants {page 0.*C.*tierlab> }
send "stpe\r"
wants {nearest known one is 'step'.*tierlab> }
send "\004"
wants {left before its end}
END
ended ctrl_d 0
talk ctrl_c policy=lru ops=4000000 <<'END'
wants {tierlab> }
send "run\r"
wants {measured phase begins}
send "\003"
wants {interrupted .measured phase.*tierlab> }
send "quit\r"
END
ended ctrl_c 0
talk to_the_end policy=lru ops=20000 <<'END'
wants {tierlab> }
send "run\r"
wants {the end.*tierlab> }
send "scores\r"
wants {tierlab> }
send "\004"
wants {records: }
END
ended to_the_end 0
talk quit_key policy=lru <<'END'
wants {tierlab> }
send "\034"
END
ended quit_key 130
talk refused policy=nothing <<'END'
END
ended refused 4
holds refused.one_line test "$(grep -c 'policy=nothing' "$place/refused")" -eq 2 # expect's own, and the refusal
exit "$failed"
