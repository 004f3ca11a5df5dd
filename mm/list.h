/*
 * What is known of a page, and doubly linked lists of pages.
 *
 * It is small (12 bytes a page, with four more for a classifier's array), so links are page numbers and not pointers. A page is on one list at most.
 * What a classifier looks at for every observation it keeps in an array of its own: packed, it stays in the caches.
 */
#pragma once

#include "kernel/types.h"

#define PAGE_NONE 0xffffffffu

struct page {
    u32 next, prev;
    u16 estimate; /* sum of the observations' weights in this cycle, saturating: the laboratory's */
    u8 list;      /* which list it is on, 0 for none: the classifier's */
    u8 flags;     /* the classifier's and migrator's */
};

_Static_assert(sizeof(struct page) == 12, "twelve bytes a page leave four for the classifier's array");

struct page_list {
    u32 head, tail, count;
};

static inline void list_init(struct page_list *list)
{
    *list = (struct page_list){PAGE_NONE, PAGE_NONE, 0};
}

static inline void list_add_head(struct page_list *list, struct page *pages, u32 page)
{
    pages[page].prev = PAGE_NONE;
    pages[page].next = list->head;
    if (list->head != PAGE_NONE)
        pages[list->head].prev = page;
    else
        list->tail = page;
    list->head = page;
    list->count++;
}

static inline void list_add_tail(struct page_list *list, struct page *pages, u32 page)
{
    pages[page].next = PAGE_NONE;
    pages[page].prev = list->tail;
    if (list->tail != PAGE_NONE)
        pages[list->tail].next = page;
    else
        list->head = page;
    list->tail = page;
    list->count++;
}

/* The page must be on this list. */
static inline void list_remove(struct page_list *list, struct page *pages, u32 page)
{
    u32 next = pages[page].next, prev = pages[page].prev;

    if (prev != PAGE_NONE)
        pages[prev].next = next;
    else
        list->head = next;
    if (next != PAGE_NONE)
        pages[next].prev = prev;
    else
        list->tail = prev;
    list->count--;
}
