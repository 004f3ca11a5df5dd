#include "model/tlb.h"

#include <stdlib.h>
#include <string.h>

static uint64_t level_entries(const struct tlb_level *level)
{
    return ((uint64_t)level->set_mask + 1) * level->ways;
}

int tlb_level_init(struct tlb_level *level, uint64_t entries, uint32_t ways)
{
    level->ways = ways;
    level->set_mask = (uint32_t)(entries / ways) - 1;
    level->entries = calloc(entries, sizeof(struct tlb_entry));
    return level->entries ? 0 : -1;
}

void tlb_clear(struct tlb *tlb)
{
    for (int nr = 0; nr < 2; nr++) {
        memset(tlb->level[nr].entries, 0, level_entries(&tlb->level[nr]) * sizeof(struct tlb_entry));
    }
}

void tlb_drop(struct tlb *tlb, uint64_t number, uint64_t tag)
{
    for (int nr = 0; nr < 2; nr++) {
        const struct tlb_level *level = &tlb->level[nr];
        struct tlb_entry *set = level->entries + (number & level->set_mask) * level->ways;
        for (uint32_t way = 0; way < level->ways; way++) {
            if (set[way].tag == tag) {
                memset(&set[way], 0, sizeof(set[way]));
            }
        }
    }
}

void tlb_free(struct tlb *tlb)
{
    for (int nr = 0; nr < 2; nr++) {
        free(tlb->level[nr].entries);
        tlb->level[nr].entries = NULL;
    }
}
