/* Sorting in place, without memory and without a bad case. */
#pragma once

#include "kernel/types.h"

/* Ascending. Heapsort (Williams, CACM 7(6), 1964, algorithm 232). O(n log n). */
void sort_u64(u64 *values, u32 n);
