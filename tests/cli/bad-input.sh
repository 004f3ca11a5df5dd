#!/usr/bin/env bash
# Every wrong word on the command line, and everything that can be missing: one line that names it, and its status.
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"
use_fake

refused unknown_option 4 "'--frobnicate'" run --frobnicate
refused unknown_command 4 "'frobnicate'" frobnicate
refused option_without_value 4 '-j needs a value' run -j
refused bad_number 4 "-t 'soon'" run -t soon
refused no_equals 4 "'lru' has no '='" run lru
refused empty_value 4 'key seed has no value' run seed=
refused bad_key_name 4 "'Seed=1'" run Seed=1
refused blank_in_value 4 'key seed' run 'seed=1 place=slow-first'
refused key_twice 4 'key seed is given twice' run seed=1 seed=2
refused key_twice_same_value 4 'key policy is given twice' run policy=lru policy=lru
refused key_of_the_script 4 'key do belongs' run do=test
refused fast_zero 4 'key fast' run fast=0
refused fast_word 4 'key fast' run fast=abc
refused fast_negative 4 'key fast' run fast=-1M
refused fast_bad_unit 4 'key fast' run fast=32T
refused fast_part_of_a_page 4 'key fast' run fast=5000
refused slow_zero 4 'key slow' run slow=0M
refused machine_unknown 4 'key machine' run machine=virt
refused preset_unknown 4 "key preset: 'nosuch'.*ddr4-clx" run preset=nosuch+optane100-x6
refused preset_alone 4 'key preset' run preset=ddr4-clx
refused preset_reversed 4 'key preset' run preset=optane100-x6+ddr4-clx
refused policy_twice 4 'key policy: lru' compare policy=lru,lru
refused policy_empty 4 'key policy' compare policy=lru,,oracle
refused model_key_without_model 4 'key insn_ps' run --no-model insn_ps=100
refused accel_unknown 4 "'hax'" run --accel hax
refused gdb_with_compare 4 '-g' compare -g
refused experiment_unnamed 4 "experiment ''" experiment
refused experiment_unknown 4 "experiment 'nosuch'.*mlq" experiment nosuch
refused experiment_without_model 4 'the model' experiment flush --no-model
refused reduced_elsewhere 4 'key reduced' run reduced=1
refused sizes_too_large 5 'keys fast and slow' run fast=2G slow=2G
refused size_of_no_host 5 'key fast' run fast=900000G
refused size_overflows 5 'key slow' run slow=99999999999999999999999999
refused q35_takes_less 5 'machine=q35' run machine=q35 slow=2600M

TIERLAB_MODEL=$place/nosuch.so refused plugin_missing 6 'nosuch.so' run
TIERLAB_PRESETS=$place/nosuch.tsv refused presets_missing 7 'nosuch.tsv' run
TIERLAB_PRESETS=$place refused presets_unreadable 7 'presets file' run
# What is no number in a presets file: named with file, line and column, by whoever reads the column, with and without the model.
for word in nan inf -1 1e300 0x10 1,5 ''; do
    sed "s/^ddr4-clx\t88\t/ddr4-clx\t$word\t/" "$root/model/presets.tsv" >"$place/damaged.tsv"
    TIERLAB_PRESETS=$place/damaged.tsv refused "preset_latency_${word:-empty}" 7 "damaged.tsv, line 2, column read_ns: \"$word\"" run
    TIERLAB_PRESETS=$place/damaged.tsv refused "preset_latency_${word:-empty}_no_model" 7 'line 2, column read_ns' run --no-model
done
sed 's/\t12.5\t/\tinf\t/' "$root/model/presets.tsv" >"$place/damaged.tsv"
TIERLAB_PRESETS=$place/damaged.tsv refused preset_bandwidth 7 'line 9, column write_GBps: "inf"' calibrate
sed 's/^ddr4-clx\t88\t/ddr4-clx\t0\t/' "$root/model/presets.tsv" >"$place/damaged.tsv"
TIERLAB_PRESETS=$place/damaged.tsv refused preset_without_latency 7 'line 2, column read_ns: a latency of 0' run
sed '1s/read_ns/latency/' "$root/model/presets.tsv" >"$place/damaged.tsv"
TIERLAB_PRESETS=$place/damaged.tsv refused preset_without_column 7 'line 1, column read_ns is missing' run
TIERLAB_IMAGE=$place/nosuch.elf refused image_missing 7 'nosuch.elf' run
FAKE_VERSION='6.2.0' refused qemu_too_old 6 'QEMU 6.2' run
FAKE_VERSION='7.1.0' refused qemu_nearly_too_old 6 'QEMU 7.1' run
FAKE_VERSION='11.1.3' expect qemu_newer 0 '' run

# The answers of guest and plugin are passed on, alone.
FAKE=refuse refused guest_refuses 4 '^tierlab: unknown policy .nosuch.; the known ones' run policy=nosuch
FAKE=refuse refused guest_refuses_in_compare 4 '^tierlab: unknown policy' compare policy=nosuch
FAKE=unfit refused guest_unfit 5 '^tierlab: only one NUMA node' run
FAKE=plugin refused plugin_refuses 4 '^tierlab model: cores=abc' run cores=abc

# A results directory that cannot be written. Root may write everywhere, but not below a file.
echo file >"$place/file"
launcher=("$root/run-qemu.sh")
refused qemu_missing 6 "$place/nosuch" run --qemu "$place/nosuch"
launcher=("$root/run-qemu.sh" --qemu "$here/fake-qemu")
refused results_below_a_file 7 "$place/file/results" run -o "$place/file/results"
refused results_is_a_file 7 "$place/file" run -o "$place/file"
holds results_file_untouched grep -qx file "$place/file"

# A missing package is named with the line that installs it.
path_without nasm
PATH=$place/bin refused package_missing 6 'missing packages: nasm; .*apt-get install .*nasm' run --no-install \
    -o "$place/results"
TIERLAB_FIRMWARE=$place/nosuch.fd refused firmware_missing 6 'missing packages: .*ovmf; ' run --uefi --no-install

# And it is installed, with apt's output kept off standard output.
rm "$place/bin/apt-get"
printf '#!/bin/sh\necho "$@" >>"%s"\necho chatter\n' "$place/apt" >"$place/bin/apt-get"
chmod +x "$place/bin/apt-get"
PATH=$place/bin expect package_installed 0 'installing: .*apt-get install -y .* nasm' run -o "$place/results"
holds apt_called test "$(cat "$place/apt")" = "$(printf 'update\ninstall -y --no-install-recommends nasm')"
holds apt_apart sh -c "! grep chatter '$place/out'"

exit "$failed"
