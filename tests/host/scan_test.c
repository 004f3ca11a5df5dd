/* sources: tests/host/host.c */
/* scan against a simulation of every access; its verifier notices a changed word and a changed sum; its hot set. */
#include "tests/host/wl_arena.h"

#include "workloads/scan.c"

static u64 words[WL_ARENA_BYTES / 8];

/* The definition in the file's first comment, access by access. */
static u64 simulate(u64 ops)
{
    u64 sum = 0;

    for (u64 e = 0; e < footprint / stride; e++)
        words[e] = e << 32;
    for (u64 i = 0; i < ops; i++) {
        u64 q = i / (window / stride), w = q / passes;
        u64 e = (w * (step / stride) + i % (window / stride)) % (footprint / stride);
        if ((e + 37 * q) % 100 < write_share)
            words[e]++;
        else
            sum += words[e];
    }
    return sum;
}

static void shape(u64 bytes, u64 of_window, u64 of_step, u64 of_stride, u64 nr_passes, u64 share)
{
    footprint = bytes, window = of_window, step = of_step, stride = of_stride, passes = nr_passes, write_share = share;
}

static void check(u64 ops)
{
    u64 sum = simulate(ops);

    wl_run(&scan, 1, ops);
    CHECK_EQ(sum, read_sum);
    for (u64 e = 0; e < nr_elements; e++)
        CHECK_EQ(words[e], *word(e));
    CHECK(wl_right(&scan));
    CHECK_EQ(ops * 8, scan.work());
}

static void simulated(void)
{
    host_case("scan.simulated");
    for (int i = 0; i < 40; i++) {
        u64 pages = 1 + host_below(6), steps = 1 + host_below(8);
        shape(pages * steps * PAGE_SIZE, 0, pages * PAGE_SIZE, 8u << host_below(10), 1 + host_below(4),
              host_below(101));
        window = (1 + host_below((u32)(footprint / PAGE_SIZE))) * PAGE_SIZE;
        check(1 + host_below(30000));
    }
}

static void noticed(void)
{
    host_case("scan.wrong_words_and_sums_are_noticed");
    shape(64 * KIB, 16 * KIB, 8 * KIB, 64, 2, 50);
    wl_run(&scan, 1, 5000);
    for (int i = 0; i < 200; i++)
        CHECK(wl_notices(&scan, host_below((u32)nr_elements) * 8, 1ull << host_below(64)));
    read_sum++;
    CHECK(!wl_right(&scan));
    read_sum--;
    done++;
    CHECK(!wl_right(&scan)); /* an access that was not done */
}

static void declared(void)
{
    u32 nr = 0;

    host_case("scan.declares_its_window");
    shape(64 * KIB, 16 * KIB, 8 * KIB, 64, 1, 0);
    wl_run(&scan, 1, 7 * 256 + 1); /* the eighth window: 56 KiB to 64 KiB, and 0 to 8 KiB */
    for (u32 page = 0; page < 20; page++) {
        bool is = page < 2 || (page >= 14 && page < 16);
        CHECK_EQ(is, scan.declared(page));
        nr += scan.declared(page);
    }
    CHECK_EQ(nr, scan.nr_declared());
}

static void refused(void)
{
    host_case("scan.refuses");
    shape(64 * KIB, 128 * KIB, 8 * KIB, 64, 1, 0);
    REFUSES(scan.pages());
    shape(64 * KIB, 16 * KIB, 24 * KIB, 64, 1, 0);
    REFUSES(scan.pages());
    shape(64 * KIB, 16 * KIB, 8 * KIB, 24, 1, 0);
    REFUSES(scan.pages());
}

int main(void)
{
    simulated();
    noticed();
    declared();
    refused();
    return host_done();
}
