#include "mm/classify/buckets.h"
#include "lib/string.h"

KEY_NUMBER(bucket_keep, "bucket_keep", 13, 0, 1 << 20,
                  "bucket, threshold: frames of the fast tier kept free; vTMM: 12800, divided by 1024");
KEY_NUMBER(bucket_least, "bucket_least", 25, 0, 1 << 20,
                  "bucket, threshold: pages to be moved, or nothing is; vTMM: 25600 (100 MB), divided by 1024");
KEY_NUMBER(bucket_rest, "bucket_rest", 3, 0, 1000,
                  "bucket, threshold: decisions sat out when that was too few to move; vTMM: 3");
KEY_NUMBER(bucket_step, "bucket_step", 4096, 64, 1 << 20,
                  "bucket, threshold: pages looked at in a deciding step; arbitrary: some 20 us");

#define WRITTEN_WEIGHT 3
#define SLOW_BIT       0x80
#define NOT_THERE      0xff

void buckets_start(struct space *space, struct buckets *b)
{
    struct ranking *r = &b->ranking;

    *r = (struct ranking){.promote = space_page_array(space, r->promote, sizeof(u32)),
                          .demote = space_page_array(space, r->demote, sizeof(u32))};
    b->rising = space_page_array(space, b->rising, 1);
    b->sorted = space_page_array(space, b->sorted, 1);
    b->next_page = b->resting = 0;
    b->placing = false;
    b->nr_hot = 0;
    b->bucket_rests = 0;
}

void buckets_observe(struct buckets *b, const struct observation *list, u32 count)
{
    for (u32 i = 0; i < count; i++) {
        u32 heat = b->rising[list[i].page] + list[i].weight * (list[i].flags & OBSERVED_WRITTEN ? WRITTEN_WEIGHT : 1);
        b->rising[list[i].page] = (u8)MIN(heat, NR_TEMPERATURES - 1);
    }
}

/* From now on observations belong to the next decision. */
static void begin(struct buckets *b)
{
    u8 *emptied = b->sorted;

    b->sorted = b->rising;
    b->rising = emptied;
    b->ranking.nr_promote = b->ranking.nr_demote = b->ranking.promoted = b->ranking.demoted = 0;
    memset(b->pages, 0, sizeof(b->pages));
}

static void count_pages(const struct space *space, struct buckets *b, u32 end)
{
    for (u32 page = b->next_page; page < end; page++) {
        const pte_t *entry = space_entry(space, page);
        u8 value = b->value[b->sorted[page]];
        enum tier tier;

        if (!entry || !pte_has_frame(*entry)) {
            b->sorted[page] = NOT_THERE;
            continue;
        }
        tier = frame_tier(pte_pfn(*entry));
        b->sorted[page] = tier == TIER_SLOW ? value | SLOW_BIT : value;
        b->pages[tier][value]++;
    }
}

/* Decides how many pages of each bucket are moved, and where they stand in the ranking. */
static void choose(const struct space *space, struct buckets *b)
{
    u32 capacity = space->share[TIER_FAST] - (u32)MIN(bucket_keep, space->share[TIER_FAST]);
    u32 left = capacity, up = 0, down = 0, fast = b->pages[TIER_FAST][0];

    memset(b->chosen, 0, sizeof(b->chosen));
    b->stay[0] = 0;
    for (u32 v = NR_TEMPERATURES - 1; v > 0; v--) { /* a page of bucket 0 is never hot */
        b->stay[v] = MIN(b->pages[TIER_FAST][v], left);
        left -= b->stay[v];
        b->chosen[TIER_SLOW][v] = MIN(b->pages[TIER_SLOW][v], left);
        left -= b->chosen[TIER_SLOW][v];
        b->at[TIER_SLOW][v] = up;
        up += b->chosen[TIER_SLOW][v];
        fast += b->pages[TIER_FAST][v];
    }
    for (u32 v = 0; v < NR_TEMPERATURES && fast + up > capacity + down; v++) {
        b->at[TIER_FAST][v] = down;
        b->chosen[TIER_FAST][v] = MIN(b->pages[TIER_FAST][v] - b->stay[v], fast + up - capacity - down);
        down += b->chosen[TIER_FAST][v];
    }
    b->nr_hot = capacity - left;
    b->ranking.nr_promote = up;
    b->ranking.nr_demote = down;
}

static void place_pages(struct buckets *b, u32 end)
{
    u32 *const to[NR_TIERS] = {[TIER_FAST] = b->ranking.demote, [TIER_SLOW] = b->ranking.promote};

    for (u32 page = b->next_page; page < end; page++) {
        u8 value = b->sorted[page] & (u8)~SLOW_BIT;
        enum tier tier = b->sorted[page] & SLOW_BIT ? TIER_SLOW : TIER_FAST;
        bool there = b->sorted[page] != NOT_THERE;

        b->sorted[page] = 0;
        if (there && tier == TIER_FAST && b->stay[value]) {
            b->stay[value]--;
        } else if (there && b->chosen[tier][value]) {
            b->chosen[tier][value]--;
            to[tier][b->at[tier][value]++] = page;
        }
    }
}

/* Whether this decision is to be sat out. */
static bool rests(struct buckets *b)
{
    if (!b->resting)
        return false;
    b->resting--;
    b->bucket_rests++;
    return true;
}

bool buckets_decide(struct space *space, struct buckets *b)
{
    u32 end = (u32)MIN(b->next_page + bucket_step, space->nr_pages);
    bool pass_done = end == space->nr_pages;

    if (!b->placing && !b->next_page)
        begin(b);
    if (b->placing)
        place_pages(b, end);
    else
        count_pages(space, b, end);
    b->next_page = pass_done ? 0 : end;
    if (!pass_done)
        return false;
    b->placing = !b->placing;
    if (!b->placing)
        return true;
    choose(space, b);
    if (rests(b)) {
        b->ranking.nr_promote = b->ranking.nr_demote = 0;
    } else if (b->ranking.nr_promote + b->ranking.nr_demote < bucket_least) {
        b->ranking.nr_promote = b->ranking.nr_demote = 0;
        b->resting = (u32)bucket_rest;
    }
    return false;
}
