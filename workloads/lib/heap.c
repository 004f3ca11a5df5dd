#include "workloads/lib/heap.h"

#define SMALL_MAX    128 /* classes 16 bytes apart up to here */
#define NR_SMALL     (SMALL_MAX / 16)
#define SLAB_OBJECTS 8 /* at least so many objects a slab, and at least a page: jemalloc's are of that order */

static unsigned class_of(u64 bytes)
{
    unsigned shift = 5; /* 2^shift: distance of the classes in a doubling from 2^(shift + 2) on */

    if (bytes <= SMALL_MAX)
        return (unsigned)((bytes + 15) / 16 - 1);
    while (bytes > (u64)8 << shift)
        shift++;
    return NR_SMALL + (shift - 5) * 4 + (unsigned)((bytes - ((u64)4 << shift) + ((u64)1 << shift) - 1) >> shift) - 1;
}

static u64 class_bytes(unsigned class)
{
    unsigned shift;

    if (class < NR_SMALL)
        return (class + 1) * (u64)16;
    class -= NR_SMALL;
    shift = 5 + class / 4;
    return ((u64)4 << shift) + ((class % 4 + 1) * (u64)1 << shift);
}

u64 heap_class_bytes(u64 bytes)
{
    return class_bytes(class_of(bytes));
}

void heap_init(struct heap *heap, u64 size)
{
    *heap = (struct heap){.size = size};
}

u64 heap_array(struct heap *heap, u64 bytes)
{
    u64 at = heap->end, rounded = ALIGN_UP(bytes, PAGE_SIZE);

    if (bytes > heap->size || rounded > heap->size - at)
        return HEAP_FULL;
    heap->end += rounded;
    heap->in_use += rounded;
    return at;
}

static u64 *link_of(void *memory, u64 object)
{
    return (u64 *)((u8 *)memory + object);
}

/* A page or more for a class. What is left of the slab before is too small for an object. */
static bool new_slab(struct heap *heap, unsigned class)
{
    u64 bytes = ALIGN_UP(class_bytes(class) * SLAB_OBJECTS, PAGE_SIZE);

    if (!heap->end)
        heap->end = PAGE_SIZE; /* offset 0 is HEAP_NONE */
    if (heap->end > heap->size || bytes > heap->size - heap->end)
        return false;
    heap->slab_next[class] = heap->end;
    heap->end += bytes;
    heap->slab_end[class] = heap->end;
    return true;
}

u64 heap_alloc(struct heap *heap, void *memory, u64 bytes)
{
    unsigned class = class_of(bytes);
    u64 size = class_bytes(class), object = heap->next_free[class];

    if (object) {
        heap->next_free[class] = *link_of(memory, object);
    } else {
        if (heap->slab_end[class] - heap->slab_next[class] < size && !new_slab(heap, class))
            return HEAP_NONE;
        object = heap->slab_next[class];
        heap->slab_next[class] += size;
    }
    heap->in_use += size;
    return object;
}

void heap_free(struct heap *heap, void *memory, u64 object, u64 bytes)
{
    unsigned class = class_of(bytes);

    *link_of(memory, object) = heap->next_free[class];
    heap->next_free[class] = object;
    heap->in_use -= class_bytes(class);
}
