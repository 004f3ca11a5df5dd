/* sources: tests/host/host.c lib/number.c */
/* script: closed forms, phases that overlap and span the parts that verification works in, bad text. */
#include "tests/host/wl_arena.h"

#include "workloads/script.c"

static u64 answer(const char *text, u64 ops)
{
    u64 checksum;

    script_text = text;
    memset(wl_words, 0, sizeof(wl_words));
    CHECK(script.pages() <= WL_ARENA_BYTES / PAGE_SIZE);
    wl_run(&script, 1, ops ? ops : script.ops);
    CHECK(script.verify(&checksum));
    return checksum;
}

static void closed_forms(void)
{
    host_case("script.closed_forms");
    /* 16384 lines get 1, 2, ... and each is read four times. */
    answer("0+1M:64:seq:write:16384;0+1M:64:random:read:65536", 0);
    CHECK_EQ(81920, script.ops);
    CHECK_EQ(4ul * 16384 * 16385 / 2, sum_read);
    /* Every page of 12 MiB gets 5, the first 1000 of them one more. */
    answer("0+12M:4K:random:rmw:16360", 0);
    u64 six = 0;
    for (u64 page = 0; page < 3072; page++) {
        CHECK(wl_words[page * 512] == 5 || wl_words[page * 512] == 6);
        six += wl_words[page * 512] == 6;
    }
    CHECK_EQ(1000, six);
}

/* More than a part of verification, overlapping, more than one round. */
static void parts(void)
{
    host_case("script.parts");
    answer("0+16M:64:random:write:300000;4M+8M:8:seq:rmw:500000;7M+2400K:24:seq:read:100000", 2000000);
    CHECK(sum_read > 0);
    for (int i = 0; i < 20; i++)
        CHECK(wl_notices(&script, host_below(WL_ARENA_BYTES / 8), 1ull << host_below(64)));
    sum_read++;
    CHECK(!wl_right(&script));
    sum_read--;
    done--;
    CHECK(!wl_right(&script));
}

static void refused(void)
{
    static const char *const bad[] = {
        "",
        "0+1M:64:seq:write",
        "0+1M:64:seq:write:",
        "0+1M:64:seq:write:1x",
        "0+1M:0:seq:write:1",
        "0+1M:12:seq:write:1",
        "4+1M:8:seq:write:1",
        "0+1M:24:seq:write:1",
        "0+0:8:seq:write:1",
        "0+3G:8:seq:write:1",
        "3G+1M:8:seq:write:1",
        "0+1M:8:often:write:1",
        "0+1M:8:seq:burn:1",
        "0+1M:8:seq:write:0",
        "0+1M:64:seq:write:18446744073709551615",
        "0+1M:64:seq:write:1024G;0+1M:64:seq:write:1",
    };

    host_case("script.refuses");
    for (unsigned i = 0; i < ARRAY_SIZE(bad); i++) {
        script_text = bad[i];
        REFUSES(script.pages());
    }
    script_text = "0+1M:64:seq:write:1024G";
    CHECK_EQ(256, script.pages());
}

int main(void)
{
    closed_forms();
    parts();
    refused();
    return host_done();
}
