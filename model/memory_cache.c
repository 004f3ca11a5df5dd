#include "model/path.h"

#include <stdlib.h>

int memory_cache_size(uint64_t bytes)
{
    struct memory_cache *cache = &model.memory_cache;

    free(cache->slots);
    cache->nr_slots = (uint32_t)(bytes >> LINE_SHIFT);
    cache->slots = cache->nr_slots ? malloc(cache->nr_slots * sizeof(uint32_t)) : NULL;
    if (cache->nr_slots && !cache->slots) {
        cache->nr_slots = 0;
        return -1;
    }
    memory_cache_clear();
    return 0;
}

void memory_cache_clear(void)
{
    for (uint32_t i = 0; i < model.memory_cache.nr_slots; i++) {
        model.memory_cache.slots[i] = LINE_NONE;
    }
}

/* The slot gets another line: what it held goes back to the slow tier if that has an older one, and the new one is
 * written to DRAM. Nobody waits for either but for a place in a full queue. */
static void replace(uint32_t *slot, uint32_t line, uint64_t now_ps)
{
    struct port *port = model.core->port;

    if (*slot & LINE_DIRTY) {
        model.header->memory_cache.writebacks++;
        path_stall(port_write_back(&port[MODEL_SLOW], *slot & LINE_NUMBER, now_ps));
    }
    path_stall(port_write_back(&port[MODEL_FAST], line, now_ps));
    *slot = line;
}

struct arrival memory_cache_read(uint32_t line, uint64_t now_ps, uint64_t earliest_ps)
{
    struct port *port = model.core->port;
    uint32_t *slot = memory_cache_slot(line);
    struct arrival dram = port_fetch(&port[MODEL_FAST], line, now_ps, earliest_ps);

    if ((*slot & LINE_NUMBER) == line) {
        model.header->memory_cache.hits++;
        return dram;
    }
    model.header->memory_cache.misses++;
    /* The slow tier is asked once the tag has shown that it has to be. */
    struct arrival slow = port_fetch(&port[MODEL_SLOW], line, now_ps, earliest_ps);
    replace(slot, line, now_ps);
    return (struct arrival){.lane_ps = dram.lane_ps > slow.lane_ps ? dram.lane_ps : slow.lane_ps,
                            .latency_ps = dram.latency_ps + slow.latency_ps};
}

void memory_cache_write(uint32_t line, uint64_t now_ps)
{
    struct port *port = model.core->port;
    uint32_t *slot = memory_cache_slot(line);

    port_read(&port[MODEL_FAST], line, now_ps, now_ps);
    if ((*slot & LINE_NUMBER) == line) {
        model.header->memory_cache.hits++;
    } else {
        model.header->memory_cache.misses++;
        port_read(&port[MODEL_SLOW], line, now_ps, now_ps);
        replace(slot, line, now_ps);
    }
    *slot |= LINE_DIRTY;
}
