/* A hash table with linear probing collects the pages; sorted in place (heapsort), a binary search numbers them. */
#include "workloads/replay/index.h"
#include "kernel/panic.h"
#include "lab/workload.h"

#define NO_PAGE     UINT64_MAX
#define FIRST_SLOTS 1024

static void make_table(struct page_index *index, u64 slots)
{
    index->pages = workload_alloc(slots * sizeof(u64));
    index->slots = slots;
    for (u64 i = 0; i < slots; i++)
        index->pages[i] = NO_PAGE;
}

/* Multiplicative hashing (Knuth, TAOCP 3, 6.4) by 2^64 over the golden ratio. */
static u64 *find_slot(const struct page_index *index, u64 page)
{
    u64 slot = (page * 0x9e3779b97f4a7c15ull >> 32) & (index->slots - 1);

    while (index->pages[slot] != NO_PAGE && index->pages[slot] != page)
        slot = (slot + 1) & (index->slots - 1);
    return &index->pages[slot];
}

void index_open(struct page_index *index)
{
    make_table(index, FIRST_SLOTS);
    index->used = 0;
}

void index_add(struct page_index *index, u64 page)
{
    u64 *slot = find_slot(index, page);

    if (*slot == page)
        return;
    *slot = page;
    if (++index->used * 2 > index->slots) {
        struct page_index old = *index;
        make_table(index, old.slots * 2);
        for (u64 i = 0; i < old.slots; i++)
            if (old.pages[i] != NO_PAGE)
                *find_slot(index, old.pages[i]) = old.pages[i];
    }
}

static void sift_down(u64 *heap, u64 at, u64 size)
{
    for (u64 child; (child = 2 * at + 1) < size; at = child) {
        u64 swap = heap[at];
        child += child + 1 < size && heap[child + 1] > heap[child];
        if (heap[child] <= swap)
            return;
        heap[at] = heap[child];
        heap[child] = swap;
    }
}

void index_seal(struct page_index *index)
{
    u64 *pages = index->pages, used = 0;

    for (u64 i = 0; i < index->slots; i++)
        if (pages[i] != NO_PAGE)
            pages[used++] = pages[i];
    ASSERT(used == index->used);
    for (u64 at = used / 2; at-- > 0;)
        sift_down(pages, at, used);
    for (u64 size = used; size-- > 1;) {
        u64 largest = pages[0];
        pages[0] = pages[size];
        pages[size] = largest;
        sift_down(pages, 0, size);
    }
}

u32 index_of(const struct page_index *index, u64 page)
{
    u64 low = 0, high = index->used;

    while (low < high) { /* the page is in [low, high) */
        u64 middle = (low + high) / 2;
        if (index->pages[middle] <= page)
            low = middle + 1;
        else
            high = middle;
    }
    ASSERT(low && index->pages[low - 1] == page);
    return (u32)low - 1;
}
