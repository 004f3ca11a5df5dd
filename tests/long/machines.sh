#!/usr/bin/env bash
# The other ways to boot: q35, GRUB's ISO, no model, KVM where there is one; every preset; memory filled to the brim.
# shellcheck source=tests/long/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"

short=(fast=8M slow=32M footprint=32M hot=4M ops=100000)
verified pc run "${short[@]}"

verified q35 run machine=q35 "${short[@]}"
same_field q35_checksum checksum pc q35
guest_tests q35_tests machine=q35

if [ -r "$root/build/tierlab.iso" ] || command -v grub-mkrescue >/dev/null; then
    verified iso run --iso "${short[@]}"
    same_field iso_checksum checksum pc iso
    guest_tests iso_tests --iso
    verified iso_q35 run --iso machine=q35 "${short[@]}"
else
    skip iso 'no ISO, and grub-mkrescue is missing'
fi

verified no_model run --no-model policy=lru "${short[@]}"
same_field no_model_checksum checksum pc no_model
holds no_model_clock test "$(field no_model clock)" = instructions

# A host may have the device and yet be unable to run a processor, itself being a virtual machine: QEMU must reach the
# point where it would start.
kvm_works() {
    [ -r /dev/kvm ] && [ -w /dev/kvm ] &&
        echo quit | timeout 20 qemu-system-x86_64 -accel kvm -cpu host -m 64M -nodefaults -display none -S \
            -monitor stdio >/dev/null 2>&1
}
if kvm_works; then
    verified kvm run --accel kvm policy=lru "${short[@]}"
    same_field kvm_checksum checksum pc kvm
    holds kvm_clock test "$(field kvm clock)" = measured
    guest_tests kvm_tests --accel kvm
else
    skip kvm 'no /dev/kvm that can run a processor here'
fi

# Each preset as both tiers, which needs no faster one, and the slowest beside the one whose latency is 1 ns.
awk -F '\t' '/^#/ || NF < 2 || $1 == "name" { next } { print $1 }' "$root/model/presets.tsv" >"$place/presets"
while read -r preset; do
    verified "preset.$preset" run "preset=$preset+$preset" "${short[@]}"
    same_field "preset.$preset.checksum" checksum pc "preset.$preset"
done <"$place/presets"
holds some_presets test -s "$place/presets"
verified preset.unit+cxl-fpga run preset=unit+cxl-fpga "${short[@]}"

# Every page that there is, and one more.
brim=(fast=16M slow=16M hot=8M ops=100000)
verified brim run footprint=32M "${brim[@]}"
verified brim_moving run footprint=32M policy=lru move_ms=2 "${brim[@]}"
refused over_the_brim 4 '^tierlab: ' run footprint=34M "${brim[@]}"

exit "$failed"
