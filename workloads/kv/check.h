/* Whether a store is what it should be: everything in it is walked through, nothing looked up. */
#pragma once

#include "workloads/kv/store.h"

struct kv_expected {
    u32 records;         /* items 0 to records - 1 are there, and no other */
    const u32 *versions; /* by item */
    u32 last;            /* the item that was looked up or made last: its object has the store's clock */
    u8 *seen;            /* scratch: a bit an item */
};

/* What version `version` of an item's value begins with. */
u64 kv_base(u64 item, u32 version);

/*
 * Null when the store is right, else what is wrong. Checked: the tables' sizes; every item is there exactly once, in
 * the chain where its hash belongs, with the words of its version; the chains' lengths are near a Poisson distribution;
 * the order is complete on every level; the heap's account adds up. `checksum` gets the sum of all values' hashes.
 */
const char *kv_check(struct kv_store *store, const struct kv_expected *expected, u64 *checksum);

/*
 * Whether so many chains of each length (the last: at least so long) are likely for entries that fall into buckets at
 * random: chi-square against Poisson over the lengths that are expected five times or more, at most eight standard
 * deviations above its mean. A good hash fails about once in 10^5.
 */
#define KV_CHAIN_LENGTHS 32
bool kv_near_poisson(const u64 chains[KV_CHAIN_LENGTHS], u64 buckets, u64 entries);
