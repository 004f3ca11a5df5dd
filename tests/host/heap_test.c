/* sources: tests/host/host.c workloads/lib/heap.c */
/* The programs' allocator: classes, alignment, no overlap, last in first out, a full heap. */
#include <stdlib.h>
#include <string.h>

#include "tests/host/host.h"
#include "workloads/lib/heap.h"

#define SIZE (1 << 20)

static u8 *memory;

static void classes(void)
{
    u64 last = 0;

    host_case("heap.classes");
    CHECK_EQ(16, heap_class_bytes(1));
    CHECK_EQ(16, heap_class_bytes(16));
    CHECK_EQ(128, heap_class_bytes(113));
    CHECK_EQ(160, heap_class_bytes(129));
    CHECK_EQ(256, heap_class_bytes(225));
    CHECK_EQ(320, heap_class_bytes(257));
    CHECK_EQ(5120, heap_class_bytes(4097));
    CHECK_EQ(HEAP_MAX_OBJECT, heap_class_bytes(HEAP_MAX_OBJECT));
    for (u64 bytes = 1; bytes <= HEAP_MAX_OBJECT; bytes++) {
        u64 size = heap_class_bytes(bytes);
        CHECK(size >= bytes && size >= last && size % 16 == 0);
        CHECK(size <= 128 ? size < bytes + 16 : size * 4 < bytes * 5 + 4); /* a quarter is wasted at most */
        CHECK_EQ(size, heap_class_bytes(size));
        last = size;
    }
}

/* Objects carry a pattern from their allocation to their end: an overlap would show. */
static void objects(void)
{
    enum { NR = 600 };
    struct {
        u64 at, bytes;
        u8 mark;
    } o[NR] = {0};
    struct heap heap;
    u64 array, in_use = 0;

    host_case("heap.objects_do_not_overlap");
    heap_init(&heap, SIZE);
    array = heap_array(&heap, 5000);
    CHECK_EQ(0, array);
    CHECK_EQ(8192, heap_array(&heap, PAGE_SIZE));
    in_use = 3 * PAGE_SIZE;
    for (int round = 0; round < 20000; round++) {
        u32 i = host_below(NR);
        if (o[i].at) {
            for (u64 b = 0; b < o[i].bytes; b++)
                CHECK_EQ(o[i].mark, memory[o[i].at + b]);
            heap_free(&heap, memory, o[i].at, o[i].bytes);
            in_use -= heap_class_bytes(o[i].bytes);
            o[i].at = 0;
        } else {
            o[i].bytes = 1 + host_below(1500);
            o[i].mark = (u8)host_random();
            o[i].at = heap_alloc(&heap, memory, o[i].bytes);
            if (!o[i].at)
                continue;
            CHECK(o[i].at % 16 == 0 && o[i].at >= 3 * PAGE_SIZE && o[i].at + o[i].bytes <= SIZE);
            in_use += heap_class_bytes(o[i].bytes);
            memset(memory + o[i].at, o[i].mark, o[i].bytes);
        }
        CHECK_EQ(in_use, heap.in_use);
    }
}

static void reuse(void)
{
    struct heap heap;
    u64 a, b;

    host_case("heap.freed_last_used_first");
    heap_init(&heap, SIZE);
    a = heap_alloc(&heap, memory, 100);
    b = heap_alloc(&heap, memory, 100);
    CHECK(a != HEAP_NONE);
    CHECK_EQ(a + 112, b);
    heap_free(&heap, memory, a, 100);
    heap_free(&heap, memory, b, 100);
    CHECK_EQ(b, heap_alloc(&heap, memory, 105));
    CHECK_EQ(a, heap_alloc(&heap, memory, 97));
}

static void full(void)
{
    struct heap heap;
    u64 count = 0;

    host_case("heap.full");
    heap_init(&heap, 16 * PAGE_SIZE);
    CHECK_EQ(HEAP_FULL, heap_array(&heap, UINT64_MAX));
    CHECK_EQ(HEAP_FULL, heap_array(&heap, 16 * PAGE_SIZE + 1));
    while (heap_alloc(&heap, memory, 1024) != HEAP_NONE)
        count++;
    CHECK_EQ(14 * 4, count); /* a slab of 8 has two pages; the first page is not used, and one is left over */
    CHECK_EQ(HEAP_NONE, heap_alloc(&heap, memory, HEAP_MAX_OBJECT));
    CHECK_EQ(15 * PAGE_SIZE, heap_array(&heap, PAGE_SIZE));
    CHECK_EQ(HEAP_FULL, heap_array(&heap, 1));
}

int main(void)
{
    memory = malloc(SIZE);
    classes();
    objects();
    reuse();
    full();
    free(memory);
    return host_done();
}
