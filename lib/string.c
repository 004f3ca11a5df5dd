#include "lib/string.h"

void *memset(void *to, int byte, size_t size)
{
    void *start = to;
    size_t words = size / 8, rest = size % 8;

    /* By words: the emulator and the model see an access a turn. */
    __asm__ volatile("rep stosq" : "+D"(to), "+c"(words) : "a"(0x0101010101010101ull * (u8)byte) : "memory");
    __asm__ volatile("rep stosb" : "+D"(to), "+c"(rest) : "a"(byte) : "memory");
    return start;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    void *start = to;
    size_t words = size / 8, rest = size % 8;

    __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(rest) : : "memory");
    return start;
}

void *memmove(void *to, const void *from, size_t size)
{
    u8 *t = to;
    const u8 *f = from;

    if (t <= f || t >= f + size)
        return memcpy(to, from, size);
    while (size--)
        t[size] = f[size];
    return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
    const u8 *x = a, *y = b;

    for (size_t i = 0; i < size; i++)
        if (x[i] != y[i])
            return x[i] - y[i];
    return 0;
}

size_t strlen(const char *s)
{
    size_t n = 0;

    while (s[n])
        n++;
    return n;
}

int strcmp(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return (u8)*a - (u8)*b;
}

int strncmp(const char *a, const char *b, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (a[i] != b[i])
            return (u8)a[i] - (u8)b[i];
        if (!a[i])
            break;
    }
    return 0;
}

/* A * takes as little as it can, and one more each time that the rest does not fit: only the last * has to retry. */
static bool matches_form(const char *name, const char *form)
{
    const char *star = NULL, *retry = NULL;

    while (*name) {
        if (*form == '*') {
            star = form++;
            retry = name;
        } else if (*form == '?' || *form == *name) {
            form++;
            name++;
        } else if (star) {
            form = star + 1;
            name = ++retry;
        } else {
            return false;
        }
    }
    while (*form == '*')
        form++;
    return !*form;
}

bool matches(const char *name, const char *pattern)
{
    size_t size = pattern ? strlen(pattern) : 0;

    for (size_t i = 0; i < size; i++)
        if (pattern[i] == '*' || pattern[i] == '?')
            return matches_form(name, pattern);
    if (!size)
        return true;
    for (; *name; name++)
        if (!strncmp(name, pattern, size))
            return true;
    return false;
}
