/*
 * The pages that a trace names, numbered densely: the lowest page is 0, the next one that occurs 1, and so on. First
 * all pages are added, in any order and as often as they come, then they are sealed, then they can be looked up.
 */
#pragma once

#include "kernel/types.h"

struct page_index {
    u64 *pages; /* a hash table; once sealed, sorted */
    u64 slots, used;
};

/* Makes it empty. Its memory is workload_alloc's: at most 64 bytes a page in sum. */
void index_open(struct page_index *index);

/* Adds a page below 2^52; again does nothing. */
void index_add(struct page_index *index, u64 page);

/* No more are added. */
void index_seal(struct page_index *index);

/* The dense number of a page that was added. */
u32 index_of(const struct page_index *index, u64 page);
