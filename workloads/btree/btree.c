/*
 * btree: an index in memory, a B+tree of 64-bit keys, in which random keys are looked up and ranges are scanned.
 *
 *      each op:  r <- random;  j <- random below btree_elements
 *                of 100 ops btree_miss_share look for key 2 j + 1, which is not there, the others for 2 j, which is
 *                of 100 ops btree_scan_share go on: from there the next btree_scan_length entries, leaf by leaf
 *
 * The keys are 0, 2, 4, ..., the value of key 2 j is VALUE_STEP j + VALUE_FIRST. With btree_build=bulk setup builds the
 * tree bottom up, as a database loads an index: leaves lie in the order of their keys, inner nodes behind them, by
 * level. With btree_build=insert the first ops are insertions in a random order (a permutation that can be inverted:
 * four rounds of Luby and Rackoff's, SIAM J. Comput. 17(2), 1988, walked until it falls below btree_elements); inner
 * nodes then lie among the leaves. After the btree of vmitosis-workloads (Panwar et al., ASPLOS 2021), which MEMTIS
 * runs (Lee et al., SOSP 2023); differs in that node size, misses and scans are parameters, and that loading is not
 * measured unless it is asked for.
 *
 * Verification: the tree's invariants, and that it holds exactly the entries that were loaded or inserted so far. What
 * lookups and scans must have found follows from the draws alone: of a scan from rank f, the sum of an arithmetic
 * series. The checksum has the number of hits and the sums.
 */
#include "kernel/exit.h"
#include "lib/size_text.h"
#include "lib/string.h"
#include "lab/workload.h"
#include "workloads/btree/node.h"
#include "workloads/lib/random.h"

static KEY_NUMBER(nr_elements, "btree_elements", 5000000, 1, (u64)1 << 27,
                  "btree: entries; arbitrary: 131 MiB with the other defaults, four times the fast tier");
static KEY_SIZE(node_bytes, "btree_node", 256, 256, PAGE_SIZE,
                "btree: a node, a power of two; 256: four lines, as trees in memory have; 4K: as those on disks");
static KEY_NUMBER(fill, "btree_fill", 69, 50, 100,
                  "btree: percent that bulk loading fills; 69: ln 2, as random insertions do (Yao, Acta Inf. 9, 1978)");
static KEY_TEXT(build, "btree_build", "bulk", "bulk|insert",
                "btree: bulk: built by setup; insert: the first btree_elements ops insert");
static KEY_NUMBER(miss_share, "btree_miss_share", 0, 0, 100,
                  "btree: percent of the ops that look for a key that is not there (original: none)");
static KEY_NUMBER(scan_share, "btree_scan_share", 0, 0, 100,
                  "btree: percent of the ops that go on scanning (original: none)");
static KEY_NUMBER(scan_length, "btree_scan_length", 50, 1, 1000000,
                  "btree: entries of a scan; 50: the mean of YCSB's workload E");

#define VALUE_STEP  ((u64)0x9e3779b97f4a7c15)
#define VALUE_FIRST ((u64)0xbf58476d1ce4e5b9)

static struct btree tree;
static bool by_insertion;
static u64 inserted;                   /* entries that are there */
static u64 lookups, first_random, now; /* done so far; the draws' state at the start and now */
static u64 found, value_sum;           /* by lookups */
static u64 scanned, scan_sum;          /* by scans: entries, values */
static unsigned half_bits;             /* of a number that the permutation is made for */

static u64 value_of(u64 j)
{
    return VALUE_STEP * j + VALUE_FIRST;
}

/* --- the order of insertions ------------------------------------------------------------------------------------ */

static u64 scramble(u64 half, u64 round)
{
    u64 state = half << 8 | round;

    return random_next(&state) >> (64 - half_bits);
}

/* One walk through the rounds, of a number below 2^(2 half_bits). */
static u64 permute_once(u64 x, bool back)
{
    u64 left = x >> half_bits, right = x & (((u64)1 << half_bits) - 1), swap;

    for (u64 i = 0; i < 4; i++) {
        if (back)
            swap = right ^ scramble(left, 3 - i), right = left, left = swap;
        else
            swap = left ^ scramble(right, i), left = right, right = swap;
    }
    return left << half_bits | right;
}

/* The i-th element to be inserted; or, `back`, when element i is. */
static u64 permute(u64 i, bool back)
{
    do
        i = permute_once(i, back);
    while (i >= nr_elements);
    return i;
}

/* --- sizes ------------------------------------------------------------------------------------------------------ */

static u64 nodes_needed(u64 elements)
{
    return by_insertion ? btree_worst_nodes(&tree, elements) : btree_load_nodes(&tree, elements, (u32)fill);
}

