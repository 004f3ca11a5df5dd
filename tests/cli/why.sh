#!/usr/bin/env bash
# why: the past of a page in sentences: as many orders as the records have, with their times, and for a page without any how often it was seen.
# shellcheck disable=SC2016 # jq's and awk's
# shellcheck source=tests/cli/common
. "$(dirname "$0")/common"
launcher=("$root/run-qemu.sh" -o "$place/results")

# The decoder, against digits put together by hand: page 5 (F) with 40 accesses (40 = 8 + 32: oB), weight 1 in the slow tier (5: F); then nothing;
# then page 3 (D, 1 access, not seen, fast: BA) and 2 further page 5 (C) with 1 access (B), weight 2 in the fast tier (8: I); then the same once more.
decoded=$(printf '%s\n' window 'pages FoBF' window window 'pages DBACBI' window 'pages FBI' | awk -v page=5 -f "$root/tools/why.awk")
holds decoded test "$decoded" = '{"windows":4,"accessed":3,"seen":3,"running":2,"tier":"fast"}'
decoded=$(printf '%s\n' window 'pages FoBF' window 'pages DBACBI' | awk -v page=3 -f "$root/tools/why.awk")
holds decoded_first test "$decoded" = '{"windows":2,"accessed":1,"seen":0,"running":0,"tier":"fast"}'
decoded=$(printf '%s\n' window 'pages mCBF' | awk -v page=70 -f "$root/tools/why.awk") # 70 = 6 + 2 x 32
holds decoded_far test "$decoded" = '{"windows":1,"accessed":1,"seen":1,"running":1,"tier":"slow"}'
decoded=$(printf '%s\n' window 'pages FoBF' | awk -v page=7 -f "$root/tools/why.awk")
holds decoded_none test "$decoded" = '{"windows":1,"accessed":0,"seen":0,"running":0,"tier":"no"}'

# Keys that a sentence names are told with their values; a word that is a key's name as well is a word.
said=$(jq -nc '{kind: "run", run: "x", policy: "p", tracker: "t", classifier: "c", migrator: "m", keys: {events: 1, hot: 8, threshold_hot: 3}}' |
    jq -rs --argjson page 0 --argjson seen null --argjson reasons '{"c 0": "hot pages, from threshold_hot on"}' -f "$root/tools/why.jq" | tail -n 1)
holds words test "$said" = '      hot pages, from threshold_hot=3 on'
# A window without length is not counted, and what it has of tiers holds.
decoded=$(printf '%s\n' instant 'pages FAB' window 'pages FoBE' instant 'pages FAA' | awk -v page=5 -f "$root/tools/why.awk")
holds decoded_instant test "$decoded" = '{"windows":1,"accessed":1,"seen":1,"running":1,"tier":"fast"}'

small=(fast=4M slow=16M footprint=8M hot=1M warmup=50000 ops=250000 window_us=500)
expect run 0 '' run "${small[@]}" policy=lru events=1 replay=1
records=$(find "$place/results" -name records.jsonl)
run=$(basename "$(dirname "$records")")
orders() { jq -r "select(.event == \"orders\") | .orders[] | select(.[0] == $1) | .[1]" "$records"; }
up=$(jq -r 'select(.event == "orders") | .orders[] | select(.[1] == "fast") | .[0]' "$records" | head -n 1)
expect ordered 0 '' why "$run" "$up"
holds ordered.all test "$(grep -c '^  to the ' "$place/out")" -eq "$(orders "$up" | wc -l)"
holds ordered.up grep -Eq '^  to the fast tier at [0-9.]+ ms: seen in lru_streak=4 windows running$' "$place/out"
holds ordered.facts grep -Eq '^      active 1, windows_running [0-9]+, windows_ago 0$' "$place/out"
holds ordered.became grep -Eq '^      given [0-9.]+ ms, taken [0-9.]+ ms, (moved|no room|given up|gone) [0-9.]+ ms$' "$place/out"

never=2047 # of the last page to the first
while [ -n "$(orders $never)" ]; do ((never--)); done
expect never 0 '' why "$run" $never
holds never.said grep -qx 'never ordered' "$place/out"
holds never.seen grep -Eq '^  accessed in [0-9]+ of [1-9][0-9]* windows, seen in [0-9]+, in at most [0-3] running; at the end in the slow tier$' "$place/out"
holds never.wanted grep -q '^      seen in lru_streak=4 windows running$' "$place/out"

refused beyond 4 'page 2048: the footprint of this run has pages 0 to 2047' why "$run" 2048
refused no_number 4 "page '0x10': its number" why "$run" 0x10
refused no_page 4 'why RUN PAGE' why "$run"
expect dry 0 '' -n why "$run" 1
holds dry.what_is_booted grep -qx do=list "$place/out"
refused with_key 4 'takes no keys' why "$run" 1 policy=lru
expect without 0 '' run "${small[@]}" policy=first-touch
refused no_events 7 'has no orders: make the run with events=1' why "$(find "$place/results" -name records.jsonl ! -path "*$run*" -printf '%h')" 1
exit "$failed"
