/* sources: tests/host/host.c mm/classify/by_counts.c mm/sort.c */
/* Plans: made from counts, against a search for the best pair each time; and handed out to migrators. */
#include "kernel/string.h"
#include "mm/classify/by_counts.h"
#include "mm/memory.h"
#include "mm/move.h"
#include "tests/host/host.h"

#define NR_PAGES 50

#define NO_PAGE UINT32_MAX

enum { ABSENT = NR_TIERS };

static int tier[NR_PAGES];
static u32 counts[NR_PAGES], promote[NR_PAGES], demote[NR_PAGES];
static struct space space = {.nr_pages = NR_PAGES};
static struct plan plan = {.promote = promote, .demote = demote};

/* The rest of mm/, as far as it is asked here. */
struct frame_pool frame_pools[NR_TIERS];

void *kmem_alloc(size_t bytes)
{
    static u64 memory[NR_TIERS][NR_PAGES];
    static unsigned used;

    CHECK(used < NR_TIERS && bytes <= sizeof(memory[0]));
    return memory[used++];
}

bool space_resident(const struct space *s, u32 page)
{
    (void)s;
    return tier[page] != ABSENT;
}

enum tier space_tier(const struct space *s, u32 page)
{
    (void)s;
    return (enum tier)tier[page];
}

/* A tier's page with the highest (or lowest) count that is not taken yet; between equals its number decides. */
static u32 best(int of, bool highest, const bool *taken)
{
    u32 found = NO_PAGE;

    for (u32 page = 0; page < NR_PAGES; page++) {
        if (tier[page] != of || taken[page])
            continue;
        if (found == NO_PAGE || (highest ? counts[page] >= counts[found] : counts[page] < counts[found]))
            found = page;
    }
    return found;
}

static void check_plan(u32 capacity, u32 move_gain, u32 swap_gain)
{
    bool taken[NR_PAGES] = {0};
    u32 room = capacity > space.resident[TIER_FAST] ? capacity - space.resident[TIER_FAST] : 0, up = 0, down = 0;

    for (;;) {
        u32 hot = best(TIER_SLOW, true, taken), cold = best(TIER_FAST, false, taken);
        if (hot == NO_PAGE)
            break;
        if (room) {
            if (counts[hot] <= move_gain)
                break;
            room--;
        } else {
            if (cold == NO_PAGE || (u64)counts[hot] <= (u64)counts[cold] + swap_gain)
                break;
            CHECK(down < plan.nr_demote && demote[down] == cold);
            down++;
            taken[cold] = true;
        }
        CHECK(up < plan.nr_promote && promote[up] == hot);
        up++;
        taken[hot] = true;
    }
    CHECK_EQ(up, plan.nr_promote);
    CHECK_EQ(down, plan.nr_demote);
}

static void random_plan(void)
{
    u32 distinct = host_below(3) ? 1 + host_below(10) : UINT32_MAX, capacity = host_below(NR_PAGES);
    u32 move_gain = host_below(3), swap_gain = move_gain + host_below(4);

    space.resident[TIER_FAST] = space.resident[TIER_SLOW] = 0;
    for (u32 page = 0; page < NR_PAGES; page++) {
        tier[page] = (int)host_below(NR_TIERS + 1);
        counts[page] = host_below(distinct);
        if (tier[page] != ABSENT)
            space.resident[tier[page]]++;
    }
    plan_by_counts(&space, counts, capacity, move_gain, swap_gain, &plan);
    check_plan(capacity, move_gain, swap_gain);
}

/*
 * A migrator that keeps up to `batch` moves open: a moved page's old frame is free only when its batch is closed.
 * Everything that fits must have been handed out in the end, each list in its order and nothing left out.
 */
static void carry_out(u32 nr_promote, u32 nr_demote, u32 free, u32 batch)
{
    struct plan_cursor cursor = {.plan = &plan};
    u32 up = 0, down = 0, open, page;
    enum tier to;

    plan.nr_promote = nr_promote;
    plan.nr_demote = nr_demote;
    for (u32 i = 0; i < NR_PAGES; i++)
        promote[i] = i, demote[i] = 100 + i;
    frame_pools[TIER_FAST].nr_free = free;
    do {
        u32 freed = 0;
        for (open = 0; open < batch && plan_next(&cursor, &page, &to); open++) {
            if (to == TIER_FAST) {
                CHECK(frame_pools[TIER_FAST].nr_free > 0);
                CHECK_EQ(up, page);
                frame_pools[TIER_FAST].nr_free--, up++;
            } else {
                CHECK_EQ(100 + down, page);
                down++, freed++;
            }
        }
        frame_pools[TIER_FAST].nr_free += freed;
    } while (open);
    CHECK_EQ(nr_demote, down);
    CHECK_EQ(MIN(nr_promote, free + nr_demote), up);
}

int main(void)
{
    host_case("plan.by_counts");
    for (u64 seed = 1; seed <= 3000; seed++) {
        host_seed(seed);
        random_plan();
    }
    host_case("plan.carried_out");
    for (u32 up = 0; up < 7; up++)
        for (u32 down = 0; down < 7; down++)
            for (u32 free = 0; free < 7; free++)
                for (u32 batch = 1; batch < 9; batch++)
                    carry_out(up, down, free, batch);
    return host_done();
}
