/* sources: tests/host/host.c workloads/btree/node.c */
/*
 * The B+tree: search and order against a plain array, node counts that keep their promise, and a check that notices
 * each kind of damage. Then the workload: bulk and inserted, in the middle of the build and after it.
 */
#include <stdlib.h>

#include "tests/host/wl_arena.h"

#include "workloads/btree/btree.c"

#define MOST 4000

static u64 keys[MOST], nr_keys;

static int compare(const void *a, const void *b)
{
    u64 x = *(const u64 *)a, y = *(const u64 *)b;

    return x < y ? -1 : x > y;
}

static bool in_order(u64 i, u64 key, u64 value)
{
    return i < nr_keys && key == keys[i] && value == key * 3;
}

static void nth(u64 i, u64 *key, u64 *value)
{
    *key = keys[i];
    *value = keys[i] * 3;
}

static void search_all(const struct btree *t)
{
    u64 entries;

    CHECK(btree_check(t, in_order, &entries));
    CHECK_EQ(nr_keys, entries);
    for (u64 i = 0; i < nr_keys; i++) {
        u32 at;
        struct btree_node *leaf = btree_find(t, keys[i], &at);
        CHECK(at < leaf->count && leaf->keys[at] == keys[i]);
        leaf = btree_find(t, keys[i] + 1, &at); /* not there: the distance of two keys is at least 2 */
        CHECK(at == leaf->count || leaf->keys[at] > keys[i] + 1);
    }
}

static void make_keys(u64 nr)
{
    for (u64 i = 0; i < nr; i++)
        keys[i] = host_random() >> 1 << 1;
    nr_keys = nr;
}

static void trees(void)
{
    struct btree t;

    for (u64 bytes = 256; bytes <= PAGE_SIZE; bytes *= 2) {
        host_case("btree.insert_and_load");
        for (int round = 0; round < 12; round++) {
            make_keys(round < 6 ? 1 + host_below(60) : 1 + host_below(MOST));
            btree_init(&t, bytes, 0);
            t.most_nodes = (u32)btree_worst_nodes(&t, nr_keys);
            t.memory = arena_direct(0);
            btree_begin(&t);
            for (u64 i = 0; i < nr_keys; i++)
                btree_insert(&t, keys[i], keys[i] * 3);
            qsort(keys, nr_keys, sizeof(u64), compare);
            search_all(&t);
            for (u32 percent = 50; percent <= 100; percent += 10) {
                t.most_nodes = (u32)btree_load_nodes(&t, nr_keys, percent);
                btree_load(&t, nr_keys, percent, nth);
                CHECK_EQ(t.most_nodes, t.nr_nodes);
                search_all(&t);
            }
        }
    }
    host_case("btree.insert_ascending"); /* the most nodes: each is left half full */
    make_keys(MOST);
    qsort(keys, nr_keys, sizeof(u64), compare);
    btree_init(&t, 256, 0);
    t.most_nodes = (u32)btree_worst_nodes(&t, nr_keys);
    t.memory = arena_direct(0);
    btree_begin(&t);
    for (u64 i = 0; i < nr_keys; i++)
        btree_insert(&t, keys[i], keys[i] * 3);
    search_all(&t);
}

#define DAMAGED(field, value)                                                                                          \
    do {                                                                                                               \
        __typeof__(field) kept_ = field;                                                                               \
        field = (__typeof__(field))(value);                                                                            \
        CHECK(!wl_right(&btree));                                                                                      \
        field = kept_;                                                                                                 \
        CHECK(wl_right(&btree));                                                                                       \
    } while (0)

static void damage(void)
{
    struct btree_node *root, *inner, *leaf, *second;
    u32 at;

    host_case("btree.damage_is_noticed");
    nr_elements = 3000, build = "bulk", miss_share = 20, scan_share = 30, scan_length = 40;
    wl_run(&btree, 5, 4000);
    CHECK(wl_right(&btree));
    root = btree_node(&tree, tree.root);
    inner = btree_node(&tree, btree_children(&tree, root)[0]);
    CHECK(root->level >= 2 && inner->level == root->level - 1);
    leaf = btree_find(&tree, 0, &at);
    second = btree_node(&tree, leaf->next);
    DAMAGED(leaf->keys[1], leaf->keys[0]);
    DAMAGED(leaf->keys[0], leaf->keys[0] + 1);
    DAMAGED(btree_values(&tree, leaf)[2], 0);
    DAMAGED(leaf->count, leaf->count - 1);
    DAMAGED(leaf->count, 2);
    DAMAGED(leaf->level, 1);
    DAMAGED(leaf->next, second->next);
    DAMAGED(leaf->next, BTREE_NONE);
    DAMAGED(inner->keys[0], inner->keys[0] + 2);
    DAMAGED(inner->keys[0], inner->keys[0] - 2);
    DAMAGED(inner->count, inner->count - 1);
    DAMAGED(btree_children(&tree, inner)[1], btree_children(&tree, inner)[0]);
    DAMAGED(btree_children(&tree, inner)[1], tree.root);
    DAMAGED(btree_children(&tree, root)[0], UINT32_MAX - 1);
    DAMAGED(tree.nr_nodes, tree.nr_nodes + 1);
    DAMAGED(found, found + 1);
    DAMAGED(value_sum, value_sum + 1);
    DAMAGED(scanned, scanned - 1);
    DAMAGED(scan_sum, scan_sum + 1);
    DAMAGED(lookups, lookups - 1);
}

static void building(void)
{
    u32 at;

    host_case("btree.workload_inserting");
    nr_elements = 2500, build = "insert";
    for (u64 i = 0; i < 40; i++) {
        node_bytes = i % 2 ? 256 : PAGE_SIZE;
        wl_run(&btree, i, 1 + host_below(4000));
        CHECK(wl_right(&btree));
    }
    node_bytes = 256;
    wl_run(&btree, 1, 1000);
    CHECK(wl_right(&btree));
    DAMAGED(inserted, inserted + 1);
    DAMAGED(btree_find(&tree, 1000, &at)->keys[0], 1); /* no key is odd */
}

static void permutation(void)
{
    static u8 seen[3001];

    host_case("btree.permutation");
    for (nr_elements = 1; nr_elements <= 3000; nr_elements += 37) {
        (void)btree.pages();
        memset(seen, 0, sizeof(seen));
        for (u64 i = 0; i < nr_elements; i++) {
            u64 j = permute(i, false);
            CHECK(j < nr_elements && !seen[j]);
            seen[j] = 1;
            CHECK_EQ(i, permute(j, true));
        }
    }
}

static void refused(void)
{
    host_case("btree.refuses");
    nr_elements = 1000, node_bytes = 768;
    REFUSES(btree.pages());
    nr_elements = 1 << 27, node_bytes = 256;
    REFUSES(btree.pages());
}

int main(void)
{
    trees();
    damage();
    building();
    permutation();
    refused();
    return host_done();
}
