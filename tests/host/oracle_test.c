/* sources: tests/host/host.c mm/classify/forecast.c */
/*
 * What the oracle makes of its own record: by how much its swaps have fallen short of what they promised, and what a load is worth to it then.
 */
#include <stdlib.h>

#include "lib/string.h"
#include "tests/host/host.h"

#include "mm/classify/oracle.c"

static struct model_header header;

const volatile struct model_header *model_header(void)
{
    return &header;
}

void *space_own(struct space *s, enum part_kind kind, const void *part, size_t bytes)
{
    (void)s, (void)kind, (void)part, (void)bytes;
    return NULL;
}

void *space_page_array(const struct space *s, void *array, size_t bytes_per_page)
{
    (void)s, (void)array, (void)bytes_per_page;
    return NULL;
}

/* Not asked for here. */
void ranking_start(const struct space *s, struct ranking *ranking)
{
    (void)s, (void)ranking;
}

void ranking_by_counts(const struct space *s, struct ranking *ranking, const u32 *counts, u32 move_gain, u32 swap_gain)
{
    (void)s, (void)ranking, (void)counts, (void)move_gain, (void)swap_gain;
}

struct order ranking_give(struct ranking *ranking)
{
    (void)ranking;
    return (struct order){.page = NO_PAGE};
}

static u64 worth(s64 brought, s64 promised)
{
    const struct oracle_state own = {.brought = brought, .promised = promised};

    return discounted(&own, 1600);
}

static void discount(void)
{
    CHECK_EQ(1600, worth(0, 0));
    CHECK_EQ(1600, worth(50, 40)); /* more than was promised is worth no more */
    CHECK_EQ(800, worth(20, 40));
    CHECK_EQ(100, worth(1, 40)); /* a sixteenth is left */
    CHECK_EQ(100, worth(0, 40));
    CHECK_EQ(100, worth(-30, 40));
    CHECK_EQ(100, worth(-30, 0)); /* nothing was promised, and yet it was lost */
    CHECK_EQ(100, worth(-30, -20));
}

/* Two swaps: 0 for 2, which brings 6 of 10 promised, and 1 for 3, which loses 4 of 2. Half of what was known before remains. */
static void judged(void)
{
    u32 promote[] = {0, 1, 9}, demote[] = {2, 3}, values[4] = {12 << FORECAST_SHIFT, 5 << FORECAST_SHIFT, 2 << FORECAST_SHIFT, 3 << FORECAST_SHIFT};
    struct oracle_state own = {.ranking = {.promote = promote, .demote = demote, .promoted = 3, .demoted = 2}, .values = values, .brought = 20, .promised = 30};

    judge_swaps(&own, (const u32[]){7, 0, 1, 4});
    CHECK_EQ(20 / 2 + 6 - 4, own.brought);
    CHECK_EQ(30 / 2 + 10 + 2, own.promised);
}

int main(void)
{
    host_case("oracle.discount");
    discount();
    host_case("oracle.judged");
    judged();
    return host_done();
}
