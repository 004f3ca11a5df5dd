#include "workloads/kv/store.h"

_Static_assert(sizeof(struct kv_root) <= PAGE_SIZE, "the root has one page");
_Static_assert(sizeof(struct kv_object) == 16 && sizeof(struct kv_entry) == 24, "as Redis's");

void kv_key_text(char text[KV_KEY_LENGTH], u64 item)
{
    for (u32 i = KV_KEY_LENGTH; i-- > 4; item /= 10)
        text[i] = (char)('0' + item % 10);
    text[0] = 'u';
    text[1] = 's';
    text[2] = 'e';
    text[3] = 'r';
}

static u64 payload_bytes(u32 words)
{
    return sizeof(struct kv_payload) + words * sizeof(u64);
}

/* --- how much memory it takes ----------------------------------------------------------------------------------- */

/* Objects by their class, since those of a class share slabs. */
struct census {
    u32 nr;
    struct {
        u64 class_bytes, count;
    } of[KV_INDEX_LEVELS + 4];
};

static void count_objects(struct census *census, u64 bytes, u64 count)
{
    u64 class_bytes = heap_class_bytes(bytes);
    u32 i = 0;

    while (i < census->nr && census->of[i].class_bytes != class_bytes)
        i++;
    if (i == census->nr) {
        census->of[census->nr++].count = 0;
        census->of[i].class_bytes = class_bytes;
    }
    census->of[i].count += count;
}

static u64 slab_bytes(u64 class_bytes)
{
    struct heap probe; /* its first slab follows a page that is not used */

    heap_init(&probe, GIB);
    heap_alloc(&probe, NULL, class_bytes);
    return probe.end - PAGE_SIZE;
}

u64 kv_store_bytes(u64 records, u32 words, bool indexed)
{
    u64 bytes = PAGE_SIZE, nodes[KV_INDEX_LEVELS + 1] = {0};
    struct census census = {.nr = 0};

    for (u64 size = KV_DICT_INITIAL; size <= kv_dict_size_after(records); size *= 2)
        bytes += ALIGN_UP(size * sizeof(u64), PAGE_SIZE); /* all tables that it grows through */
    count_objects(&census, sizeof(struct kv_entry), records);
    count_objects(&census, kv_string_bytes(KV_KEY_LENGTH), records);
    count_objects(&census, sizeof(struct kv_object), records + 1); /* the new one, before the old one is freed */
    count_objects(&census, payload_bytes(words), records + 1);
    for (u64 item = 0; indexed && item < records; item++)
        nodes[kv_index_level(item)]++;
    for (u32 level = 1; level <= KV_INDEX_LEVELS; level++)
        if (nodes[level])
            count_objects(&census, kv_node_bytes(level), nodes[level]);
    for (u32 i = 0; i < census.nr; i++) {
        u64 slab = slab_bytes(census.of[i].class_bytes), per_slab = slab / census.of[i].class_bytes;
        bytes += (census.of[i].count + per_slab - 1) / per_slab * slab;
    }
    return bytes;
}

/* --- operations ------------------------------------------------------------------------------------------------- */

bool kv_store_init(struct kv_store *store, u64 bytes)
{
    heap_init(&store->memory.heap, bytes);
    if (heap_array(&store->memory.heap, sizeof(struct kv_root)) != 0) /* the first array lies at 0 */
        return false;
    kv_root_of(store)->index = (struct kv_index){0};
    return kv_dict_init(&kv_root_of(store)->dict, &store->memory);
}

static void write_value(const struct kv_store *store, struct kv_payload *payload, u64 base)
{
    u32 words = store->words;

    payload->bytes = words * sizeof(u64);
    for (u32 i = 0; i < words; i++) {
        payload->words[i] = base;
        base += KV_VALUE_STEP;
    }
}

/* A new object; HEAP_NONE when memory is full. */
static u64 new_object(struct kv_store *store, u64 base)
{
    struct kv_memory *m = &store->memory;
    u64 at = heap_alloc(&m->heap, m->at, sizeof(struct kv_object));
    u64 payload = heap_alloc(&m->heap, m->at, payload_bytes(store->words));

    if (at == HEAP_NONE || payload == HEAP_NONE)
        return HEAP_NONE;
    write_value(store, kv_at(m, payload), base);
    *(struct kv_object *)kv_at(m, at) =
        (struct kv_object){.kind = KV_OBJECT_KIND, .references = 1, .clock = store->clock, .payload = payload};
    return at;
}

static struct kv_entry *look_up(struct kv_store *store, const char *key)
{
    struct kv_entry *entry = kv_dict_find(&kv_root_of(store)->dict, &store->memory, key, KV_KEY_LENGTH);

    if (entry)
        ((struct kv_object *)kv_at(&store->memory, entry->value))->clock = store->clock;
    return entry;
}

bool kv_store_insert(struct kv_store *store, const char *key, u64 item, u64 base)
{
    struct kv_root *root = kv_root_of(store);
    struct kv_entry *entry;
    u64 object;

    if (look_up(store, key))
        return false;
    object = new_object(store, base);
    if (object == HEAP_NONE)
        return false;
    entry = kv_dict_add(&root->dict, &store->memory, key, KV_KEY_LENGTH, object);
    return entry && (!store->indexed || kv_index_add(&root->index, &store->memory, item, entry->key));
}

bool kv_store_set(struct kv_store *store, const char *key, u64 base)
{
    struct kv_memory *m = &store->memory;
    struct kv_entry *entry = look_up(store, key);
    u64 old, object;

    if (!entry)
        return false;
    old = entry->value;
    if (!store->replace) {
        write_value(store, kv_at(m, ((struct kv_object *)kv_at(m, old))->payload), base);
        return true;
    }
    object = new_object(store, base);
    if (object == HEAP_NONE)
        return false;
    entry->value = object;
    heap_free(&m->heap, m->at, ((struct kv_object *)kv_at(m, old))->payload, payload_bytes(store->words));
    heap_free(&m->heap, m->at, old, sizeof(struct kv_object));
    return true;
}

bool kv_store_get(struct kv_store *store, const char *key, u64 *sum)
{
    struct kv_entry *entry = look_up(store, key);
    const struct kv_object *object;
    const struct kv_payload *payload;
    u64 total = 0;

    if (!entry)
        return false;
    object = kv_at(&store->memory, entry->value);
    payload = kv_at(&store->memory, object->payload);
    for (u64 i = 0, words = payload->bytes / sizeof(u64); i < words; i++)
        total += payload->words[i];
    *sum += total;
    return true;
}

u64 kv_store_scan(struct kv_store *store, u64 item, u64 length, u64 *sum)
{
    struct kv_memory *m = &store->memory;
    u64 at = kv_index_from(&kv_root_of(store)->index, m, item), found = 0;

    while (at && found < length) {
        const struct kv_node *node = kv_at(m, at);
        const struct kv_string *key = kv_at(m, node->key);
        if (!kv_store_get(store, key->text, sum))
            break;
        at = node->next[0];
        found++;
    }
    return found;
}
