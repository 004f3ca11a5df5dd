#!/usr/bin/env bash
# No command opens a door: QEMU has no TCP or UDP socket, with and without the debugger, and runs in its sandbox.
# A stand-in starts the real QEMU, looks at it for as long as it lives, and notes what it sees.
# shellcheck source=tests/cli/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"

cat >"$place/watched" <<'END'
#!/usr/bin/env bash
[ $# -gt 4 ] || exec qemu-system-x86_64 "$@" # asked for its version
qemu-system-x86_64 "$@" &
pid=$!
trap 'kill $pid' TERM
while kill -0 $pid 2>/dev/null; do
    for fd in /proc/$pid/fd/*; do
        link=$(readlink "$fd") && [[ $link == socket:* ]] || continue
        inode=${link//[^0-9]/}
        grep -hs " $inode " /proc/net/{tcp,tcp6,udp,udp6} | sed 's/^/inet /' # in any state: nothing is to be there
        grep -hs " $inode " /proc/net/unix | sed 's/^/unix /'
    done >>"$WATCH"
    ! grep -s '^Seccomp:' /proc/$pid/status >>"$WATCH" || echo looked >>"$WATCH"
    sleep 0.02
done
wait $pid
END
chmod +x "$place/watched"
export WATCH=$place/watch
launcher=("$root/run-qemu.sh" --qemu "$place/watched" -o "$place/results")
small=(policy=first-touch fast=4M slow=16M footprint=8M hot=1M ops=20000 warmup=0)

closed() { # name, arguments
    local name=$1
    shift
    : >"$WATCH"
    expect "$name" 0 '' "$@"
    holds "$name.was_looked_at" grep -q '^looked' "$WATCH"
    holds "$name.no_port" test -z "$(grep '^inet' "$WATCH")"
    holds "$name.no_socket" test -z "$(grep '^unix.*/' "$WATCH")"
    holds "$name.sandboxed" grep -Eq '^Seccomp:[[:space:]]*2' "$WATCH"
}
closed run run "${small[@]}"
closed compare compare "${small[@]}"
closed bench bench empty
closed calibrate calibrate "${small[@]}"
closed test test clock.booking
closed list list
closed no_model run --no-model "${small[@]}"
closed iso list --iso
mkdir "$place/confs"
printf '%s\n' 'title = t' 'set off: tracker=none' 'policy = first-touch' 'footprint = 4M' 'hot = 1M' 'fast = 2M' 'ops = 2000 3000' 'warmup = 200' \
    'columns = time_ms' 'figure = line' 'x = ops' 'y = time_ms' >"$place/confs/small.conf"
TIERLAB_EXPERIMENTS=$place/confs closed experiment experiment small

# None of what QEMU has by default: no monitor, no network, no devices, no configuration of the user's.
expect dry_run 0 '' run -n
for option in -nodefaults -no-user-config '-net none' '-monitor none' '-display none'; do
    holds "dry_run.${option// /_}" grep -q -e "$option " "$place/out"
done
# A QEMU that was built without the sandbox runs without.
cat >"$place/unfenced" <<'END'
#!/usr/bin/env bash
[[ " $* " != *' -sandbox '* ]] || { echo 'There is no such option' >&2 && exit 1; }
exec qemu-system-x86_64 "$@"
END
chmod +x "$place/unfenced"
launcher=("$root/run-qemu.sh" --qemu "$place/unfenced" -o "$place/results")
expect without_sandbox 0 '' run "${small[@]}"
launcher=("$root/run-qemu.sh" --qemu "$place/watched" -o "$place/results")

# The debugger: a socket in the run's private directory, and the line to type reaches it.
: >"$WATCH"
"${launcher[@]}" run -g "${small[@]}" >"$place/out" 2>"$place/err" </dev/null &
pid=$!
for ((n = 0; n < 300; n++)); do
    sleep 0.1
    ! grep -q '^unix.*/gdb' "$WATCH" || break
done
socket=$(sed -n "s/.*target remote \(.*\)'\$/\1/p" "$place/err")
holds debugger.socket test -S "$socket"
holds debugger.private test "$(stat -c %a "$(dirname "$(dirname "$socket")")")" = 700
holds debugger.no_port test -z "$(grep '^inet' "$WATCH")"
if command -v gdb >/dev/null; then
    gdb -batch -nx -ex "target remote $socket" -ex 'info registers rip' -ex detach >"$place/gdb" 2>&1
    holds debugger.answers grep -q '^rip ' "$place/gdb"
else
    ok debugger.answers # gdb is nothing that the tests install: the socket alone was looked at
    kill $pid
fi
wait $pid
status=$?
if [ $status -eq 0 ]; then holds debugger.not_stored grep -q '^records: not stored' "$place/out"; fi
exit "$failed"
