#!/usr/bin/env bash
# XSBench's published results, of 17,000,000 lookups each, natively. The grids give the same (tests/cli/wl-xsbench.sh),
# so the fastest is taken.
# shellcheck source=tests/long/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"
launcher=("$root/build/native/tierlab")

published() { # name, nuclides, mode, result
    expect "$1" 0 '' workload=xsbench xs_grid=hash xs_nuclides="$2" xs_mode="$3" warmup=0 ops=17000000
    holds "$1.result" test "$(jq -r .xs_result "$place/out")" -eq "$4"
}

published event_small 68 event 945990
published history_small 68 history 941535
published event_large 355 event 952131
published history_large 355 history 954318
exit "$failed"
