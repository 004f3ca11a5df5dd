/* sources: tests/host/host.c workloads/kv/draw.c workloads/kv/dict.c workloads/kv/index.c workloads/kv/store.c
   workloads/kv/check.c workloads/lib/heap.c workloads/lib/fmath.c workloads/lib/latency.c lib/string.c */
/*
 * kv as a whole, in a small arena: the footprint is exact, every mix verifies however it is cut, and every kind of
 * damage is found. Its draws and its dictionary have tests of their own.
 */
#include <stdlib.h>

#include "tests/host/host.h"
#include "workloads/kv/kv.c"

/* --- what lab/workload.h promises ------------------------------------------------------------------------------- */

static u8 *arena;
static u64 arena_bytes, size_key, now_ps;

void *arena_base(void)
{
    return arena;
}

void *arena_direct(u64 offset)
{
    return arena + offset;
}

void arena_populate(u32 page)
{
    CHECK(page < arena_bytes / PAGE_SIZE);
    memset(arena + page * PAGE_SIZE, 0, PAGE_SIZE);
}

u64 workload_size(void)
{
    return size_key;
}

/* Asked for kv_records only. */
bool key_given(const void *variable)
{
    return *(const u64 *)variable != 0;
}

void *workload_alloc(size_t size)
{
    return calloc(1, size);
}

void workload_pause(void)
{
}

void workload_resume(void)
{
    now_ps += 1000000; /* every operation takes a microsecond */
}

u64 workload_now_ps(void)
{
    return now_ps;
}

void result_u64(const char *key, u64 value)
{
    if (!strcmp(key, "read_p50_ns") || !strcmp(key, "read_p999_ns"))
        CHECK_EQ(1000, value);
}

void result_text(const char *key, const char *value)
{
    (void)key;
    (void)value;
}

/* --- the whole -------------------------------------------------------------------------------------------------- */

static void begin(const char *mix_key, const char *dist_key, u64 nr, u64 value, u64 total)
{
    mix_name = mix_key;
    dist_name = dist_key;
    records = nr;
    value_bytes = value;
    inserts = 0;
    free(arena);
    free(versions);
    free(seen);
    versions = NULL;
    seen = NULL;
    arena = NULL;
    arena_bytes = kv_pages() * PAGE_SIZE;
    arena = aligned_alloc(PAGE_SIZE, arena_bytes);
    kv_setup(1, total);
}

static void footprint(void)
{
    host_case("kv.footprint_is_exact");
    for (u32 words = 8; words <= 600; words += 74) {
        for (u64 nr = 1; nr < 600; nr = nr * 3 + 1) {
            begin("e", "mix", nr, words * 8, 0);
            for (u64 i = nr; i < room; i++) {
                kv_key_text(request.key, i);
                CHECK(kv_store_insert(&store, request.key, i, 0));
            }
            kv_key_text(request.key, 0);
            CHECK(kv_store_set(&store, request.key, 1));
            CHECK_EQ(arena_bytes, store.memory.heap.end);
        }
    }
    host_case("kv.size_is_used_up");
    for (size_key = 256 * KIB; size_key <= 16 * MIB; size_key *= 2) {
        mix_name = "d";
        dist_name = "mix";
        records = value_bytes = 0;
        CHECK(kv_pages() * PAGE_SIZE <= size_key);
        CHECK(bytes_for(records + 1) > size_key);
    }
    size_key = 0;
    host_case("kv.scatter_is_one_to_one");
    for (u64 n = 1; n < 300; n++) {
        u8 hit[300] = {0};
        for (u64 i = 0; i < n; i++)
            CHECK(scatter(i, n) < n && !hit[scatter(i, n)]++);
    }
}

