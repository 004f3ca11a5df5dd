#include "workloads/kv/index.h"
#include "workloads/lib/random.h"

u32 kv_index_level(u64 score)
{
    u64 state = score, coins = random_next(&state);
    u32 level = coins ? 1 + (u32)__builtin_ctzll(coins) / 2 : KV_INDEX_LEVELS;

    return MIN(level, KV_INDEX_LEVELS);
}

/*
 * Goes from the highest level down, on each as far as scores stay below. Returns where the link of the lowest level
 * stands that leads on, and in `before`, when it is given, those of all levels.
 */
static u64 *descend(struct kv_index *index, const struct kv_memory *memory, u64 score, u64 **before)
{
    u64 *links = index->first;

    for (u64 level = index->levels; level-- > 0;) {
        while (links[level]) {
            struct kv_node *node = kv_at(memory, links[level]);
            if (node->score >= score)
                break;
            links = node->next;
        }
        if (before)
            before[level] = &links[level];
    }
    return links;
}

bool kv_index_add(struct kv_index *index, struct kv_memory *memory, u64 score, u64 key)
{
    u64 *before[KV_INDEX_LEVELS];
    u32 level = kv_index_level(score);
    u64 at = heap_alloc(&memory->heap, memory->at, kv_node_bytes(level));
    struct kv_node *node = kv_at(memory, at);

    if (at == HEAP_NONE)
        return false;
    descend(index, memory, score, before);
    for (; index->levels < level; index->levels++)
        before[index->levels] = &index->first[index->levels];
    node->score = score;
    node->key = key;
    for (u32 i = 0; i < level; i++) {
        node->next[i] = *before[i];
        *before[i] = at;
    }
    index->nodes++;
    return true;
}

u64 kv_index_from(const struct kv_index *index, const struct kv_memory *memory, u64 score)
{
    return *descend((struct kv_index *)index, memory, score, NULL); /* which does not write to it */
}
