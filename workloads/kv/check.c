#include "workloads/kv/check.h"
#include "lib/string.h"
#include "workloads/lib/fmath.h"
#include "workloads/lib/random.h"

u64 kv_base(u64 item, u32 version)
{
    u64 state = item << 32 | version;

    return random_next(&state);
}

bool kv_near_poisson(const u64 chains[KV_CHAIN_LENGTHS], u64 buckets, u64 entries)
{
    double n = (double)(s64)buckets, load = (double)(s64)entries / n, probability = fmath_exp(-load), chi_square = 0;
    double rest = n, excess, degrees;
    u64 rest_seen = buckets;
    u32 length = 0;

    for (; length < KV_CHAIN_LENGTHS - 1; length++) {
        double expected = n * probability, seen = (double)(s64)chains[length];
        if (expected < 5 || rest - expected < 5)
            break;
        chi_square += (seen - expected) * (seen - expected) / expected;
        rest -= expected;
        rest_seen -= chains[length];
        probability *= load / (length + 1);
    }
    if (!length)
        return true;                                                                        /* too few to tell */
    chi_square += ((double)(s64)rest_seen - rest) * ((double)(s64)rest_seen - rest) / rest; /* all longer ones */
    degrees = length;
    excess = chi_square - degrees;
    return excess <= 0 || excess * excess <= 64 * 2 * degrees; /* the variance is twice the mean */
}

/* What lies at an offset that the store itself tells; null where no object of so many bytes can be: nothing here trusts it. */
static const void *inside(const struct kv_store *store, u64 at, u64 bytes)
{
    u64 end = store->memory.heap.end;

    return at % 16 || at >= end || bytes > end - at ? NULL : kv_at(&store->memory, at);
}

/* The item of a key, or UINT64_MAX when it is none. */
static u64 item_of(const struct kv_string *key)
{
    char text[KV_KEY_LENGTH];
    u64 item = 0;

    if (!key || key->length != KV_KEY_LENGTH)
        return UINT64_MAX;
    for (u32 i = 4; i < KV_KEY_LENGTH; i++)
        item = item * 10 + (u64)(key->text[i] - '0');
    kv_key_text(text, item);
    return memcmp(text, key->text, KV_KEY_LENGTH) || key->text[KV_KEY_LENGTH] ? UINT64_MAX : item;
}

static const struct kv_string *key_at(const struct kv_store *store, u64 at)
{
    return inside(store, at, kv_string_bytes(KV_KEY_LENGTH));
}

static const char *check_value(const struct kv_store *store, const struct kv_object *object, u64 base, u64 *hash)
{
    const struct kv_payload *payload;

    if (!object || object->kind != KV_OBJECT_KIND || object->references != 1)
        return "an object's header is damaged";
    payload = inside(store, object->payload, sizeof(*payload) + store->words * sizeof(u64));
    if (!payload)
        return "a value lies nowhere";
    if (payload->bytes != store->words * sizeof(u64))
        return "a value has another length";
    for (u32 i = 0; i < store->words; i++) {
        if (payload->words[i] != base + i * KV_VALUE_STEP)
            return "a value is not that of its version";
        *hash = (*hash ^ payload->words[i]) * 1099511628211ull;
    }
    return NULL;
}