static void answers(void)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "vtmm"};
    u64 one_go, slices, again;

    host_case("kv.every_mix_verifies_however_it_is_sliced");
    for (u32 i = 0; i < ARRAY_SIZE(names); i++) {
        for (int how = 0; how < 4; how++) {
            order = how & 1 ? "clustered" : "scrambled";
            update = how & 2 ? "place" : "replace";
            begin(names[i], "mix", 1000, 128, 2000);
            kv_run(2000);
            CHECK(kv_verify(&one_go));
            CHECK(kv_verify(&again)); /* which changes nothing */
            CHECK_EQ(one_go, again);
            kv_setup(1, 2000);
            for (u64 n = 0; n < 2000; n += 1 + n % 7)
                kv_run(MIN(1 + n % 7, 2000 - n));
            CHECK(kv_verify(&slices));
            CHECK_EQ(one_go, slices);
            kv_setup(2, 2000);
            kv_run(2000);
            CHECK(kv_verify(&again) && again != one_go); /* another seed */
        }
    }
    host_case("kv.every_distribution_verifies");
    for (enum kv_dist each = 0; each < KV_NR_DISTS; each++) {
        begin("d", kv_dist_name(each), 1000, 128, 2000);
        kv_run(2000);
        CHECK(kv_verify(&one_go));
    }
    host_case("kv.verifies_while_it_grows");
    begin("d", "mix", 1000, 64, 1500);
    for (bool moving = false; !moving; moving = kv_root_of(&store)->dict.moving >= 0)
        kv_run(1);
    kv_run(40);
    CHECK(kv_root_of(&store)->dict.moving > 0);
    CHECK(kv_verify(&one_go));
    host_case("kv.measured_starts_anew");
    kv_measured();
    kv_run(100);
    CHECK_EQ(100, times[TIMES_READ].count + times[TIMES_WRITE].count);
    CHECK_EQ(times[TIMES_READ].count, done[KV_READ]);
    kv_report();
}

static struct kv_entry *entry_of(u64 item)
{
    struct kv_dict *d = &kv_root_of(&store)->dict;
    char key[KV_KEY_LENGTH];

    kv_key_text(key, item);
    while (d->moving >= 0)
        kv_dict_find(d, &store.memory, key, sizeof(key));
    return kv_dict_find(d, &store.memory, key, sizeof(key));
}

/* Damages the store after a run; the check must name it. */
#define DAMAGED(text, statement)                                                                                       \
    do {                                                                                                               \
        u64 sum_;                                                                                                      \
        struct kv_expected all_;                                                                                       \
        begin("e", "mix", 1000, 128, 100);                                                                             \
        kv_run(100);                                                                                                   \
        all_ = (struct kv_expected){.records = present, .versions = versions, .last = request.item, .seen = seen};     \
        entry_of(0);                                                                                                   \
        CHECK(!kv_check(&store, &all_, &sum_));                                                                        \
        statement;                                                                                                     \
        const char *why_ = kv_check(&store, &all_, &sum_);                                                             \
        CHECK(why_ && !strcmp(why_, text));                                                                            \
        CHECK(!kv_verify(&sum_));                                                                                      \
    } while (0)

static u64 *bucket_with(u32 length)
{
    const struct kv_table *table = &kv_root_of(&store)->dict.table[0];
    u64 *buckets = kv_at(&store.memory, table->buckets);

    for (u64 b = 0; b < table->size; b++) {
        u32 n = 0;
        for (u64 at = buckets[b]; at; at = ((struct kv_entry *)kv_at(&store.memory, at))->next)
            n++;
        if (n == length)
            return &buckets[b];
    }
    return NULL;
}

