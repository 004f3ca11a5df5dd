#!/usr/bin/env bash
# Machines that are not what the guest needs: each is refused, with one line that names what is wrong.
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"
launcher=("$root/run-qemu.sh" -o "$place/results")
small=(fast=8M slow=32M footprint=16M hot=4M ops=20000 warmup=1000)

# Processors without what the image stands on; the line is there even where paging cannot be. QEMU takes the last -cpu.
processor() { # name, QEMU's -cpu, pattern
    refused "$1" 5 "^tierlab: the processor has no $3 .*CPUID leaf" run --no-model "${small[@]}" -- -cpu "$2"
}
processor no_long_mode max,-lm 'long mode'
processor no_nx max,-nx NX
processor no_local_apic max,-apic 'local APIC'
processor no_sse2 max,-sse2 SSE2
processor thirty_two_bits qemu32 'long mode'
processor of_1993 pentium 'physical address extension'
refused no_local_apic_with_model 5 'no local APIC' run "${small[@]}" -- -cpu max,-apic

exit "$failed"
