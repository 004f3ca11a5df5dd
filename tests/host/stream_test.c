/* sources: tests/host/host.c */
/* stream: STREAM's values after ten rounds, counted bytes, a verifier that notices. */
#include "tests/host/wl_arena.h"

#include "workloads/stream.c"

/* STREAM's own scheme, from a = 2: every round multiplies a by 15, and b = 3 a, c = 4 a of the round before. */
static void ten_rounds(void)
{
    host_case("stream.ten_rounds");
    stream_bytes = 40 * KIB;
    for (stream_nt = 0; stream_nt < 2; stream_nt++) {
        wl_run(&stream, 1, 40 * 5120);
        CHECK(wl_right(&stream));
        for (u64 i = 0; i < 5120; i++) {
            CHECK_EQ(1153300781250, wl_words[i]);
            CHECK_EQ(230660156250, wl_words[5120 + i]);
            CHECK_EQ(307546875000, wl_words[2 * 5120 + i]);
        }
        CHECK_EQ(10 * 80 * 5120, stream.work());
    }
    stream_nt = 0;
}

/* 16, 16, 24 and 24 bytes an element. */
static void bytes(void)
{
    static const u64 want[] = {16, 32, 56, 80, 96};

    host_case("stream.bytes");
    for (u64 passes = 1; passes <= 5; passes++) {
        wl_run(&stream, 1, passes * 5120);
        CHECK_EQ(want[passes - 1] * 5120, stream.work());
    }
    wl_run(&stream, 1, 2 * 5120 + 7);
    CHECK_EQ(32 * 5120 + 24 * 7, stream.work());
}

static void noticed(void)
{
    host_case("stream.damage_is_noticed");
    wl_run(&stream, 1, 6 * 5120 + 1000);
    CHECK(wl_right(&stream));
    for (int i = 0; i < 200; i++)
        CHECK(wl_notices(&stream, host_below(3 * 5120), 1ull << host_below(64)));
    position++;
    CHECK(!wl_right(&stream));
    position--;
    pass++;
    CHECK(!wl_right(&stream));
}

int main(void)
{
    ten_rounds();
    bytes();
    noticed();
    return host_done();
}
