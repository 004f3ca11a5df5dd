/*
 * A B+tree of 64-bit keys and values in an array of nodes of one size; links are node numbers. Keys lie in leaves, all
 * at one depth; leaves are linked in order of their keys. A node that is full is split on the way down (after Guibas
 * and Sedgewick, FOCS 1978), so an insertion never turns back.
 *
 *      node:   how many keys, level (0: leaf), next leaf, unused        16 bytes
 *      leaf:   keys, values                                             15 each in 256 bytes, 255 in 4 KiB
 *      inner:  keys, then children, one more than keys                  19 and 20 in 256 bytes, 339 and 340 in 4 KiB
 *
 * Key i of an inner node is above all keys of child i and not above any of child i + 1. Capacities are odd, so that the
 * halves of a full node are half full.
 */
#pragma once

#include "kernel/types.h"

#define BTREE_NONE       UINT32_MAX
#define BTREE_MAX_LEVELS 16

struct btree_node {
    u32 count, level, next, unused;
    u64 keys[];
};

/* Node 0 is the first; `memory` is where the array lies just now. */
struct btree {
    u8 *memory;
    u64 node_bytes;
    u32 leaf_max, inner_max; /* keys */
    u32 root, nr_nodes, most_nodes;
};

static inline struct btree_node *btree_node(const struct btree *tree, u32 number)
{
    return (struct btree_node *)(tree->memory + number * tree->node_bytes);
}

static inline u64 *btree_values(const struct btree *tree, struct btree_node *leaf)
{
    return leaf->keys + tree->leaf_max;
}

static inline u32 *btree_children(const struct btree *tree, struct btree_node *inner)
{
    return (u32 *)(inner->keys + tree->inner_max);
}

/* The fewest keys that a node other than the root may have. */
static inline u32 btree_min(const struct btree *tree, u32 level)
{
    return (level ? tree->inner_max : tree->leaf_max) / 2;
}

/* An empty tree for at most `most_nodes` nodes of `node_bytes` (256 to 4096, a power of two). */
void btree_init(struct btree *tree, u64 node_bytes, u32 most_nodes);

/* Makes the empty root, once `memory` is set. */
void btree_begin(struct btree *tree);

/* The most nodes that `entries` insertions in any order can lead to. */
u64 btree_worst_nodes(const struct btree *tree, u64 entries);

/* The nodes that btree_load() makes. */
u64 btree_load_nodes(const struct btree *tree, u64 entries, u32 fill_percent);

/*
 * Builds the tree of `entries` > 0 entries bottom up: leaves in order, then each level of inner nodes, filled to
 * `fill_percent` (50 to 100) or as evenly as it goes; `entry` gives the i-th smallest key and its value. Instead of
 * btree_begin().
 */
void btree_load(struct btree *tree, u64 entries, u32 fill_percent, void (*entry)(u64 i, u64 *key, u64 *value));

/* Inserts a key that is not there. */
void btree_insert(struct btree *tree, u64 key, u64 value);

/* The leaf where `key` is or would be, and in *at the place of the first key that is not below it, or the count. */
struct btree_node *btree_find(const struct btree *tree, u64 key, u32 *at);

/*
 * Whether the tree is one: every node is reached once, none is less than half full but the root, leaves are at one
 * depth and linked in order, keys ascend and keep to the bounds that the levels above set. Calls `entry` for every
 * entry in order; false from it counts as wrong.
 */
bool btree_check(const struct btree *tree, bool (*entry)(u64 i, u64 key, u64 value), u64 *entries);