static void damage(void)
{
    struct kv_object *object;
    struct kv_node *node;
    u64 *bucket, *other;

    host_case("kv.damage_is_found");
#define OBJECT(item) ((struct kv_object *)kv_at(&store.memory, entry_of(item)->value))
#define NODE(score)                                                                                                    \
    ((struct kv_node *)kv_at(&store.memory, kv_index_from(&kv_root_of(&store)->index, &store.memory, score)))
    DAMAGED("a value is not that of its version",
            ((struct kv_payload *)kv_at(&store.memory, OBJECT(17)->payload))->words[15] ^= 1);
    DAMAGED("a value is not that of its version", versions[999]++);
    DAMAGED("a value has another length", ((struct kv_payload *)kv_at(&store.memory, OBJECT(3)->payload))->bytes -= 8);
    DAMAGED("an object's header is damaged", object = OBJECT(500); object->references++);
    DAMAGED("a value is not that of its version", object = OBJECT(500); object->payload = OBJECT(501)->payload);
    DAMAGED("a value lies nowhere", OBJECT(500)->payload |= 1ull << 50);
    DAMAGED("an object's header is damaged", entry_of(500)->value |= 1ull << 50);
    DAMAGED("an object's header is damaged", entry_of(500)->value |= 1);
    DAMAGED("a key is there that should not be", entry_of(500)->key = store.memory.heap.end - 16);
    DAMAGED("an entry lies nowhere", *bucket_with(2) = UINT64_MAX);
    DAMAGED("the order of the items is broken", node = NODE(5); node->next[0] = 1ull << 40);
    DAMAGED("a table's count of entries is wrong", *bucket_with(1) = 0);
    DAMAGED("the number of entries is wrong", kv_root_of(&store)->dict.table[0].used--);
    DAMAGED("an entry is in a bucket where no search looks", bucket = bucket_with(1); other = bucket_with(0);
            *other = *bucket; *bucket = 0);
    DAMAGED("a key is there twice", entry_of(7)->key = entry_of(8)->key);
    DAMAGED("a key is there that should not be",
            ((struct kv_string *)kv_at(&store.memory, entry_of(7)->key))->text[5] = '9');
    DAMAGED("a table has another size than so many insertions give", kv_root_of(&store)->dict.table[0].size *= 2);
    DAMAGED("the last access is not noted", OBJECT(request.item)->clock--);
    DAMAGED("the order of the items is broken", node = NODE(5); node->score = 4000);
    DAMAGED("a level of the order misses items or has too many", node = NODE(5);
            node->next[0] = ((struct kv_node *)kv_at(&store.memory, node->next[0]))->next[0]);
    DAMAGED("the heap's account does not add up", heap_alloc(&store.memory.heap, store.memory.at, 100));
}

static void wrong_answers(void)
{
    u64 sum;

    host_case("kv.wrong_answers_are_noticed"); /* even when the damage is gone at the end */
    begin("c", "uniform", 100, 64, 1000);
    struct kv_payload *payload = kv_at(&store.memory, OBJECT(42)->payload);
    payload->words[3] ^= 1;
    kv_run(1000);
    payload->words[3] ^= 1;
    CHECK(wrong > 0);
    CHECK(!kv_verify(&sum));
    begin("a", "uniform", 100, 64, 1000);
    u64 *bucket = bucket_with(1), was = *bucket;
    *bucket = 0; /* a key is not found for a while */
    kv_run(1000);
    *bucket = was;
    CHECK(wrong > 0);
    CHECK(!kv_verify(&sum));
    begin("e", "uniform", 100, 64, 50);
    struct kv_node *node = NODE(50);
    was = node->next[0];
    node->next[0] = ((struct kv_node *)kv_at(&store.memory, was))->next[0];
    kv_run(20);
    CHECK(wrong > 0);
}

static void impossible(void)
{
    host_case("kv.impossible_keys");
    REFUSES(begin("a", "mix", 100, 60, 10));
    REFUSES(begin("a", "mix", 100, 1001, 10));
    REFUSES(begin("d", "mix", 100, 64, 10000)); /* 500 inserts, room for 12 */
    size_key = 64 * KIB;
    REFUSES(begin("a", "mix", 0, 65520, 10)); /* none fits */
    REFUSES(begin("a", "mix", 100, 64, 10));  /* said twice */
    size_key = 0;
}

int main(void)
{
    footprint();
    answers();
    damage();
    wrong_answers();
    impossible();
    free(arena);
    free(versions);
    free(seen);
    return host_done();
}
