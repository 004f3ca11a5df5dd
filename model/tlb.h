/*
 * A two-level TLB, exact LRU in each level. Entries for 4 KiB and 2 MiB pages share it (a simplification: Intel's
 * first level keeps them apart). A level-two hit or a walk fills level one; a walk fills both.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE_NONE UINT32_MAX /* not a page of a managed space */

struct tlb_entry {
    uint64_t tag;   /* of tlb_tag; 0: empty */
    uint64_t stamp; /* of the last use */
    uint32_t line;  /* first physical line of the page */
    uint32_t page;  /* index in frames[] and truth[], or PAGE_NONE */
    uint32_t tier;  /* of a managed page */
    uint32_t dirty; /* D is known to be set: a store needs no walk */
};

struct tlb_level {
    struct tlb_entry *entries;
    uint32_t ways, set_mask;
};

struct tlb {
    struct tlb_level level[2];
    uint64_t clock;
};

/* Allocates one level. 0, or -1 without memory. */
int tlb_level_init(struct tlb_level *level, uint64_t entries, uint32_t ways);

/* Empties both levels. */
void tlb_clear(struct tlb *tlb);

/* Drops one page from both levels. */
void tlb_drop(struct tlb *tlb, uint64_t number, uint64_t tag);

void tlb_free(struct tlb *tlb);

/* The tag of a page `number`; pages of different size never share a tag, and none is 0. */
static inline uint64_t tlb_tag(uint64_t number, bool large)
{
    return number << 2 | (large ? 3 : 1);
}

/* The entry with `tag`, marked as just used, or NULL. */
static inline struct tlb_entry *tlb_find(struct tlb *tlb, int nr, uint64_t number, uint64_t tag)
{
    const struct tlb_level *level = &tlb->level[nr];
    struct tlb_entry *set = level->entries + (number & level->set_mask) * level->ways;

    for (uint32_t way = 0; way < level->ways; way++) {
        if (set[way].tag == tag) {
            set[way].stamp = ++tlb->clock;
            return &set[way];
        }
    }
    return NULL;
}

/* Puts an entry in place of the set's least recently used one and returns where it lies. */
static inline struct tlb_entry *tlb_fill(struct tlb *tlb, int nr, uint64_t number, const struct tlb_entry *entry)
{
    const struct tlb_level *level = &tlb->level[nr];
    struct tlb_entry *set = level->entries + (number & level->set_mask) * level->ways;
    struct tlb_entry *oldest = set;

    for (uint32_t way = 1; way < level->ways; way++) {
        if (set[way].stamp < oldest->stamp) {
            oldest = &set[way];
        }
    }
    /* Field by field: a copy in larger pieces would wait for the host's store buffer. */
    oldest->tag = entry->tag;
    oldest->stamp = ++tlb->clock;
    oldest->line = entry->line;
    oldest->page = entry->page;
    oldest->tier = entry->tier;
    oldest->dirty = entry->dirty;
    return oldest;
}
