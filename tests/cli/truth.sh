#!/usr/bin/env bash
# What the model counted is exactly what a script's text implies, computed here once more; phases sum to cpu_ns;
# what went up less what went down is the change of occupancy.
set -u
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 1
. tools/environment.sh
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT
failed=0

verdict() { # NAME CONDITION-STATUS WHY
    if [ "$2" -eq 0 ]; then
        echo "ok $1"
    else
        echo "not ok $1 # $3"
        failed=1
    fi
}

# Loads and stores a page, from the text alone: `page loads stores`, by page.
expected() {
    awk -v script="$1" '
        function size(t,    n) { n = t + 0; if (t ~ /K$/) n *= 1024; if (t ~ /M$/) n *= 1048576; return n }
        function gcd(a, b,    r) { while (b) { r = a % b; a = b; b = r } return a }
        BEGIN {
            phases = split(script, phase, ";")
            for (p = 1; p <= phases; p++) {
                split(phase[p], f, ":"); split(f[1], region, "+")
                start = size(region[1]); stride = size(f[2]); n = size(region[2]) / stride; count = size(f[5])
                factor = 1
                if (f[3] == "random") {
                    factor = int(n * 618 / 1000); if (factor % 2 == 0) factor++
                    while (gcd(factor, n) != 1) factor += 2
                }
                whole = int(count / n); rest = count % n; e = 0
                for (i = 0; i < n; i++) { # the i-th element of the order
                    visits = whole + (i < rest); page = int((start + e * stride) / 4096)
                    if (f[4] != "write") loads[page] += visits
                    if (f[4] != "read") stores[page] += visits
                    e = (e + factor) % n
                }
            }
            for (page in loads) seen[page] = 1
            for (page in stores) seen[page] = 1
            for (page in seen) if (loads[page] + stores[page]) print page, loads[page] + 0, stores[page] + 0
        }' | sort -n
}

counted() {
    jq -r 'select(.kind == "event" and .event == "truth") | .pages[] | "\(.[0]) \(.[1]) \(.[2])"' "$1" | sort -n
}

truth() { # NAME SCRIPT KEY...
    local name=$1 script=$2
    shift 2
    if ! ./run-qemu.sh run -o "$out/$name" workload=script script="$script" truth=1 warmup=0 "$@" >"$out/log" 2>&1; then
        verdict "truth.$name" 1 "$(tail -n 1 "$out/log")"
        return
    fi
    records=$(echo "$out/$name"/*/records.jsonl)
    expected "$script" >"$out/want"
    counted "$records" >"$out/got"
    cmp -s "$out/want" "$out/got"
    verdict "truth.$name" $? "$(diff "$out/want" "$out/got" | head -n 3 | tr '\n' ' ')"
    jq -s -e 'map(select(.kind == "summary"))[0] | .cpu_ns == .workload_ns + .track_ns + .classify_ns + .migrate_ns + .fault_ns +
        .serial_ns + .other_ns' "$records" >/dev/null
    verdict "truth.$name.phases_sum" $? "phases do not sum to cpu_ns"
    jq -s -e 'map(select(.kind == "summary"))[0] | .fast_pages_gained == .promoted_pages - .demoted_pages and
        .slow_pages_gained == .demoted_pages - .promoted_pages' "$records" >/dev/null
    verdict "truth.$name.occupancy" $? "promoted less demoted is not the change of occupancy"
}

truth default '0+1M:64:seq:write:16384;0+1M:64:random:read:65536'
truth kinds '0+64K:8:seq:rmw:20000;128K+512K:64:random:write:9001;4K+40K:40:random:rmw:777;0+1M:4K:seq:read:5000' policy=first-touch
# Small windows and a fast tier that holds a quarter: pages move while they are counted.
truth moving '0+8M:64:random:rmw:400000;2M+1M:8:seq:read:600000;0+8M:64:random:write:200000' fast=2M slow=16M window_us=500 policy=lru
truth moving_sync '0+8M:64:random:rmw:400000;2M+1M:8:seq:read:600000' fast=2M slow=16M window_us=500 policy=lru migrator=sync
truth daemonless '0+8M:64:random:rmw:400000;2M+1M:8:seq:read:600000' fast=2M slow=16M window_us=500 policy=lru daemons=0
truth oracle '0+8M:64:random:rmw:400000;2M+1M:8:seq:read:600000' fast=2M slow=16M window_us=500 policy=oracle
truth clairvoyant '0+8M:64:random:rmw:400000;2M+1M:8:seq:read:600000' fast=2M slow=16M window_us=500 policy=clairvoyant
exit $failed
