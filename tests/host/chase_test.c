/* sources: tests/host/host.c */
/* chase: one cycle through every line, sums that follow from their number, a verifier that notices. */
#include "tests/host/wl_arena.h"

#include "workloads/chase.c"

static u8 visited[WL_ARENA_BYTES / 64];

static void shape(u64 bytes, u64 nr_chains, const char *order)
{
    chase_bytes = bytes, chains = nr_chains, chase_order = order;
}

/* One lap, line by line. */
static void one_cycle(void)
{
    host_case("chase.one_cycle_through_all_lines");
    for (u64 pages = 1; pages <= 64; pages += 1 + host_below(9)) {
        u64 where = 0;
        shape(pages * PAGE_SIZE, 1, "random");
        wl_run(&chase, pages, 1);
        memset(visited, 0, sizeof(visited));
        for (u64 i = 0; i < nr_lines; i++) {
            where = wl_words[where * 8];
            CHECK(where < nr_lines && !visited[where]);
            visited[where] = 1;
        }
        CHECK_EQ(0, where);
    }
}

/* 64 KiB are n = 1024 lines: a lap is n (n - 1) / 2, whatever the order and the seed. */
static void laps(void)
{
    u64 checksum;

    host_case("chase.laps");
    for (unsigned i = 0; i < 2; i++) {
        for (u64 c = 1; c <= MAX_CHAINS; c++) {
            shape(64 * KIB, c, i ? "sequential" : "random");
            wl_run(&chase, c, 1024);
            CHECK(chase.verify(&checksum));
            CHECK_EQ(523776 * c, checksum);
            CHECK_EQ(1024 * c, chase.work());
            wl_run(&chase, c, 3 * 1024 + 77);
            CHECK(chase.verify(&checksum));
        }
    }
    shape(64 * KIB, 2, "sequential"); /* from 0 and from 512 ten steps on */
    wl_run(&chase, 1, 10);
    CHECK(chase.verify(&checksum));
    CHECK_EQ(55 + 10 * 512 + 55, checksum);
}

static void noticed(void)
{
    host_case("chase.damage_is_noticed");
    shape(64 * KIB, 3, "random");
    wl_run(&chase, 5, 5000);
    for (int i = 0; i < 200; i++)
        CHECK(wl_notices(&chase, host_below(1024) * 8, 1ull << host_below(64)));
    sum++;
    CHECK(!wl_right(&chase));
    sum--;
    at[2] ^= 1;
    CHECK(!wl_right(&chase));
    at[2] ^= 1;
    CHECK(wl_right(&chase));
}

int main(void)
{
    one_cycle();
    laps();
    noticed();
    return host_done();
}
