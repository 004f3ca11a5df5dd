/* The B+tree (btree_node.h): its search, insertion, building bottom up, and the check of its invariants. */
#include "workloads/btree/node.h"
#include "kernel/panic.h"

void btree_init(struct btree *tree, u64 node_bytes, u32 most_nodes)
{
    u64 room = node_bytes - sizeof(struct btree_node);

    *tree = (struct btree){.node_bytes = node_bytes, .most_nodes = most_nodes};
    tree->leaf_max = (u32)(room / (2 * sizeof(u64)));
    tree->inner_max = (u32)((room - sizeof(u32)) / (sizeof(u64) + sizeof(u32)));
}

static u32 new_node(struct btree *tree, u32 level)
{
    ASSERT(tree->nr_nodes < tree->most_nodes);
    *btree_node(tree, tree->nr_nodes) = (struct btree_node){.level = level, .next = BTREE_NONE};
    return tree->nr_nodes++;
}

void btree_begin(struct btree *tree)
{
    tree->nr_nodes = 0;
    tree->root = new_node(tree, 0);
}

/* --- search ----------------------------------------------------------------------------------------------------- */

/* How many of the node's keys are below `key`; with `or_equal`, not above it. */
static inline u32 rank(const struct btree_node *node, u64 key, bool or_equal)
{
    u32 low = 0, high = node->count;

    while (low < high) {
        u32 middle = (low + high) / 2;
        if (node->keys[middle] < key || (or_equal && node->keys[middle] == key))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct btree_node *btree_find(const struct btree *tree, u64 key, u32 *at)
{
    struct btree_node *node = btree_node(tree, tree->root);

    while (node->level)
        node = btree_node(tree, btree_children(tree, node)[rank(node, key, true)]);
    *at = rank(node, key, false);
    return node;
}

/* --- insertion -------------------------------------------------------------------------------------------------- */

static void make_room(u64 *at, u64 nr)
{
    for (u64 *to = at + nr; to > at; to--)
        *to = to[-1];
}

static void make_room32(u32 *at, u64 nr)
{
    for (u32 *to = at + nr; to > at; to--)
        *to = to[-1];
}

/* Splits the full child number `c` of a parent that is not full. */
static void split(struct btree *tree, struct btree_node *parent, u32 c)
{
    u32 *siblings = btree_children(tree, parent), number;
    struct btree_node *left = btree_node(tree, siblings[c]), *right;
    u32 keep = left->count / 2 + (left->level == 0), skip = left->level != 0;
    u64 middle = left->keys[keep];

    number = new_node(tree, left->level);
    right = btree_node(tree, number);
    right->count = left->count - keep - skip;
    for (u32 i = 0; i < right->count; i++)
        right->keys[i] = left->keys[keep + skip + i];
    if (left->level) {
        for (u32 i = 0; i <= right->count; i++)
            btree_children(tree, right)[i] = btree_children(tree, left)[keep + 1 + i];
    } else {
        for (u32 i = 0; i < right->count; i++)
            btree_values(tree, right)[i] = btree_values(tree, left)[keep + i];
        right->next = left->next;
        left->next = number;
    }
    left->count = keep;
    make_room(&parent->keys[c], parent->count - c);
    make_room32(&siblings[c + 1], parent->count - c);
    parent->keys[c] = middle;
    siblings[c + 1] = number;
    parent->count++;
}

static bool full(const struct btree *tree, const struct btree_node *node)
{
    return node->count == (node->level ? tree->inner_max : tree->leaf_max);
}

void btree_insert(struct btree *tree, u64 key, u64 value)
{
    struct btree_node *node = btree_node(tree, tree->root);
    u32 at;

    if (full(tree, node)) {
        u32 above = new_node(tree, node->level + 1);
        btree_children(tree, btree_node(tree, above))[0] = tree->root;
        tree->root = above;
        node = btree_node(tree, above);
        split(tree, node, 0);
    }
    while (node->level) {
        u32 c = rank(node, key, true);
        if (full(tree, btree_node(tree, btree_children(tree, node)[c]))) {
            split(tree, node, c);
            c += key >= node->keys[c];
        }
        node = btree_node(tree, btree_children(tree, node)[c]);
    }
    at = rank(node, key, false);
    make_room(&node->keys[at], node->count - at);
    make_room(&btree_values(tree, node)[at], node->count - at);
    node->keys[at] = key;
    btree_values(tree, node)[at] = value;
    node->count++;
}

/* Half full, all of them, and each level above half of what it must hold. */
u64 btree_worst_nodes(const struct btree *tree, u64 entries)
{
    u64 level = MAX(entries / btree_min(tree, 0), 1), all = level;

    while (level > 1) {
        level = MAX(level / (btree_min(tree, 1) + 1), 1);
        all += level;
    }
    return all;
}

/* --- from the bottom up ----------------------------------------------------------------------------------------- */

/* How many nodes hold so many entries or children of which one takes `most` and should take `fill_percent` of it. */
static u64 nodes_for(u64 items, u32 most, u32 fill_percent)
{
    u64 each = MAX((u64)most * fill_percent / 100, most / 2 + 1);

    return MAX(items / each, (items + most - 1) / most); /* rounded down where it fits: none gets less than it should */
}

u64 btree_load_nodes(const struct btree *tree, u64 entries, u32 fill_percent)
{
    u64 level = nodes_for(entries, tree->leaf_max, fill_percent), all = level;

    while (level > 1) {
        level = nodes_for(level, tree->inner_max + 1, fill_percent);
        all += level;
    }
    return all;
}

/* The first item of node i when `items` are spread evenly over `nodes`. */
static u64 share(u64 items, u64 nodes, u64 i)
{
    return items / nodes * i + MIN(i, items % nodes);
}

/* Of the leftmost leaf below a node. */
static u64 least_key(const struct btree *tree, u32 number)
{
    struct btree_node *node = btree_node(tree, number);

    while (node->level)
        node = btree_node(tree, btree_children(tree, node)[0]);
    return node->keys[0];
}

void btree_load(struct btree *tree, u64 entries, u32 fill_percent, void (*entry)(u64 i, u64 *key, u64 *value))
{
    u64 nodes = nodes_for(entries, tree->leaf_max, fill_percent), below;
    u32 first = 0, first_below;

    tree->nr_nodes = 0;
    for (u64 n = 0; n < nodes; n++) {
        u64 from = share(entries, nodes, n);
        u32 number = new_node(tree, 0);
        struct btree_node *leaf = btree_node(tree, number);
        leaf->count = (u32)(share(entries, nodes, n + 1) - from);
        leaf->next = n + 1 < nodes ? number + 1 : BTREE_NONE;
        for (u32 i = 0; i < leaf->count; i++)
            entry(from + i, &leaf->keys[i], &btree_values(tree, leaf)[i]);
    }
    for (u32 level = 1; nodes > 1; level++) {
        below = nodes;
        first_below = first;
        nodes = nodes_for(below, tree->inner_max + 1, fill_percent);
        first = tree->nr_nodes;
        for (u64 n = 0; n < nodes; n++) {
            u64 from = share(below, nodes, n);
            struct btree_node *inner = btree_node(tree, new_node(tree, level));
            inner->count = (u32)(share(below, nodes, n + 1) - from) - 1;
            for (u32 i = 0; i <= inner->count; i++) {
                btree_children(tree, inner)[i] = first_below + (u32)from + i;
                if (i)
                    inner->keys[i - 1] = least_key(tree, first_below + (u32)from + i);
            }
        }
    }
    tree->root = first;
}

/* --- the check -------------------------------------------------------------------------------------------------- */

struct place {
    u32 number, child; /* which child comes next */
    u64 low, high;     /* low <= keys <= high */
};

static bool node_right(const struct btree *tree, const struct place *p, u32 level)
{
    const struct btree_node *node = btree_node(tree, p->number);

    if (node->level != level || node->count > (level ? tree->inner_max : tree->leaf_max))
        return false;
    if (p->number != tree->root && node->count < btree_min(tree, level))
        return false;
    for (u32 i = 0; i < node->count; i++)
        if (node->keys[i] < p->low || node->keys[i] > p->high || (i && node->keys[i] <= node->keys[i - 1]))
            return false;
    return true;
}

bool btree_check(const struct btree *tree, bool (*entry)(u64 i, u64 key, u64 value), u64 *entries)
{
    struct place path[BTREE_MAX_LEVELS] = {{.number = tree->root, .high = UINT64_MAX}};
    u32 top = 0, level = btree_node(tree, tree->root)->level, visited = 1, next = BTREE_NONE;
    bool first = true;

    *entries = 0;
    if (level >= BTREE_MAX_LEVELS || !node_right(tree, &path[0], level))
        return false;
    for (;;) {
        struct place *p = &path[top];
        struct btree_node *node = btree_node(tree, p->number);
        if (!node->level) {
            if (!first && p->number != next)
                return false;
            first = false;
            next = node->next;
            for (u32 i = 0; i < node->count; i++, ++*entries)
                if (!entry(*entries, node->keys[i], btree_values(tree, node)[i]))
                    return false;
        } else if (p->child <= node->count) {
            u32 c = p->child++;
            struct place *q = &path[++top];
            *q = (struct place){.number = btree_children(tree, node)[c]};
            q->low = c ? node->keys[c - 1] : p->low;
            q->high = c < node->count ? node->keys[c] - 1 : p->high;
            if (q->number >= tree->nr_nodes || ++visited > tree->nr_nodes || !node_right(tree, q, level - top))
                return false;
            continue;
        }
        if (!top)
            return next == BTREE_NONE && visited == tree->nr_nodes;
        top--;
    }
}
