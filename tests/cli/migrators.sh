#!/usr/bin/env bash
# What is special about some migrators, seen in whole runs: transactions and shadows (nomad), and moving without a free frame.
# shellcheck source=tests/cli/common
. "$(dirname "$(readlink -f "$0")")/common"
launcher=("$root/run-qemu.sh")

small=(workload=hotset fast=4M footprint=16M hot=1M warmup=200000 ops=400000)

# One run that must verify: name, arguments. Its summary is $place/NAME.json.
run() {
    local name=$1
    shift
    launch -o "$place/$name" run "$@"
    check "$name" 0 ''
    cat "$place/$name"/*/records.jsonl 2>/dev/null | jq -c 'select(.kind == "summary" and .verified)' >"$place/$name.json"
}
says() { # name, filter, run
    holds "$1" json_says "$2" "$place/$3.json"
}

# Nothing is stored to: no copy is in vain, and a page with a shadow goes down without one.
run nomad_reads policy=nomad "${small[@]}" slow=24M write_share=0
says nomad_demotes_without_a_copy '.shadow_demotions > 100 and .shadow_demotions <= .demoted_pages' nomad_reads
says nomad_clean_is_not_tried_again '.transaction_aborts == 0 and .shadow_faults == 0' nomad_reads

# Half of the ops write: copies are worthless and made again, shadows are lost to stores, and nothing else is lost (the run verified).
run nomad_writes policy=nomad "${small[@]}" slow=24M write_share=50
says nomad_aborts_and_retries '.transaction_aborts > 100 and .promoted_pages > 100 and .shadow_faults > 100' nomad_writes
says nomad_retries_succeed '.failed_moves * 2 < .transaction_aborts' nomad_writes

# The footprint is all memory there is: pairs still swap places, where moves need a free frame and find none.
run full_exchange policy=lru migrator=exchange "${small[@]}" slow=12M
says full_exchange_moves '.promoted_pages > 100 and .promoted_pages == .demoted_pages and .fast_pages_gained == 0' full_exchange
run full_batch policy=lru migrator=batch "${small[@]}" slow=12M
says full_batch_cannot '.promoted_pages == 0 and .failed_moves > 0' full_batch
exit $failed
