/* sources: tests/host/host.c */
/* hotset: shares and moves as the keys say; its verifier notices a change in every word and a wrong read. */
#include "tests/host/wl_arena.h"

#include "workloads/hotset.c"

enum { PAGES = 40, HOT = 8 };

static void shape(u64 share, u64 writes)
{
    footprint = PAGES * PAGE_SIZE, hot = HOT * PAGE_SIZE, hot_share = share, write_share = writes;
    memset(wl_words, 0, sizeof(wl_words));
}

/* A run anew: a verifier that has found something wrong leaves the arena half undone. */
static void fresh(void)
{
    shape(90, 50);
    wl_run(&hotset, 3, 20000);
}

static void noticed(void)
{
    host_case("hotset.every_word_is_checked");
    fresh();
    CHECK(wl_right(&hotset));
    for (u32 word = 0; word < PAGES * WORDS_PER_PAGE; word++)
        CHECK_EQ(0, wl_words[word]);
    for (u32 page = 0; page < PAGES; page += 13) {
        const u32 words[] = {0, WORDS_PER_PAGE - 1, host_below(WORDS_PER_PAGE)};
        for (unsigned i = 0; i < ARRAY_SIZE(words); i++) {
            fresh();
            CHECK(wl_notices(&hotset, page * WORDS_PER_PAGE + words[i], (u64)1 << host_below(64)));
        }
    }
    fresh();
    read_sum++;
    CHECK(!wl_right(&hotset));
    fresh();
    op++; /* one that was not done */
    CHECK(!wl_right(&hotset));
}

/* Of n draws with probability p the share is within 5 standard deviations: 0.5 / sqrt(n) each at most. */
static void shares(void)
{
    enum { DRAWS = 1000000 };
    static const u64 percent[] = {0, 1, 50, 90, 99, 100};

    host_case("hotset.shares");
    for (unsigned i = 0; i < ARRAY_SIZE(percent); i++) {
        u64 hot_ops = 0, writes = 0, value;
        s64 off_hot, off_writes;
        shape(percent[i], percent[i]);
        wl_run(&hotset, 7, 1);
        for (u32 n = 0; n < DRAWS; n++) {
            bool write;
            u64 word = draw_word(&now, &value, &write);
            CHECK(word < PAGES * WORDS_PER_PAGE);
            hot_ops += hotset.declared((u32)(word / WORDS_PER_PAGE));
            writes += write;
        }
        off_hot = (s64)hot_ops - (s64)(DRAWS / 100 * percent[i]);
        off_writes = (s64)writes - (s64)(DRAWS / 100 * percent[i]);
        CHECK(off_hot <= 2500 && off_hot >= -2500);
        /* Writes are drawn by 256ths: up to half a 256th more. */
        CHECK(off_writes <= 2500 + DRAWS / 256 && off_writes >= -2500 - DRAWS / 256);
        if (percent[i] % 100 == 0)
            CHECK(!off_hot && !off_writes);
    }
}

/* How many of the hot pages stay hot over one move that is due but not yet followed. */
static u32 stay(const char *what)
{
    bool before[PAGES];
    u32 same = 0, declared = 0;

    shape(90, 50);
    move_ms = 1;
    move_what = what;
    wl_run(&hotset, 3, 1000);
    for (u32 page = 0; page < PAGES; page++)
        before[page] = hotset.declared(page);
    hotset.expired(hotset.deadline_ps());
    for (u32 page = 0; page < PAGES; page++) {
        declared += hotset.declared(page);
        same += before[page] && hotset.declared(page);
    }
    CHECK_EQ(HOT, declared);
    CHECK_EQ(HOT, hotset.nr_declared());
    hotset.run(1000);
    CHECK(wl_right(&hotset));
    move_ms = 0;
    move_what = "whole";
    return same;
}

static void move(void)
{
    host_case("hotset.moves");
    CHECK_EQ(0, stay("whole"));
    CHECK_EQ(HOT - HOT / 4, stay("quarter"));
}

int main(void)
{
    noticed();
    shares();
    move();
    return host_done();
}
