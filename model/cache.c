#include "model/cache.h"

#include <stdlib.h>

int cache_init(struct cache *cache, uint64_t bytes, uint32_t ways)
{
    cache->ways = ways;
    cache->set_mask = (uint32_t)(bytes / 64 / ways) - 1;
    cache->rows = aligned_alloc(64, (bytes / 64 * sizeof(uint32_t) + 63) & ~63ull);
    if (!cache->rows) {
        return -1;
    }
    cache_clear(cache);
    return 0;
}

void cache_clear(struct cache *cache)
{
    uint64_t lines = ((uint64_t)cache->set_mask + 1) * cache->ways;

    for (uint64_t i = 0; i < lines; i++) {
        cache->rows[i] = LINE_NONE;
    }
    cache->used = false;
}

void cache_free(struct cache *cache)
{
    free(cache->rows);
    cache->rows = NULL;
}