static u64 most_elements(u64 bytes)
{
    u64 low = 0, high = bytes / sizeof(u64);

    while (high - low > 1) {
        u64 middle = low + (high - low) / 2;
        if (nodes_needed(middle) <= bytes / node_bytes)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static NOT_COUNTED u64 btree_pages(void)
{
    u64 nodes;

    if (node_bytes & (node_bytes - 1))
        refuse("btree_node=%s: must be a power of two", size_text(node_bytes).text);
    by_insertion = !strcmp(build, "insert");
    btree_init(&tree, node_bytes, 0);
    if (workload_size()) {
        if (key_given(&nr_elements))
            refuse("size= says how many btree_elements= there are: give one");
        nr_elements = most_elements(workload_size());
    }
    nodes = nodes_needed(nr_elements);
    if (nodes * node_bytes > 2 * GIB)
        refuse("btree_elements=%lu would take more than 2G", nr_elements);
    tree.most_nodes = (u32)nodes;
    for (half_bits = 1; (u64)1 << 2 * half_bits < nr_elements; half_bits++)
        ;
    return ALIGN_UP(nodes * node_bytes, PAGE_SIZE) / PAGE_SIZE;
}

static void load_entry(u64 i, u64 *key, u64 *value)
{
    *key = 2 * i;
    *value = value_of(i);
}

static NOT_COUNTED void btree_setup(u64 seed, u64 total_ops)
{
    u64 pages = ALIGN_UP(tree.most_nodes * node_bytes, PAGE_SIZE) / PAGE_SIZE;

    (void)total_ops;
    for (u32 page = 0; page < pages; page++)
        arena_populate(page);
    tree.memory = arena_direct(0);
    if (by_insertion)
        btree_begin(&tree);
    else
        btree_load(&tree, nr_elements, (u32)fill, load_entry);
    inserted = by_insertion ? 0 : nr_elements;
    first_random = now = seed;
    lookups = found = value_sum = scanned = scan_sum = 0;
}

/* --- ops -------------------------------------------------------------------------------------------------------- */

struct request {
    u64 key;
    bool scan;
};

static inline struct request draw(u64 *state)
{
    u64 r = random_next(state);
    u64 j = random_below((u32)(r >> 32), (u32)nr_elements);

    return (struct request){.key = 2 * j + ((r & 0xffff) * 100 >> 16 < miss_share),
                            .scan = (r >> 16 & 0xffff) * 100 >> 16 < scan_share};
}

static inline void scan_from(struct btree_node *leaf, u32 at)
{
    u64 sum = 0, left = scan_length;

    while (left) {
        for (; at < leaf->count && left; at++, left--)
            sum += btree_values(&tree, leaf)[at];
        if (!left || leaf->next == BTREE_NONE)
            break;
        leaf = btree_node(&tree, leaf->next);
        at = 0;
    }
    scanned += scan_length - left;
    scan_sum += sum;
}

static void run_lookups(u64 ops)
{
    u64 state = now, hits = 0, sum = 0;

    for (u64 i = 0; i < ops; i++) {
        struct request request = draw(&state);
        u32 at;
        struct btree_node *leaf = btree_find(&tree, request.key, &at);
        if (at < leaf->count && leaf->keys[at] == request.key) {
            hits++;
            sum += btree_values(&tree, leaf)[at];
        }
        if (request.scan)
            scan_from(leaf, at);
    }
    now = state;
    found += hits;
    value_sum += sum;
    lookups += ops;
}

static void btree_run(u64 ops)
{
    tree.memory = arena_base();
    if (by_insertion && !inserted && ops)
        workload_phase("build");
    for (; inserted < nr_elements && ops; inserted++, ops--) {
        u64 j = permute(inserted, false);
        btree_insert(&tree, 2 * j, value_of(j));
    }
    if (by_insertion && !lookups && ops)
        workload_phase("lookup");
    run_lookups(ops);
}

/* --- the verifier ----------------------------------------------------------------------------------------------- */

static bool entry_right(u64 i, u64 key, u64 value)
{
    u64 j = key / 2;

    if (key % 2 || j >= nr_elements || value != value_of(j))
        return false;
    return inserted == nr_elements ? j == i : permute(j, true) < inserted;
}

/* The sum of the values of `nr` entries from rank `first` on. */
static u64 series(u64 first, u64 nr)
{
    u64 pairs = nr % 2 ? (nr - 1) / 2 * nr : nr / 2 * (nr - 1);

    return VALUE_FIRST * nr + VALUE_STEP * (first * nr + pairs);
}

static bool answers_right(void)
{
    u64 state = first_random, hits = 0, values = 0, entries = 0, sum = 0;

    for (u64 i = 0; i < lookups; i++) {
        struct request request = draw(&state);
        u64 from = (request.key + 1) / 2;
        if (request.key % 2 == 0) {
            hits++;
            values += value_of(from);
        }
        if (request.scan) {
            u64 nr = MIN(scan_length, nr_elements - from);
            entries += nr;
            sum += series(from, nr);
        }
    }
    return state == now && hits == found && values == value_sum && entries == scanned && sum == scan_sum;
}

static NOT_COUNTED bool btree_verify(u64 *checksum)
{
    u64 entries;

    tree.memory = arena_direct(0);
    *checksum = (((found * 31 + value_sum) * 31 + scanned) * 31 + scan_sum) * 31 + inserted;
    return btree_check(&tree, entry_right, &entries) && entries == inserted && answers_right();
}

static NOT_COUNTED void btree_report(void)
{
    tree.memory = arena_direct(0);
    result_u64("btree_entries", inserted);
    result_u64("btree_levels", btree_node(&tree, tree.root)->level + 1);
    result_u64("btree_used_bytes", tree.nr_nodes * node_bytes);
    result_u64("btree_lookups", lookups);
    result_u64("btree_found", found);
    result_u64("btree_scanned_entries", scanned);
}

/*
 * mlp: a lookup is one chain: each step of the search within a node decides where the next one looks, and the last says
 * which node is next. Two lookups do not depend on each other, but one takes some 340 instructions in a tree of six
 * levels and a reorder buffer holds 224 (Cascade Lake; Intel Optimization Reference Manual, 2.5): what overlaps is the
 * end of one with the upper levels of the next, which lie in caches. So 1.
 */
static const struct workload btree = {
    .name = "btree",
    .summary = "lookups and range scans in a B+tree",
    .ops = 600000,
    .warmup = 200000,
    .unit = "lookups",
    .macro = {.bytes = 64 * MIB, .ops = 400000, .warmup = 100000},
    .mlp = 1000,
    .pages = btree_pages,
    .setup = btree_setup,
    .run = btree_run,
    .verify = btree_verify,
    .report = btree_report,
};
REGISTER_WORKLOAD(btree);
