#!/usr/bin/env bash
# Every typical mistake in every lab gets the verdict that a teacher would give.
exec "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../cli/labs.sh" all
