#include "workloads/kv/dict.h"
#include "lib/string.h"
#include "workloads/lib/random.h"

#define EMPTY_VISITS 10 /* as in Redis: a step looks at no more empty buckets than that */
#define SHRINK_BELOW 10 /* percent of the buckets */

static inline u64 word_at(const char *text)
{
    u64 word;

    __builtin_memcpy(&word, text, sizeof(word)); /* a load, however it is aligned */
    return word;
}

u64 kv_hash(const char *text, u32 length)
{
    u64 hash = 0x9e3779b97f4a7c15ull + length, rest = 0;
    u32 i = 0;

    for (; i + 8 <= length; i += 8)
        hash = random_mix(hash ^ word_at(text + i));
    for (; i < length; i++)
        rest = rest << 8 | (u8)text[i];
    return random_mix(hash ^ rest);
}

static bool same_text(const char *a, const char *b, u32 length)
{
    u32 i = 0;

    for (; i + 8 <= length; i += 8)
        if (word_at(a + i) != word_at(b + i))
            return false;
    if (length >= 8)
        return word_at(a + length - 8) == word_at(b + length - 8);
    for (; i < length; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

static unsigned log2_of(u64 size)
{
    return 63 - (unsigned)__builtin_clzll(size);
}

/* --- tables ----------------------------------------------------------------------------------------------------- */

static bool new_table(struct kv_dict *dict, struct kv_memory *memory, struct kv_table *table, u64 size)
{
    unsigned shift = log2_of(size);
    u64 buckets = dict->given_up[shift];

    dict->given_up[shift] = HEAP_NONE;
    if (buckets == HEAP_NONE) {
        buckets = heap_array(&memory->heap, size * sizeof(u64));
        if (buckets == HEAP_FULL)
            return false;
    }
    *table = (struct kv_table){.buckets = buckets, .size = size}; /* zero: fresh, or emptied when it was given up */
    return true;
}

static u64 *bucket_of(const struct kv_memory *memory, const struct kv_table *table, u64 hash)
{
    return (u64 *)kv_at(memory, table->buckets) + (hash & (table->size - 1));
}

static u64 power_from(u64 least)
{
    u64 size = KV_DICT_INITIAL;

    while (size < least)
        size *= 2;
    return size;
}

u64 kv_dict_size_after(u64 insertions)
{
    return power_from(insertions); /* a table of this size takes as many before it grows */
}

bool kv_dict_init(struct kv_dict *dict, struct kv_memory *memory)
{
    memset(dict, 0, sizeof(*dict));
    dict->moving = -1;
    return new_table(dict, memory, &dict->table[0], KV_DICT_INITIAL);
}

static bool start_moving(struct kv_dict *dict, struct kv_memory *memory, u64 size)
{
    if (!new_table(dict, memory, &dict->table[1], size))
        return false;
    dict->moving = 0;
    return true;
}

static u64 hash_of(const struct kv_memory *memory, const struct kv_entry *entry)
{
    const struct kv_string *key = kv_at(memory, entry->key);

    return kv_hash(key->text, key->length);
}

/* Every operation's share of growing: moves a chain. */
static void move_chain(struct kv_dict *dict, struct kv_memory *memory)
{
    struct kv_table *from = &dict->table[0], *to = &dict->table[1];
    u64 *buckets = kv_at(memory, from->buckets), at;

    for (unsigned visits = 0; from->used && !buckets[dict->moving]; dict->moving++)
        if (++visits > EMPTY_VISITS)
            return;
    if (from->used) {
        at = buckets[dict->moving];
        buckets[dict->moving++] = HEAP_NONE;
        while (at) {
            struct kv_entry *entry = kv_at(memory, at);
            u64 *bucket = bucket_of(memory, to, hash_of(memory, entry)), next = entry->next;
            entry->next = *bucket;
            *bucket = at;
            from->used--;
            to->used++;
            at = next;
        }
    }
    if (!from->used) {
        dict->given_up[log2_of(from->size)] = from->buckets;
        *from = *to;
        *to = (struct kv_table){0};
        dict->moving = -1;
    }
}

/* --- operations ------------------------------------------------------------------------------------------------- */

/* Where the offset of a key's entry stands, in a bucket or an entry; null when there is none. */
static u64 *link_to(struct kv_dict *dict, struct kv_memory *memory, const char *text, u32 length, u64 hash,
                    struct kv_table **table)
{
    for (unsigned t = 0; t < 2 && dict->table[t].size; t++) {
        u64 *link = bucket_of(memory, &dict->table[t], hash);
        while (*link) {
            struct kv_entry *entry = kv_at(memory, *link);
            const struct kv_string *key = kv_at(memory, entry->key);
            *table = &dict->table[t];
            if (key->length == length && same_text(key->text, text, length))
                return link;
            link = &entry->next;
        }
    }
    return NULL;
}

struct kv_entry *kv_dict_find(struct kv_dict *dict, struct kv_memory *memory, const char *text, u32 length)
{
    struct kv_table *table;
    u64 *link;

    if (dict->moving >= 0)
        move_chain(dict, memory);
    link = link_to(dict, memory, text, length, kv_hash(text, length), &table);
    return link ? kv_at(memory, *link) : NULL;
}

static u64 new_string(struct kv_memory *memory, const char *text, u32 length)
{
    u64 at = heap_alloc(&memory->heap, memory->at, kv_string_bytes(length));
    struct kv_string *string = kv_at(memory, at);

    if (at == HEAP_NONE)
        return at;
    *string = (struct kv_string){.length = (u8)length, .room = (u8)length, .flags = 1};
    for (u32 i = 0; i < length; i++)
        string->text[i] = text[i];
    string->text[length] = 0;
    return at;
}

struct kv_entry *kv_dict_add(struct kv_dict *dict, struct kv_memory *memory, const char *text, u32 length, u64 value)
{
    struct kv_table *table = &dict->table[0];
    u64 key, at, *bucket;
    struct kv_entry *entry;

    if (dict->moving >= 0)
        move_chain(dict, memory);
    if (dict->moving < 0 && table->used >= table->size && !start_moving(dict, memory, power_from(2 * table->used)))
        return NULL;
    if (dict->moving >= 0)
        table = &dict->table[1];
    key = new_string(memory, text, length);
    at = heap_alloc(&memory->heap, memory->at, sizeof(*entry));
    if (key == HEAP_NONE || at == HEAP_NONE)
        return NULL;
    bucket = bucket_of(memory, table, kv_hash(text, length));
    entry = kv_at(memory, at);
    *entry = (struct kv_entry){.key = key, .value = value, .next = *bucket};
    *bucket = at;
    table->used++;
    return entry;
}

bool kv_dict_remove(struct kv_dict *dict, struct kv_memory *memory, const char *text, u32 length, u64 *value)
{
    struct kv_table *table;
    struct kv_entry *entry;
    u64 *link, at;

    if (dict->moving >= 0)
        move_chain(dict, memory);
    link = link_to(dict, memory, text, length, kv_hash(text, length), &table);
    if (!link)
        return false;
    at = *link;
    entry = kv_at(memory, at);
    *value = entry->value;
    *link = entry->next;
    table->used--;
    heap_free(&memory->heap, memory->at, entry->key, kv_string_bytes(length));
    heap_free(&memory->heap, memory->at, at, sizeof(*entry));
    table = &dict->table[0];
    if (dict->moving < 0 && table->size > KV_DICT_INITIAL && table->used * 100 < table->size * SHRINK_BELOW)
        start_moving(dict, memory, power_from(table->used)); /* when there is no room, it stays as large as it is */
    return true;
}
