/* Page numbers in a hash table of fixed size, with linear probing: at most half of it is ever taken. */
#include "tools/trace/trace.h"

#include <stdlib.h>

#define SLOTS (2 * PAGES_MAX)

static struct page_counts slots[SLOTS];
static struct page_counts *taken[PAGES_MAX], sorted[PAGES_MAX];
static size_t nr_pages;

/* The page's slot, or the empty one where it belongs. The factor is 2^64 divided by the golden ratio (Knuth, The Art of
 * Computer Programming, volume 3, section 6.4). */
static struct page_counts *slot_of(uint64_t page)
{
    size_t at = (size_t)(page * 0x9e3779b97f4a7c15 >> 44) % SLOTS;

    while (slots[at].page && slots[at].page != page + 1)
        at = (at + 1) % SLOTS;
    return &slots[at];
}

struct page_counts *pages_find(uint64_t page)
{
    struct page_counts *slot = slot_of(page);

    if (slot->page)
        return slot;
    if (nr_pages == PAGES_MAX)
        refuse("more than 2 GiB of different pages, which replay cannot hold; -s makes fewer of them, --range takes a "
               "part");
    taken[nr_pages++] = slot;
    *slot = (struct page_counts){.page = page + 1};
    return slot;
}

bool pages_known(uint64_t page)
{
    return slot_of(page)->page;
}

static int by_page(const void *a, const void *b)
{
    uint64_t left = ((const struct page_counts *)a)->page, right = ((const struct page_counts *)b)->page;

    return (left > right) - (left < right);
}

struct page_counts *pages_sorted(size_t *number)
{
    for (size_t i = 0; i < nr_pages; i++)
        sorted[i] = *taken[i];
    qsort(sorted, nr_pages, sizeof(*sorted), by_page);
    *number = nr_pages;
    return sorted;
}

void pages_clear(void)
{
    while (nr_pages)
        taken[--nr_pages]->page = 0;
}
