/*
 * The store: strings by key, as Redis's GET and SET handle them, and scans over an order of the keys.
 *
 *      dictionary entry --> object {kind, access clock, references, payload} of 16 bytes --> payload {length, words}
 *
 * Like Redis, every lookup writes the access clock into the object, so a read makes the object's page dirty, and SET
 * makes a new object with a new payload and frees the old one (or, with `replace` off, writes in place). A value is a
 * row of words, word i being base + i x KV_VALUE_STEP; whoever knows the base knows them all. SET writes every word,
 * GET adds all of them up.
 */
#pragma once

#include "workloads/kv/dict.h"
#include "workloads/kv/index.h"

#define KV_VALUE_STEP  0x9e3779b97f4a7c15ull
#define KV_KEY_LENGTH  23 /* "user" and 19 digits: as long as YCSB's longest, which are its hashed numbers */
#define KV_OBJECT_KIND 1

/* In the arena's first page. */
struct kv_root {
    struct kv_dict dict;
    struct kv_index index;
};

struct kv_object {
    u8 kind, encoding;
    u16 references;
    u32 clock; /* when it was last looked up */
    u64 payload;
};

struct kv_payload {
    u64 bytes;
    u64 words[];
};

struct kv_store {
    struct kv_memory memory;
    u32 words;    /* of a value */
    bool indexed; /* whether scans are possible */
    bool replace; /* whether SET makes a new object */
    u32 clock;    /* goes into every object that is looked up */
};

static inline struct kv_root *kv_root_of(const struct kv_store *store)
{
    return kv_at(&store->memory, 0);
}

/* The key's text of an item: "user" and its number with 19 digits; no zero follows. */
void kv_key_text(char text[KV_KEY_LENGTH], u64 item);

/* What adding up a value gives. */
static inline u64 kv_value_sum(u64 base, u32 words)
{
    return words * base + KV_VALUE_STEP * ((u64)words * (words - 1) / 2);
}

/* Bytes of memory, whole pages, that a store of so many records needs: no more, and no less. */
u64 kv_store_bytes(u64 records, u32 words, bool indexed);

/* An empty store in the first `bytes` bytes of memory, which are zero. store->memory.at, words and so on are set. */
bool kv_store_init(struct kv_store *store, u64 bytes);

/* SET of a key that is not there, with the item's number for the order. False when it is there or memory is full. */
bool kv_store_insert(struct kv_store *store, const char *key, u64 item, u64 base);

/* SET of a key that is there. */
bool kv_store_set(struct kv_store *store, const char *key, u64 base);

/* GET: adds the value's sum to `sum`. */
bool kv_store_get(struct kv_store *store, const char *key, u64 *sum);

/* GET of up to `length` items in order, from the given one on: how many were found, and the sum of their values. */
u64 kv_store_scan(struct kv_store *store, u64 item, u64 length, u64 *sum);
