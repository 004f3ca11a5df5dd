/* sources: tests/host/host.c lib/inflate.c */
/* Unpacking against gzip itself: all kinds of blocks, and damaged files, which must end without harm. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/inflate.h"
#include "lib/string.h"
#include "tests/host/host.h"

#define MOST 200000

static u8 plain[MOST], packed[MOST + 1000], unpacked[MOST];
static char name[] = "/tmp/inflate_test.XXXXXX";

static size_t pack(u32 bytes, u32 level)
{
    char command[100];
    FILE *file = fopen(name, "wb"), *pipe;
    size_t n;

    CHECK_EQ(bytes, fwrite(plain, 1, bytes, file));
    fclose(file);
    snprintf(command, sizeof(command), "gzip -%unc %s", level, name);
    pipe = popen(command, "r");
    n = fread(packed, 1, sizeof(packed), pipe);
    pclose(pipe);
    return n;
}

/* What gzip stores, what it codes with long distances, and what is one byte again and again. */
static void make_plain(u32 bytes, u32 kind)
{
    for (u32 i = 0; i < bytes; i++)
        plain[i] = kind == 0   ? (u8)host_random()
                   : kind == 1 ? (u8)(i > 30000 && host_below(50) ? plain[i - 30000 + i % 3] : host_below(7))
                   : kind == 2 ? 'x'
                               : (u8)("tiered memory, fast and slow "[host_below(30) % (1 + i % 29)]);
}

static void check_round(u32 bytes, u32 kind, u32 level)
{
    size_t n;

    make_plain(bytes, kind);
    n = pack(bytes, level);
    CHECK_EQ(bytes, gunzip_size(packed, n));
    memset(unpacked, 0xee, sizeof(unpacked));
    CHECK_EQ(0, gunzip(packed, n, unpacked));
    CHECK(!memcmp(plain, unpacked, bytes));
}

int main(void)
{
    close(mkstemp(name));
    host_case("inflate.as_gzip");
    for (u32 kind = 0; kind < 4; kind++)
        for (u32 level = 1; level <= 9; level += 4)
            check_round(kind % 2 ? MOST - host_below(1000) : 70000 + host_below(1000), kind, level);
    for (u32 bytes = 0; bytes < 20; bytes++) /* short ones have fixed codes */
        check_round(bytes, 3, 9);

    host_case("inflate.damaged");
    for (u64 seed = 1; seed <= 400; seed++) {
        size_t n;
        u32 bytes = 1 + host_below(3000);

        host_seed(seed);
        make_plain(bytes, 1 + (u32)seed % 3);
        n = pack(bytes, 9);
        for (u32 i = 1 + host_below(4); i; i--)
            packed[host_below((u32)n - 4)] ^= (u8)(1u << host_below(8)); /* the length stays, or `unpacked` may be too small */
        unpacked[bytes] = 0xee;
        gunzip(packed, n, unpacked);
        CHECK_EQ(0xee, unpacked[bytes]);
        memmove(packed + n / 2, packed + n - 8, 8);
        gunzip(packed, n / 2 + 8, unpacked); /* cut short */
    }
    CHECK(gunzip(packed, 17, unpacked));
    remove(name);
    return host_done();
}
