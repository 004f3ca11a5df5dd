/*
 * Page walks: what a translation costs that no TLB level holds.
 *
 * Upper levels come from three small caches of their own, fully associative and exact LRU (Intel SDM vol. 3A, 4.10.3:
 * an entry of the page-directory cache replaces the reads of all levels above the last). What is left is read one
 * entry after the other, each through the first level, the second, the last, and the tier that holds the table. The
 * walk sets A, and D for a store, where the entry does not have them: that is priced by a constant and dirties the
 * entry's line.
 *
 * Two dimensions (walk=nested): what the guest announces is then a virtual machine's, and every table, and in the end
 * the page, lies at a guest-physical address that nested tables translate. A small nested TLB keeps such translations;
 * what it does not hold costs one entry, the leaf's, through the caches. Simplified: a leaf for each 4 KiB; the levels
 * above are taken to be cached, as one of their entries covers 2 MiB; their A and D bits are set.
 *
 * A machine that really runs (SVM) is walked in two dimensions whatever the key says, unless it says constant: its own
 * tables are read where its pages lie, and the entries that translate their guest-physical addresses in its nested
 * tables. A walk through its tables counts as a write to them: A and D of their nested entries are set as well. A nested
 * leaf may be of 2 MiB: one entry of the nested TLB and one pair of bits serve 512 pages then, while the machine's own
 * leaves, and with them the TLB's entries, stay 4 KiB.
 *
 * The guest announces its tables: those of level 1 in the region's leaves[], the others by a doorbell.
 */
#pragma once

#include "model/tlb.h"

#include <stdbool.h>
#include <stdint.h>

#define UPPER_LEVELS    3  /* 0: page directories (one entry is the table of 2 MiB), 1: their pointers, 2: PML4 */
#define UPPER_NESTED    3  /* after them: the nested TLB */
#define MAX_UPPER       64 /* entries of one of them */
#define MAX_DIRECTORIES 64 /* tables of level 2 that can be announced, of 1 GiB each */
#define FRAME_NONE      UINT32_MAX

/* A core's caches of upper levels. */
struct upper {
    struct upper_level {
        uint64_t tag[MAX_UPPER]; /* 1 + the address over the entry's span; 0: empty */
        uint64_t stamp[MAX_UPPER];
        uint32_t entries;
    } level[UPPER_LEVELS + 1];
    uint64_t clock;
};

/* Where the page tables lie, by frame. */
struct tables {
    uint32_t root;
    uint32_t pointers[512]; /* of level 3, by bits 39-47 of the address */
    uint32_t nr_directories;
    struct directory {
        uint64_t gib; /* address over 1 GiB */
        uint32_t frame;
    } directory[MAX_DIRECTORIES];
};

/*
 * A machine's own tables, which lie in its memory one after the other: the root, one of level 3, those of level 2 from
 * the machine's address 0 on, those of level 1 from its space's first page on. So the first one's page says it all.
 */
struct machine_tables {
    uint32_t first;       /* page of the machine's memory; 0: not announced */
    uint32_t directories; /* tables of level 2 */
};

/* Forgets all upper levels: invlpg and writes to CR3 do (SDM vol. 3A, 4.10.4.1). Not the nested TLB, which knows guest-
 * physical addresses alone. */
void upper_clear(struct upper *upper);

/* Forgets the nested TLB, too. */
void upper_reset(struct upper *upper);

/* No table is known. */
void tables_clear(struct tables *tables);

/* The guest announces the table of `level` (4 to 2) that maps `va`. 0, or -1 when there is no room or no such level. */
int tables_add(struct tables *tables, uint64_t va, unsigned level, uint32_t frame);

/* The guest announces where the tables of the machine begin whose memory is `space`. */
void machine_tables_at(uint32_t space, uint32_t first);

/* The frame of the machine's own table of level 1 that maps 512 pages of leaves[]; FRAME_NONE when there is none. */
uint32_t machine_leaf_frame(uint32_t leaf);

/* Walks for `va`, beginning at `start_ps` at the earliest; fills the entry's D. Returns when the walk ends, in ps. */
uint64_t walk_page(uint64_t va, bool large, bool store, uint64_t start_ps, struct tlb_entry *entry, uint64_t insns);
