#!/usr/bin/env bash
# Two clones of one tree in different directories, each with an image and a model of its own, give the same RUN and the same bytes.
# shellcheck source=tests/long/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"
unset TIERLAB_IMAGE TIERLAB_MODEL # each builds its own

for clone in one 'another one/below'; do
    mkdir -p "$place/$clone"
    tar -C "$root" -c --exclude=./build --exclude=./results --exclude=./.git . | tar -x -C "$place/$clone" || exit 1
done

small=(fast=4M slow=16M footprint=8M hot=1M ops=50000 warmup=5000 window_us=500 score_windows=2 decide_windows=2)
same() { # name, command and keys
    local name=$1 clone
    shift
    for clone in one 'another one/below'; do
        launcher=("$place/$clone/run-qemu.sh")
        expect "$name.${clone%% *}" 0 '' "$@"
    done
    # The whole tree of results, but for what says who made it: names are RUNs.
    holds "$name.same_results" diff -r -x host.txt -x command.txt "$place/one/results" "$place/another one/below/results"
    holds "$name.has_results" grep -rq '"kind":' "$place/one/results"
}
same run run policy=lru "${small[@]}"
same compare compare policy=lru "${small[@]}"
same bench bench page_move
holds same_image cmp "$place/one/build/tierlab.elf32" "$place/another one/below/build/tierlab.elf32"
exit "$failed"
