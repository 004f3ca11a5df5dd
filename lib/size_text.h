/* Bytes as users write them: 64K, 2G, 4100. For messages: refuse("size=%s: too small", size_text(bytes).text). */
#pragma once

#include "kernel/types.h"

struct size_text {
    char text[24];
};

/* With the largest of K, M and G that divides it. */
static inline struct size_text size_text(u64 bytes)
{
    static const char units[] = "KMG";
    struct size_text out = {""};
    char digits[20];
    unsigned n = 0, used = 0, unit = 0;

    while (unit < 3 && bytes && bytes % 1024 == 0) {
        bytes /= 1024;
        unit++;
    }
    do
        digits[n++] = (char)('0' + bytes % 10);
    while (bytes /= 10);
    while (n)
        out.text[used++] = digits[--n];
    if (unit)
        out.text[used] = units[unit - 1];
    return out;
}
