/* sources: tests/host/host.c */
/*
 * The string functions against the C library's, on every small offset and overlap. Under names of their own: the
 * program and its sanitizers use the library's.
 */
#include <fnmatch.h>
#include <string.h>

#define memset  kernel_memset
#define memcpy  kernel_memcpy
#define memmove kernel_memmove
#define memcmp  kernel_memcmp
#define strlen  kernel_strlen
#define strcmp  kernel_strcmp
#define strncmp kernel_strncmp
#include "lib/string.c"
#undef memset
#undef memcpy
#undef memmove
#undef memcmp
#undef strlen
#undef strcmp
#undef strncmp

#include "tests/host/host.h"

#define SIZE 40

static void fill(u8 *a, u8 *b)
{
    for (int i = 0; i < SIZE; i++)
        a[i] = b[i] = (u8)host_random();
}

static int sign(int x)
{
    return (x > 0) - (x < 0);
}

static void moves(void)
{
    u8 ours[SIZE], theirs[SIZE];

    for (u32 to = 0; to < 20; to++)
        for (u32 from = 0; from < 20; from++)
            for (u32 size = 0; size <= 20; size++) {
                fill(ours, theirs);
                CHECK(kernel_memmove(ours + to, ours + from, size) == ours + to);
                memmove(theirs + to, theirs + from, size);
                CHECK(!memcmp(ours, theirs, SIZE));
            }
}

static void sets_and_copies(void)
{
    u8 ours[SIZE], theirs[SIZE], source[SIZE];

    for (u32 at = 0; at < 20; at++)
        for (u32 size = 0; size <= 20; size++) {
            fill(ours, theirs);
            CHECK(kernel_memset(ours + at, 0x1a5, size) == ours + at);
            memset(theirs + at, 0xa5, size);
            CHECK(!memcmp(ours, theirs, SIZE));
            fill(source, source);
            CHECK(kernel_memcpy(ours + at, source, size) == ours + at);
            memcpy(theirs + at, source, size);
            CHECK(!memcmp(ours, theirs, SIZE));
        }
}

static void compares(void)
{
    static const char letters[] = "ab\x80"; /* compared as unsigned bytes */
    char a[6], b[6];

    for (int i = 0; i < 20000; i++) {
        size_t n = host_below(6);
        for (int j = 0; j < 6; j++) {
            a[j] = letters[host_below(sizeof(letters))];
            b[j] = letters[host_below(sizeof(letters))];
        }
        a[5] = b[5] = 0;
        CHECK_EQ(strlen(a), kernel_strlen(a));
        CHECK_EQ(sign(strcmp(a, b)), sign(kernel_strcmp(a, b)));
        CHECK_EQ(sign(strncmp(a, b, n)), sign(kernel_strncmp(a, b, n)));
        CHECK_EQ(sign(memcmp(a, b, n)), sign(kernel_memcmp(a, b, n)));
        CHECK_EQ(strstr(a, b) != NULL, matches(a, b));
    }
    CHECK(matches("pt.map", NULL));
    CHECK(matches("pt.map", ""));
    CHECK(!matches("", "x"));
    for (int i = 0; i < 20000; i++) { /* forms, against the C library's */
        static const char letters[] = "ab*?";
        char name[8] = "", form[8] = "";
        for (u64 n = host_below(7); n; n--)
            name[n - 1] = letters[host_below(2)];
        for (u64 n = host_below(7); n; n--)
            form[n - 1] = letters[host_below(4)];
        if (strpbrk(form, "*?"))
            CHECK_EQ(!fnmatch(form, name, 0), matches(name, form));
    }
    CHECK(matches("track.abit_full", "track.abit*"));
    CHECK(!matches("not.track.abit", "track.abit*"));
}

int main(void)
{
    host_seed(1);
    host_case("string.memmove");
    moves();
    host_case("string.memset_memcpy");
    sets_and_copies();
    host_case("string.compare");
    compares();
    return host_done();
}
