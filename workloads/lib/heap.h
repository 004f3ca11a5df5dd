/*
 * The programs' memory: an allocator over the arena. What it hands out are offsets, which mean the same in setup, run
 * and verify; `memory` is the arena's first byte there (arena_direct(0) or arena_base()).
 *
 * Arrays start on pages, one after the other. Small objects come from slabs of their size class: 16 bytes apart up to
 * 128, then four classes a doubling, as in jemalloc (Evans, BSDCan 2006). So objects of a size lie side by side in the
 * order in which they were allocated. A freed object is the next to be handed out; the list of them runs through the
 * objects themselves, so that to free and to allocate is to touch them, as in the original. Slabs are not given back.
 */
#pragma once

#include "kernel/types.h"

#define HEAP_NONE       ((u64)0) /* no offset of an object: what lies at 0 is never handed out */
#define HEAP_MAX_OBJECT (64 * KIB)
#define HEAP_NR_CLASSES 44

struct heap {
    u64 end, size;                  /* the next fresh byte; one past the last */
    u64 in_use;                     /* bytes of arrays and of objects that are not free, by class size */
    u64 next_free[HEAP_NR_CLASSES]; /* HEAP_NONE when the list is empty */
    u64 slab_next[HEAP_NR_CLASSES]; /* the rest of the newest slab */
    u64 slab_end[HEAP_NR_CLASSES];
};

/* An empty heap over the arena's first `size` bytes, a multiple of PAGE_SIZE. */
void heap_init(struct heap *heap, u64 size);

/* Page-aligned room for an array of at least a byte; HEAP_FULL when it does not fit. Not given back. */
#define HEAP_FULL UINT64_MAX
u64 heap_array(struct heap *heap, u64 bytes);

/* An object of 1 to HEAP_MAX_OBJECT bytes, aligned to 16; HEAP_NONE when the heap is full. Its bytes are what they
 * were. */
u64 heap_alloc(struct heap *heap, void *memory, u64 bytes);

/* Gives an object back; `bytes` as it was asked for. */
void heap_free(struct heap *heap, void *memory, u64 object, u64 bytes);

/* What an object of that size really takes. */
u64 heap_class_bytes(u64 bytes);
