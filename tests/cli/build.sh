#!/usr/bin/env bash
# What is built depends on the sources, the compiler and the flags given to make, and on nothing else: not on the directory, not on the
# environment. (Whole images and runs of two clones: tests/long/clones.sh.)
# shellcheck source=tests/cli/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"

clone=$place/another/directory
mkdir -p "$clone"
tar -C "$root" -c --exclude=./build --exclude=./results --exclude=./.git . | tar -x -C "$clone" || exit 1

model() { # make's arguments
    make -s -C "$clone" "$@" build/model.so >"$place/out" 2>&1
}
built() { stat -c %Y.%i "$clone/build/model.so"; }

unset CC
make -s -C "$root" build/model.so >"$place/out" 2>&1
holds model_builds model
holds model_of_another_directory cmp "$root/build/model.so" "$clone/build/model.so"
before=$(built)
holds environment_is_ignored env CFLAGS=-DENVIRONMENT CPATH=/nowhere make -s -C "$clone" build/model.so
holds environment_rebuilds_nothing test "$(built)" = "$before"
model CFLAGS='-DWORD="two words"'
holds flags_are_a_dependency test "$(built)" != "$before"
before=$(built)
model CFLAGS='-DWORD="two words"'
holds same_flags_rebuild_nothing test "$(built)" = "$before"
model
holds without_flags_as_before cmp "$root/build/model.so" "$clone/build/model.so"
exit "$failed"
