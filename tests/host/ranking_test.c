/* sources: tests/host/host.c mm/ranking.c lib/sort.c */
/* Rankings: made from counts, against a search for the best pair each time; and handed out, each page once. */
#include "mm/ranking.h"
#include "lib/string.h"
#include "mm/memory.h"
#include "mm/move.h"
#include "tests/host/host.h"

#define NR_PAGES 50
enum { ABSENT = NR_TIERS };

static int tier[NR_PAGES];
static u32 counts[NR_PAGES];
static struct space space = {.nr_pages = NR_PAGES};
static struct ranking ranking;

/* The rest of mm/, as far as it is asked here. */
struct frame_pool frame_pools[NR_TIERS];
volatile u32 *model_frames;

void *kmem_alloc(size_t bytes)
{
    static u64 memory[4][NR_PAGES + 1];
    static unsigned used;

    CHECK(used < 4 && bytes <= sizeof(memory[0]));
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

static void check_ranking(u32 room, u32 move_gain, u32 swap_gain)
{
    bool taken[NR_PAGES] = {0};
    u32 up = 0, down = 0;

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
            CHECK(down < ranking.nr_demote && ranking.demote[down] == cold);
            down++;
            taken[cold] = true;
        }
        CHECK(up < ranking.nr_promote && ranking.promote[up] == hot);
        up++;
        taken[hot] = true;
    }
    CHECK_EQ(up, ranking.nr_promote);
    CHECK_EQ(down, ranking.nr_demote);
}

/* Every page is handed out once, in its order, to its tier; then there is none, again and again. */
static void check_handed_out(void)
{
    for (unsigned to = 0; to < NR_TIERS; to++) {
        u32 n = to == TIER_FAST ? ranking.nr_promote : ranking.nr_demote;
        for (u32 i = 0; i < n + 2; i++) {
            struct order order = ranking_next(&ranking, (enum tier)to);
            CHECK_EQ(i >= n ? NO_PAGE : to == TIER_FAST ? ranking.promote[i] : ranking.demote[i], order.page);
            CHECK_EQ(to, order.to);
        }
    }
}

/* Whoever has to give gets the rest of the fast tier's pages, coldest first; then there is none. */
static void check_given(void)
{
    bool taken[NR_PAGES] = {0};
    u32 page;

    for (u32 i = 0; i < ranking.nr_demote; i++)
        taken[ranking.demote[i]] = true;
    while ((page = best(TIER_FAST, false, taken)) != NO_PAGE) {
        struct order order = ranking_give(&ranking);
        CHECK(order.page == page && order.to == TIER_SLOW);
        taken[page] = true;
    }
    CHECK_EQ(NO_PAGE, ranking_give(&ranking).page);
    CHECK_EQ(NO_PAGE, ranking_give(&ranking).page);
}

static void random_ranking(void)
{
    u32 distinct = host_below(3) ? 1 + host_below(10) : UINT32_MAX, room = host_below(NR_PAGES);
    u32 move_gain = host_below(3), swap_gain = move_gain + host_below(4);

    space.left[TIER_FAST] = host_below(4) ? (s32)room : -(s32)room;
    for (u32 page = 0; page < NR_PAGES; page++) {
        tier[page] = (int)host_below(NR_TIERS + 1);
        counts[page] = host_below(distinct);
    }
    ranking_by_counts(&space, &ranking, counts, move_gain, swap_gain);
    check_ranking(space_room(&space, TIER_FAST), move_gain, swap_gain);
    check_handed_out();
    check_given();
}

int main(void)
{
    host_case("ranking.by_counts");
    ranking_start(&space, &ranking);
    for (u64 seed = 1; seed <= 3000; seed++) {
        host_seed(seed);
        random_ranking();
    }
    host_case("ranking.start_empties");
    ranking_start(&space, &ranking);
    check_handed_out();
    CHECK_EQ(0, ranking.nr_promote + ranking.nr_demote);
    CHECK_EQ(NO_PAGE, ranking_give(&ranking).page);
    return host_done();
}
