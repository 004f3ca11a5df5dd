/* sources: tests/host/host.c */
/*
 * DAMON's schemes: the score against the kernel's formula, and orders against a sort of all pages by score, with the goals,
 * the quota and the filter applied one page after the other.
 */
#include "tests/host/classifier_rig.h"

#include "mm/classify/damos.c"

static u32 seen[RIG_PAGES], last[RIG_PAGES], age[RIG_PAGES], highest;
static u32 list[NR_TIERS][RIG_PAGES], nr[NR_TIERS], at[NR_TIERS], left[NR_TIERS]; /* by where they are to go */

/* mm/damon/ops-common.c, in its own steps. */
static int kernel_hot_score(int frequency, int max_frequency, int age_seconds)
{
    int frequency_score = MIN(frequency * 100 / max_frequency, 100), age_in_log, age_score;

    for (age_in_log = 0; age_in_log < 32 && age_seconds; age_in_log++, age_seconds >>= 1)
        ;
    if (frequency_score == 0)
        age_in_log *= -1;
    age_in_log += 32;
    age_score = age_in_log * 100 / 32 / 2;
    return MIN((frequency_score + age_score) / 2, 99);
}

/* The pages that a decision ranks, highest score first, equal ones by number, as many as the quota has. */
static void rank_all(void)
{
    u32 most = 0;

    nr[TIER_FAST] = nr[TIER_SLOW] = at[TIER_FAST] = at[TIER_SLOW] = 0;
    left[TIER_FAST] = left[TIER_SLOW] = (u32)damos_quota;
    for (u32 page = 0; page < RIG_PAGES; page++) {
        u32 change = seen[page] > last[page] ? seen[page] - last[page] : last[page] - seen[page];
        age[page] = change > highest / 10 ? 0 : MIN(age[page] + 1, 255);
        last[page] = seen[page];
        most = MAX(most, seen[page]);
    }
    for (int score = 99; score >= 0; score--)
        for (u32 page = 0; page < RIG_PAGES; page++) {
            int to = rig_tier[page] ^ 1, hot = kernel_hot_score((int)seen[page], (int)highest, (int)age[page]);
            if (rig_tier[page] < 0 || (to == TIER_FAST) != (seen[page] > 0))
                continue;
            if ((to == TIER_FAST ? hot : 99 - hot) == score)
                list[to][nr[to]++] = page;
        }
    highest = MAX(most, 1);
}

static void ask(enum tier to)
{
    u32 free = space_room(&rig, TIER_FAST) + (to == TIER_SLOW ? rig_demoting() : 0), share = rig.share[TIER_FAST], want = NO_PAGE;

    if (to == TIER_FAST ? free * 10000 > share * (10000 - damos_used) : free * 10000 < share * damos_free)
        while (left[to] && at[to] < nr[to] && want == NO_PAGE) {
            u32 page = list[to][at[to]++];
            if (((rig_entries[page].bits & PTE_ACCESSED) != 0) == (to == TIER_FAST))
                want = page;
        }
    left[to] -= want != NO_PAGE;
    CHECK_EQ(want, rig_ask(to).page);
}

static void random_run(void)
{
    damos_quota = 1 + host_below(20);
    damos_used = host_below(2) ? 9970 : 8000;
    damos_free = host_below(2) ? 50 : 3000;
    rig_start(&damos, 5 + host_below(30));
    memset(seen, 0, sizeof(seen));
    memset(last, 0, sizeof(last));
    memset(age, 0, sizeof(age));
    highest = 1;
    for (u32 page = 0; page < RIG_PAGES; page++)
        if (page < 50 || host_below(2))
            rig_map(page);
    for (u32 n = 0; n < 300; n++) {
        bool reported = false;
        for (u32 i = host_below(4) ? host_below(100) : 0; i; i--) {
            u32 page = host_below(3) ? host_below(RIG_PAGES / 3) * 3 : host_below(RIG_PAGES);
            struct observation o = {.page = page, .weight = host_below(10) ? 1 + host_below(20) : 300};
            if (rig_tier[page] < 0)
                continue;
            if (!reported)
                memset(seen, 0, sizeof(seen));
            reported = true;
            damos_observe(&rig, &o, 1, n + 1);
            seen[page] = MIN(seen[page] + o.weight, 255);
            rig_entries[page].bits |= host_below(4) ? PTE_ACCESSED : 0;
        }
        while (rig_nr_open)
            rig_end_one();
        rank_all();
        while (!damos_decide(&rig))
            ;
        for (u32 i = host_below(30); i; i--) {
            ask(host_below(2) ? TIER_FAST : TIER_SLOW);
            if (rig_nr_open && host_below(3))
                rig_end_one();
        }
    }
}

int main(void)
{
    host_case("damos.score");
    for (int frequency = 0; frequency < 256; frequency++)
        for (int most = 1; most < 256; most += 7)
            for (int ages = 0; ages < 256; ages += 5)
                CHECK_EQ(kernel_hot_score(frequency, most, ages), hotness((u32)frequency, (u32)most, (u32)ages));

    host_case("damos.orders");
    for (u64 seed = 1; seed <= 60; seed++) {
        host_seed(seed);
        random_run();
    }
    return host_done();
}