/* One table's chains: its entries from bucket `first` on; those before have been moved away. */
static const char *check_table(struct kv_store *store, const struct kv_table *table, u64 first, bool whole,
                               const struct kv_expected *expected, u64 *checksum)
{
    const u64 *buckets = kv_at(&store->memory, table->buckets);
    u64 chains[KV_CHAIN_LENGTHS] = {0}, entries = 0;

    for (u64 b = 0; b < table->size; b++) {
        u32 length = 0;
        for (u64 at = buckets[b]; at; length++) {
            const struct kv_entry *entry = inside(store, at, sizeof(*entry));
            if (!entry)
                return "an entry lies nowhere";
            const struct kv_string *key = key_at(store, entry->key);
            const struct kv_object *object = inside(store, entry->value, sizeof(*object));
            u64 item = item_of(key), hash = item;
            const char *why;
            if (item >= expected->records)
                return "a key is there that should not be";
            if (expected->seen[item / 8] >> item % 8 & 1)
                return "a key is there twice";
            expected->seen[item / 8] |= (u8)(1u << item % 8);
            if ((kv_hash(key->text, key->length) & (table->size - 1)) != b || b < first)
                return "an entry is in a bucket where no search looks";
            why = check_value(store, object, kv_base(item, expected->versions[item]), &hash);
            if (why)
                return why;
            if (item == expected->last && object->clock != store->clock)
                return "the last access is not noted";
            *checksum += hash;
            entries++;
            at = entry->next;
        }
        if (b >= first)
            chains[MIN(length, KV_CHAIN_LENGTHS - 1)]++;
    }
    if (entries != table->used)
        return "a table's count of entries is wrong";
    if (whole && first < table->size && !kv_near_poisson(chains, table->size - first, entries))
        return "the chains' lengths are not those of a random hash";
    return NULL;
}

/* On every level the scores ascend; level i has the items of level i + 1 or more, as many as there are. */
static const char *check_order(const struct kv_store *store, u32 records)
{
    const struct kv_index *index = &kv_root_of(store)->index;
    u64 want[KV_INDEX_LEVELS] = {0};

    for (u32 item = 0; item < records; item++)
        for (u32 level = kv_index_level(item); level-- > 0;)
            want[level]++;
    for (u32 level = 0; level < KV_INDEX_LEVELS; level++) {
        u64 nodes = 0, least = 0;
        for (u64 at = index->first[level]; at; nodes++) {
            const struct kv_node *node = inside(store, at, kv_node_bytes(level + 1));
            if (!node || node->score < least || node->score != item_of(key_at(store, node->key)))
                return "the order of the items is broken";
            least = node->score + 1;
            at = node->next[level];
        }
        if (nodes != want[level])
            return "a level of the order misses items or has too many";
    }
    return NULL;
}

static u64 expected_in_use(const struct kv_store *store, u64 records)
{
    u64 bytes = PAGE_SIZE, record = heap_class_bytes(sizeof(struct kv_entry)) +
                                    heap_class_bytes(kv_string_bytes(KV_KEY_LENGTH)) +
                                    heap_class_bytes(sizeof(struct kv_object)) +
                                    heap_class_bytes(sizeof(struct kv_payload) + store->words * sizeof(u64));

    for (u64 size = KV_DICT_INITIAL; size <= kv_dict_size_after(records); size *= 2)
        bytes += ALIGN_UP(size * sizeof(u64), PAGE_SIZE);
    for (u64 item = 0; store->indexed && item < records; item++)
        bytes += heap_class_bytes(kv_node_bytes(kv_index_level(item)));
    return bytes + records * record;
}

const char *kv_check(struct kv_store *store, const struct kv_expected *expected, u64 *checksum)
{
    const struct kv_dict *dict = &kv_root_of(store)->dict;
    const struct kv_table *table = dict->table;
    bool moving = dict->moving >= 0;
    const char *why;

    *checksum = 0;
    memset(expected->seen, 0, expected->records / 8 + 1);
    if (table[moving].size != kv_dict_size_after(expected->records) ||
        (moving ? table[0].size * 2 != table[1].size || (u64)dict->moving > table[0].size : table[1].size != 0))
        return "a table has another size than so many insertions give";
    if (table[0].used + table[1].used != expected->records) /* all different, and below: so all are there */
        return "the number of entries is wrong";
    why = check_table(store, &table[0], moving ? (u64)dict->moving : 0, true, expected, checksum);
    if (!why && moving) /* only those whose old bucket is empty by now are in it: no Poisson */
        why = check_table(store, &table[1], 0, false, expected, checksum);
    if (!why && store->indexed)
        why = check_order(store, expected->records);
    if (!why && store->memory.heap.in_use != expected_in_use(store, expected->records))
        why = "the heap's account does not add up";
    return why;
}
