/* A cache set or TLB set done naively: what the model's parts are compared with. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "model/cache.h"

/* One set as a plain list, most recent first. */
struct list {
    uint64_t item[CACHE_MAX_WAYS];
    uint32_t dirty[CACHE_MAX_WAYS];
    unsigned used;
};

static inline int list_find(const struct list *list, uint64_t item)
{
    for (unsigned i = 0; i < list->used; i++) {
        if (list->item[i] == item) {
            return (int)i;
        }
    }
    return -1;
}

static inline uint32_t list_remove(struct list *list, int at)
{
    uint32_t dirty = list->dirty[at];

    list->used--;
    for (unsigned i = (unsigned)at; i < list->used; i++) {
        list->item[i] = list->item[i + 1];
        list->dirty[i] = list->dirty[i + 1];
    }
    return dirty;
}

/* Puts an item in front; true and *victim when one fell out of `ways`. */
static inline bool list_push(struct list *list, unsigned ways, uint64_t item, uint32_t dirty, uint64_t *victim,
                             uint32_t *victim_dirty)
{
    bool full = list->used == ways;

    if (full) {
        *victim = list->item[ways - 1];
        *victim_dirty = list->dirty[ways - 1];
        list->used--;
    }
    for (unsigned i = list->used; i > 0; i--) {
        list->item[i] = list->item[i - 1];
        list->dirty[i] = list->dirty[i - 1];
    }
    list->item[0] = item;
    list->dirty[0] = dirty;
    list->used++;
    return full;
}
