/*
 * Doubly linked lists of pages.
 *
 * `struct page` is two page numbers, eight bytes, so that indexing is one addressing mode. A list is circular and ends
 * in an entry of its own behind the space's pages, so that neither adding nor removing has a special case. A page is on
 * one list at most; who put it there knows which. What else a classifier or the laboratory keeps of a page, it keeps in
 * an array of its own: packed, it stays in the caches. All together it is at most 16 bytes a page.
 */
#pragma once

#include "kernel/types.h"

struct page {
    u32 next, prev;
};

_Static_assert(sizeof(struct page) == 8, "the links of a page");

struct page_list {
    u32 end; /* the number of the list's own entry */
    u32 count;
};

#define MAX_PAGE_LISTS 16 /* entries that a space keeps behind its pages */

/* Makes an empty list whose own entry is pages[end]. */
static inline void list_init(struct page_list *list, struct page *pages, u32 end)
{
    *list = (struct page_list){.end = end};
    pages[end] = (struct page){end, end};
}

static inline void list_link(struct page *pages, u32 page, u32 prev, u32 next)
{
    pages[page] = (struct page){.next = next, .prev = prev};
    pages[prev].next = page;
    pages[next].prev = page;
}

static inline void list_add_head(struct page_list *list, struct page *pages, u32 page)
{
    list_link(pages, page, list->end, pages[list->end].next);
    list->count++;
}

static inline void list_add_tail(struct page_list *list, struct page *pages, u32 page)
{
    list_link(pages, page, pages[list->end].prev, list->end);
    list->count++;
}

/* The page must be on this list. */
static inline void list_remove(struct page_list *list, struct page *pages, u32 page)
{
    u32 next = pages[page].next, prev = pages[page].prev;

    pages[prev].next = next;
    pages[next].prev = prev;
    list->count--;
}

/* The first and the last page; list->end when there is none. */
static inline u32 list_head(const struct page_list *list, const struct page *pages)
{
    return pages[list->end].next;
}

static inline u32 list_tail(const struct page_list *list, const struct page *pages)
{
    return pages[list->end].prev;
}
