#include "lib/sort.h"

static void sift_down(u64 *heap, u32 root, u32 n)
{
    u64 value = heap[root];
    u32 child;

    while ((child = 2 * root + 1) < n) {
        if (child + 1 < n && heap[child + 1] > heap[child])
            child++;
        if (heap[child] <= value)
            break;
        heap[root] = heap[child];
        root = child;
    }
    heap[root] = value;
}

void sort_u64(u64 *values, u32 n)
{
    for (u32 root = n / 2; root-- > 0;)
        sift_down(values, root, n);
    while (n-- > 1) {
        u64 largest = values[0];
        values[0] = values[n];
        values[n] = largest;
        sift_down(values, 0, n);
    }
}
