#!/usr/bin/env bash
# Ten million moves of stamped pages by all migrators, under stores, with frames missing and copies aborted (tests/guest/stress.c);
# 200,000 steps on leaves of 2 MiB beside pages (tests/guest/huge.c).
# shellcheck source=tests/long/common
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/common"

launch test stress.pages stress_moves=10000000 -t 6000
check ten_million 0 ''
launch test huge.random huge_steps=200000 -t 6000
check leaves 0 ''
exit "$failed"
