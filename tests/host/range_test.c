/* sources: tests/host/host.c lib/sort.c */
/*
 * Demeter's ranges: splitting by cases worked out by hand and against the rule told another way; finding; and what the
 * classifier picks, against a sort of all ranges and a walk page by page.
 */
#include "tests/host/classifier_rig.h"

#include "mm/classify/range.c"

static struct range_list ranges;

/* Ranges of these sizes and counts. */
static void set_up(u32 nr, const u32 (*sizes_counts)[2])
{
    u32 start = 0;

    ranges.nr = nr;
    ranges.splits = 0;
    for (u32 i = 0; i < nr; start = ranges.list[i++].end)
        ranges.list[i] = (struct range){start, start + sizes_counts[i][0], sizes_counts[i][1], 0};
}

static void by_hand(void)
{
    ranges_init(&ranges, 64);
    ranges.list[0].count = 20;
    CHECK_EQ(32, ranges_split(&ranges, 10)); /* alone, with just enough after halving */
    CHECK_EQ(2, ranges.nr);
    CHECK_EQ(32, ranges.list[0].end);
    CHECK_EQ(5, ranges.list[1].count);
    CHECK_EQ(1, ranges.list[1].born);
    ranges.list[0].count = ranges.list[1].count = 100;
    CHECK_EQ(0, ranges_split(&ranges, 10)); /* neither beats the other */
    ranges.list[0].count = 140;             /* 70 against 50: not by more than 20 */
    ranges.list[1].count = 100;
    CHECK_EQ(0, ranges_split(&ranges, 10));
    ranges.list[0].count = 142;
    ranges.list[1].count = 100;
    CHECK_EQ(16, ranges_split(&ranges, 10));
    CHECK_EQ(3, ranges.nr);
    CHECK_EQ(35, ranges.list[1].count);
    CHECK_EQ(50, ranges.list[2].count);
    set_up(3, (const u32[][2]){{1, 1000}, {2, 80}, {4, 0}});
    CHECK_EQ(1, ranges_split(&ranges, 10)); /* a page stays whole; one neighbour that is beaten is enough */
    CHECK_EQ(4, ranges.nr);
    set_up(2, (const u32[][2]){{64, 18}, {4, 0}});
    CHECK_EQ(0, ranges_split(&ranges, 10)); /* 9: too few */
}

static void many(void)
{
    ranges_init(&ranges, 1u << 20);
    for (u32 turn = 0; turn < 40; turn++) {
        for (u32 i = 0; i < ranges.nr; i++)
            ranges.list[i].count = host_below(1000000);
        ranges_split(&ranges, 1);
        CHECK(ranges.nr <= MAX_RANGES);
        for (u32 i = 0; i < ranges.nr; i++)
            CHECK_EQ(i ? ranges.list[i - 1].end : 0, ranges.list[i].start);
        CHECK_EQ(1u << 20, ranges.list[ranges.nr - 1].end);
        for (u32 n = 0; n < 50; n++) {
            u32 page = host_below(1u << 20);
            const struct range *r = ranges_find(&ranges, page);
            CHECK(r->start <= page && page < r->end);
        }
    }
    CHECK_EQ(MAX_RANGES, ranges.nr);
}

/* Hottest first: density, count, place. */
static int hotter(const void *a, const void *b)
{
    const struct range *x = a, *y = b;
    u32 dense_x = x->count / (x->end - x->start), dense_y = y->count / (y->end - y->start);

    if (dense_x != dense_y)
        return dense_x > dense_y ? -1 : 1;
    if (x->count != y->count)
        return x->count > y->count ? -1 : 1;
    return x->start > y->start ? -1 : 1;
}

/* What is to be picked, in order, from the ranges as they are. */
static u32 up[RIG_PAGES], down[RIG_PAGES], nr_up, nr_down;

static void pick(const struct range_list *all)
{
    static struct range sorted[MAX_RANGES];
    u32 first = 0, left = rig.share[TIER_FAST], room = space_room(&rig, TIER_FAST), need, end;

    memcpy(sorted, all->list, all->nr * sizeof(sorted[0]));
    qsort(sorted, all->nr, sizeof(sorted[0]), hotter);
    while (first < all->nr && sorted[first].born + range_cool > all->splits)
        first++;
    nr_up = nr_down = 0;
    for (; first < all->nr && sorted[first].count && left; first++)
        for (u32 page = sorted[first].start; page < sorted[first].end && left; page++)
            if (rig_tier[page] >= 0) {
                left--;
                if (rig_tier[page] == TIER_SLOW)
                    up[nr_up++] = page;
            }
    need = nr_up > room ? nr_up - room : 0;
    for (end = all->nr; end > first; end--)
        for (u32 page = sorted[end - 1].start; page < sorted[end - 1].end && nr_down < need; page++)
            if (rig_tier[page] == TIER_FAST)
                down[nr_down++] = page;
    nr_up = MIN(nr_up, nr_down + room);
}

static void random_run(void)
{
    struct ranges *s;

    range_unit = 1 + host_below(4);
    range_split = 1 + host_below(20);
    range_cool = host_below(4);
    range_gate = host_below(2);
    rig_start(&range, 5 + host_below(30));
    s = rig.own[CLASSIFIER];
    for (u32 page = 0; page < RIG_PAGES; page++)
        if (page < 40 || host_below(2))
            rig_map(page);
    for (u32 n = 0; n < 40; n++) {
        u32 hot = host_below(RIG_PAGES), given_up = 0, given_down = 0, before = s->all.nr, smallest = UINT32_MAX;
        struct order order;
        for (u32 i = host_below(60); i; i--) {
            u32 page = host_below(5) ? MIN(hot + host_below(8), RIG_PAGES - 1) : host_below(RIG_PAGES);
            struct observation o = {.page = page, .weight = 1 + (host_below(5) & 3)};
            u32 was = ranges_find(&s->all, page)->count;
            range_observe(&rig, &o, 1, n);
            CHECK_EQ(was + o.weight * range_unit, ranges_find(&s->all, page)->count);
        }
        while (!range_decide(&rig))
            ;
        for (u32 i = 0; i < s->all.nr; i++)
            smallest = MIN(smallest, s->all.list[i].end - s->all.list[i].start);
        pick(&s->all);
        if (range_gate && (s->all.nr == before || smallest > 1))
            nr_up = nr_down = 0;
        while ((order = rig_ask(TIER_SLOW)).page != NO_PAGE && given_down < nr_down) {
            CHECK_EQ(down[given_down++], order.page);
            rig_end(0, MOVED);
        }
        while ((order = rig_ask(TIER_FAST)).page != NO_PAGE && given_up < nr_up) {
            CHECK_EQ(up[given_up++], order.page);
            rig_end(0, MOVED);
        }
        CHECK_EQ(nr_up, given_up);
        CHECK_EQ(nr_down, given_down);
        CHECK_EQ(0, rig_nr_open);
    }
}

int main(void)
{
    host_case("range.split_by_hand");
    by_hand();

    host_case("range.split_many");
    many();

    host_case("range.picks");
    for (u64 seed = 1; seed <= 300; seed++) {
        host_seed(seed);
        random_run();
    }
    return host_done();
}
