#!/usr/bin/env bash
# How a boot can end, and what the launcher makes of it.
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"
use_fake

expect pass 0 '' run
FAKE=fail expect fail 1 '^tierlab: verification failed' run
FAKE=panic expect panic 2 'PANIC: a deliberate one' run
holds panic_shows_no_more test -z "$(grep before "$place/err")"
FAKE=skip expect skipped 77 '^tierlab: not on this machine' run
FAKE=lost expect triple_fault 3 'going down' run
FAKE=dead expect qemu_cannot_start 3 'out of luck' run
FAKE=mute expect no_records 1 'wrote no records' run
FAKE=unfinished expect no_summary 1 'no summary: the run did not verify' run
holds no_summary_is_not_stored test -z "$(grep -L '"kind":"summary"' "$place"/results/*/records.jsonl)"
FAKE=hang expect hang 124 'still here' run -t 1
FAKE=stubborn expect hang_ignores_term 124 'still here' run -t 1
FAKE=hang FAKE_POLICY=lru expect hang_in_compare 124 'policy=lru ended with status 124' compare -t 2

# What a debugger may have stopped is shown, and not stored.
expect debugger 0 'waiting for gdb: gdb .*tierlab.elf -ex .target remote /.*/gdb' run -g
holds debugger_not_stored grep -q '^records: not stored' "$place/out"
rm -rf "$place/results"
for command in run bench calibrate; do launch $command -g; done
holds debugger_stores_nothing test -z "$(find "$place" -name 'records*.jsonl')"

# Firmware and loader write to the ports before the guest has them: nothing of it is a record, hides a reason or draws on a terminal.
export TIERLAB_ISO=$place/image
rm -rf "$place/results"
FAKE_FIRMWARE=1 expect firmware_prints 0 '' run --iso
holds records_apart test "$(jq -r .kind "$place"/results/*/records.jsonl | paste -sd ' ')" = 'run summary'
FAKE_FIRMWARE=1 FAKE=fail expect firmware_then_reason 1 '^tierlab: verification failed' run --iso
FAKE_FIRMWARE=1 FAKE=lost expect firmware_then_lost 3 'BdsDxe' run --iso -v
holds no_escapes test "$(tr -cd '\033' <"$place/err" | wc -c)" -eq 0

# KTAP is shown, and a planned test that was not seen is an error even after a good end.
expect test_fails 1 '' test
holds test_shows_ktap grep -qx 'not ok 3 fake.three # want=1 got=2' "$place/out"
FAKE=short expect test_missing 3 'planned' test
holds test_missing_named grep -q '^not ok 3 unseen.3 # ERROR' "$place/out"
FAKE=hang expect test_hangs 124 'still here' test -t 1
FAKE=panic expect test_panics 2 'PANIC' test

# QEMU killed by somebody else.
FAKE=hang "${launcher[@]}" run >"$place/out" 2>"$place/err" &
for ((n = 0; n < 100; n++)); do
    sleep 0.1
    ! grep -qs 'still here' "$TMPDIR"/*/0/console || break
done
kill_qemu $!
wait $!
status=$?
check qemu_killed 3 'QEMU died'

exit "$failed"
