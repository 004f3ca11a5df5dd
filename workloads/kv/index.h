/*
 * The order of the items, for scans: a skip list (Pugh, CACM 33(6), 1990) as Redis's sorted set has it: levels with
 * probability 1/4, at most 32. A node has a score, the key's string and a forward link a level. Redis's nodes also have
 * a backward link and spans, which ranges by score do not use, and its sorted set a dictionary of its own.
 */
#pragma once

#include "workloads/kv/dict.h"

#define KV_INDEX_LEVELS 32

struct kv_node {
    u64 score, key; /* the item's number; the string's offset, which the dictionary owns */
    u64 next[];
};

struct kv_index {
    u64 levels, nodes;          /* levels in use; nodes */
    u64 first[KV_INDEX_LEVELS]; /* the head's links */
};

/* The level of an item's node, 1 to KV_INDEX_LEVELS: of the number alone, so that memory can be planned. */
u32 kv_index_level(u64 score);

static inline u64 kv_node_bytes(u32 level)
{
    return sizeof(struct kv_node) + level * sizeof(u64);
}

/* Adds a score that is not there; false when the heap is full. */
bool kv_index_add(struct kv_index *index, struct kv_memory *memory, u64 score, u64 key);

/* The offset of the first node with this score or a higher one; HEAP_NONE when there is none. */
u64 kv_index_from(const struct kv_index *index, const struct kv_memory *memory, u64 score);
