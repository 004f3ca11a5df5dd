#include "workloads/gap/graph.h"

/* Lists up to here are sorted by insertion: quicksort's usual choice (Sedgewick, CACM 21(10), 1978). */
#define SHORT 16

static void insertion_sort(u32 *numbers, u64 count)
{
    for (u64 i = 1; i < count; i++) {
        u32 number = numbers[i];
        u64 at = i;
        for (; at > 0 && numbers[at - 1] > number; at--)
            numbers[at] = numbers[at - 1];
        numbers[at] = number;
    }
}

static inline void exchange(u32 *a, u32 *b)
{
    u32 old = *a;

    *a = *b;
    *b = old;
}

/*
 * Hoare's partition by the median of the first, the middle and the last number: returns how many come before the cut,
 * none of them larger than any that follows. Neither side is empty, since the middle is not the last place.
 */
static u64 partition(u32 *numbers, u64 count)
{
    u64 low = 0, high = count - 1, middle = count / 2;
    u32 pivot;

    if (numbers[middle] < numbers[low])
        exchange(&numbers[middle], &numbers[low]);
    if (numbers[high] < numbers[middle])
        exchange(&numbers[high], &numbers[middle]);
    if (numbers[middle] < numbers[low])
        exchange(&numbers[middle], &numbers[low]);
    pivot = numbers[middle];
    for (;;) {
        while (numbers[low] < pivot)
            low++;
        while (numbers[high] > pivot)
            high--;
        if (low >= high)
            return high + 1;
        exchange(&numbers[low++], &numbers[high--]);
    }
}

/* Quicksort. The larger part waits, so each is at most half of the one that waits below it: 32 places are enough. */
void gap_sort(u32 *numbers, u64 count)
{
    struct {
        u32 *numbers;
        u64 count;
    } waiting[32];
    unsigned depth = 0;

    for (;;) {
        while (count > SHORT) {
            u64 left = partition(numbers, count), right = count - left;
            bool left_waits = left > right;
            waiting[depth].numbers = left_waits ? numbers : numbers + left;
            waiting[depth++].count = left_waits ? left : right;
            numbers = left_waits ? numbers + left : numbers;
            count = left_waits ? right : left;
        }
        insertion_sort(numbers, count);
        if (!depth)
            return;
        numbers = waiting[--depth].numbers;
        count = waiting[depth].count;
    }
}

u64 gap_find(const u32 *list, u64 count, u32 number)
{
    u64 low = 0, high = count;

    while (low < high) {
        u64 middle = (low + high) / 2;
        if (list[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && list[low] == number ? low : count;
}
