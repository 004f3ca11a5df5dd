/* sources: tests/host/host.c workloads/kv/dict.c workloads/kv/index.c workloads/kv/store.c workloads/kv/check.c
   workloads/lib/heap.c workloads/lib/fmath.c lib/string.c */
/* kv's dictionary and skip list against a shadow, its sizes, and its chains against a Poisson distribution. */
#include <math.h>
#include <stdlib.h>

#include "lib/string.h"
#include "tests/host/host.h"
#include "workloads/kv/check.h"

static bool near(double want, double got, double tolerance)
{
    return fabs(got - want) <= tolerance;
}

static struct kv_memory memory_of(u64 size)
{
    struct kv_memory m = {.at = calloc(1, size)};

    heap_init(&m.heap, size);
    heap_array(&m.heap, 1); /* no offset is 0 */
    return m;
}

static void chains_of(const struct kv_memory *m, const struct kv_table *table, u64 chains[KV_CHAIN_LENGTHS])
{
    const u64 *buckets = kv_at(m, table->buckets);

    memset(chains, 0, KV_CHAIN_LENGTHS * sizeof(*chains));
    for (u64 b = 0; b < table->size; b++) {
        u32 length = 0;
        for (u64 at = buckets[b]; at; at = ((struct kv_entry *)kv_at(m, at))->next)
            length++;
        chains[MIN(length, KV_CHAIN_LENGTHS - 1)]++;
    }
}

static void insert_in_order(void)
{
    static const struct {
        u32 keys;
        u64 size;
    } want[] = {{1, 4}, {4, 4}, {5, 8}, {8, 8}, {9, 16}, {1000, 1024}, {1024, 1024}, {1025, 2048}, {50000, 65536}};
    char key[KV_KEY_LENGTH];

    host_case("kv.dict_of_0_to_n");
    for (u32 w = 0; w < ARRAY_SIZE(want); w++) {
        struct kv_memory m = memory_of(8 * MIB);
        u64 chains[KV_CHAIN_LENGTHS];
        struct kv_dict d;
        CHECK(kv_dict_init(&d, &m));
        for (u32 i = 0; i < want[w].keys; i++) {
            kv_key_text(key, i);
            CHECK(!kv_dict_find(&d, &m, key, sizeof(key)));
            CHECK(kv_dict_add(&d, &m, key, sizeof(key), i));
        }
        CHECK_EQ(want[w].size, kv_dict_size_after(want[w].keys));
        CHECK_EQ(want[w].size, d.table[d.moving >= 0].size);
        for (u32 i = 0; d.moving >= 0; i++) { /* a chain every time: it ends, and soon */
            CHECK(i <= d.table[0].size);
            kv_dict_find(&d, &m, "", 0);
        }
        CHECK_EQ(want[w].size, d.table[0].size);
        CHECK_EQ(want[w].keys, d.table[0].used);
        for (u32 i = 0; i < want[w].keys; i++) {
            kv_key_text(key, i);
            struct kv_entry *entry = kv_dict_find(&d, &m, key, sizeof(key));
            CHECK(entry && entry->value == i);
        }
        chains_of(&m, &d.table[0], chains);
        CHECK(kv_near_poisson(chains, d.table[0].size, want[w].keys));
        if (w == ARRAY_SIZE(want) - 1) { /* e^-0.763 of 65536 buckets are empty, e^-0.763 x 0.763 have one */
            CHECK(near(30558, (double)chains[0], 600));
            CHECK(near(23314, (double)chains[1], 600));
        }
        free(m.at);
    }
}

static void poisson_can_fail(void)
{
    u64 even[KV_CHAIN_LENGTHS] = {15536, 50000}, good[KV_CHAIN_LENGTHS] = {30558, 23314, 8894, 2262, 431, 66, 11};
    u64 clumped[KV_CHAIN_LENGTHS] = {65535}, chains[KV_CHAIN_LENGTHS] = {0};
    static u8 count[65536];

    host_case("kv.poisson_can_fail");
    CHECK(kv_near_poisson(good, 65536, 50000));
    CHECK(!kv_near_poisson(even, 65536, 50000)); /* numbers as their own hash */
    clumped[KV_CHAIN_LENGTHS - 1] = 1;
    CHECK(!kv_near_poisson(clumped, 65536, 50000));
    for (u32 i = 0; i < 50000; i++) /* a hash with one bit stuck */
        count[(u64)host_random() & 0xfffe]++;
    for (u32 i = 0; i < 65536; i++)
        chains[MIN(count[i], KV_CHAIN_LENGTHS - 1)]++;
    CHECK(!kv_near_poisson(chains, 65536, 50000));
}

