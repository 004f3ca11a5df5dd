#!/usr/bin/env bash
# The same ISO under the BIOS and under UEFI firmware (OVMF): a run verifies with the same checksum, repeats to the byte, and finds its tiers whole,
# also where a policy shrinks one node to the least. Each boot takes a minute: the firmware waits by polling a
# timer, and time passes by instructions.
# shellcheck source=tests/long/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"

if [ ! -d /usr/lib/grub/x86_64-efi ] || [ ! -r /usr/share/ovmf/OVMF.fd ]; then
    skip uefi 'grub-efi-amd64-bin or ovmf is not installed'
    exit 0
fi

# One ISO for all boots, whoever builds meanwhile.
flock -F "$root" make -s -C "$root" iso >/dev/null 2>"$place/err" || {
    not_ok iso "$(head -n 1 "$place/err")"
    exit 1
}
export TIERLAB_ISO=$place/tierlab.iso
cp "$root"/build/tierlab{,-tests}.iso "$place/"

launcher+=(-t 3600) # minutes of work, on a busy machine many more
short=(fast=8M slow=32M footprint=32M hot=4M ops=100000)
verified pc run "${short[@]}"
verified bios run --iso "${short[@]}"
same_field bios_checksum checksum pc bios

verified uefi run --uefi "${short[@]}"
same_field uefi_checksum checksum pc uefi
holds uefi_only_records jq -en '[inputs.schema] | unique == ["tierlab/1"]' "$place/uefi/records"
verified uefi_again run --uefi "${short[@]}"
holds uefi_repeats cmp "$place/uefi/records" "$place/uefi_again/records"

for policy in all-fast all-slow; do
    verified "uefi_$policy" run --uefi "policy=$policy" "${short[@]}"
    same_field "uefi_$policy.checksum" checksum pc "uefi_$policy"
done
verified uefi_q35 run --uefi machine=q35 "${short[@]}"
same_field uefi_q35_checksum checksum pc uefi_q35
guest_tests uefi_tests --uefi
refused uefi_refuses 4 '^tierlab: policy=nosuch: unknown policy' run --uefi policy=nosuch

exit "$failed"
