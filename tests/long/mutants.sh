#!/usr/bin/env bash
# Seeded bugs, one after the other: nearly all must be noticed by a cheap test, and the others explained.
cd "$(dirname "$0")/../.." && exec tests/mutate