/* Random additions and removals, in waves so that it grows and shrinks, against an array of what is there. */
static void against_shadow(void)
{
    enum { KEYS = 3000 };
    struct kv_memory m = memory_of(16 * MIB);
    static u64 value[KEYS]; /* 0: not there */
    u64 there = 0, largest = 0, smallest = UINT64_MAX, key_bytes = 0, got, empty_in_use = 0;
    struct kv_dict d;
    char key[KV_KEY_LENGTH];

    host_case("kv.dict_against_shadow");
    CHECK(kv_dict_init(&d, &m));
    for (u32 round = 0; round < 320000; round++) {
        u32 k = host_below(KEYS), length = 1 + k % KV_KEY_LENGTH;
        bool grows = round / 40000 % 2 == 0;
        kv_key_text(key, k * 7919ull);
        for (u32 i = 0; i < 4; i++) /* short keys differ, too */
            key[i] = (char)(k >> 4 * i & 15) + 'a';
        length = MAX(length, 4);
        if (host_below(10) < 3) {
            struct kv_entry *entry = kv_dict_find(&d, &m, key, length);
            CHECK(value[k] ? entry && entry->value == value[k] : !entry);
        } else if (!value[k] && grows) {
            value[k] = round + 1;
            CHECK(kv_dict_add(&d, &m, key, length, value[k]));
            there++;
            key_bytes += heap_class_bytes(kv_string_bytes(length));
        } else if (!grows) {
            CHECK_EQ(value[k] != 0, kv_dict_remove(&d, &m, key, length, &got));
            if (value[k]) {
                CHECK_EQ(value[k], got);
                value[k] = 0;
                there--;
                key_bytes -= heap_class_bytes(kv_string_bytes(length));
            }
        }
        CHECK_EQ(there, d.table[0].used + d.table[1].used);
        CHECK(d.moving >= 0 || d.table[0].used <= d.table[0].size);
        if (round > 40000) {
            largest = MAX(largest, d.table[0].size);
            smallest = MIN(smallest, d.table[0].size);
        }
        if (round == 39999) { /* tables are not given back but used again: from now on, memory follows the entries */
            empty_in_use = m.heap.in_use - there * 32 - key_bytes;
        }
    }
    CHECK_EQ(4096, largest);
    CHECK_EQ(4, smallest);
    CHECK_EQ(empty_in_use, m.heap.in_use - there * 32 - key_bytes);
    free(m.at);
}

static void shrinks(void)
{
    struct kv_memory m = memory_of(8 * MIB);
    char key[KV_KEY_LENGTH];
    struct kv_dict d;
    u64 value;

    host_case("kv.dict_shrinks_below_a_tenth");
    CHECK(kv_dict_init(&d, &m));
    for (u32 i = 0; i < 4096; i++) {
        kv_key_text(key, i);
        CHECK(kv_dict_add(&d, &m, key, sizeof(key), i));
    }
    while (d.moving >= 0)
        kv_dict_find(&d, &m, "", 0);
    for (u32 i = 4096; i-- > 409;) { /* 410 entries are 10.01 % */
        CHECK(d.moving < 0 && d.table[0].size == 4096);
        kv_key_text(key, i);
        CHECK(kv_dict_remove(&d, &m, key, sizeof(key), &value));
    }
    CHECK_EQ(0, d.moving); /* 409 are less than a tenth */
    CHECK_EQ(512, d.table[1].size);
    free(m.at);
}

static void order_of_items(void)
{
    enum { N = 2000 };
    struct kv_memory m = memory_of(2 * MIB);
    struct kv_index index = {0};
    static bool there[N];
    u64 levels[4] = {0};

    host_case("kv.index_against_array");
    for (u32 i = 0; i < N / 2; i++) {
        u32 score = host_below(N);
        if (!there[score])
            CHECK(kv_index_add(&index, &m, score, 16));
        there[score] = true;
    }
    for (u32 score = 0; score <= N; score++) {
        u64 at = kv_index_from(&index, &m, score);
        u32 want = score;
        while (want < N && !there[want])
            want++;
        CHECK(want == N ? at == HEAP_NONE : at && ((struct kv_node *)kv_at(&m, at))->score == want);
    }
    host_case("kv.index_levels"); /* a quarter of each goes on */
    for (u64 i = 0; i < 100000; i++)
        for (u32 level = 0; level < 4; level++)
            levels[level] += kv_index_level(i) > level;
    CHECK_EQ(100000, levels[0]);
    CHECK(near(25000, (double)levels[1], 600) && near(6250, (double)levels[2], 350));
    free(m.at);
}

int main(void)
{
    insert_in_order();
    poisson_can_fail();
    against_shadow();
    shrinks();
    order_of_items();
    return host_done();
}
