/* hint: each protected page that is touched faults once, and no other; moves keep the protection. */
#include "mm/track/hint.h"
#include "lib/string.h"
#include "mm/memory.h"
#include "mm/tlb.h"
#include "tests/guest/tracked.h"

enum { PAGES = TRACKED_PAGES, PART = 700, TIME_UNIT_PS = 1 << 20 };

static u32 touches[PAGES];

static void prepare_hint(void)
{
    tracked_prepare("hint");
    memset(touches, 0, sizeof(touches));
}

static bool is_protected(u32 page)
{
    const pte_t entry = *(volatile pte_t *)space_entry(&arena, page);

    return !pte_present(entry) && entry.bits & PTE_HINT;
}

static u32 nr_protected(void)
{
    u32 n = 0;

    for (u32 page = 0; page < PAGES; page++)
        n += is_protected(page);
    return n;
}

/* Touches a random half of the pages up to three times each; returns how many of them were protected. */
static u32 touch_half(u64 random)
{
    u32 first = 0;

    for (u32 i = 0; i < 2 * PAGES; i++) {
        u32 page = (u32)next_random(&random) % PAGES;
        bool write = page % 3 == 0;
        if (page % 2)
            continue;
        first += is_protected(page);
        touches[page] = is_protected(page) ? 1 : touches[page];
        (write ? store_page : load_page)(page);
        EXPECT(!is_protected(page));
    }
    return first;
}

TEST(hint_once, "track.hint",
     "hint faults: one for each protected and touched page, none for any other, and data unharmed")
{
    u64 usual = hint_pages, faults;
    u32 first;

    hint_pages = PART;
    prepare_hint();
    tracked_look();
    EXPECT_EQ(PART, nr_protected());
    for (u32 window = 0; window < 8; window++) {
        u32 wrong = 0;
        memset(touches, 0, sizeof(touches));
        faults = arena.faults;
        first = touch_half(window);
        EXPECT(window > 3 || first > 0);
        EXPECT_EQ(first, arena.faults - faults);
        tracked_look();
        for (u32 page = 0; page < PAGES; page++) {
            wrong += seen[page] != touches[page] || weights[page] != touches[page];
            wrong += touches[page] && flags[page] != (page % 3 ? OBSERVED_READ : OBSERVED_WRITTEN);
        }
        EXPECT_EQ(0, wrong);
    }
    for (u32 page = 1; page < PAGES; page += 2)
        EXPECT(is_protected(page)); /* never touched, and the cursor has come round */
    tracked_finish();
    hint_pages = usual;
}

TEST(hint_bits, "track.hint_bits", "an access that was given back has A set, a store D too; fast pages can be left out")
{
    u64 usual = hint_pages, flushes = tlb_counts.full;

    hint_pages = PAGES;
    hint_fast = 0;
    prepare_hint();
    tracked_look();
    EXPECT_EQ(1, tlb_counts.full - flushes);
    EXPECT_EQ(PAGES - PAGES / 2, nr_protected());
    EXPECT(!is_protected(0));
    load_page(PAGES - 1);
    store_page(PAGES - 2);
    EXPECT_EQ(PTE_ACCESSED, space_entry(&arena, PAGES - 1)->bits & (PTE_ACCESSED | PTE_DIRTY));
    EXPECT_EQ(PTE_ACCESSED | PTE_DIRTY, space_entry(&arena, PAGES - 2)->bits & (PTE_ACCESSED | PTE_DIRTY));
    tracked_finish();
    hint_fast = 1;
    hint_pages = usual;
}

TEST(hint_latency, "track.hint_latency", "the time from protection to fault, and weights derived from it")
{
    const struct hint *counted;
    u64 usual = hint_pages;

    hint_pages = PAGES;
    hint_weight_us = 60;
    prepare_hint();
    clock_charge(ACCOUNT_OTHER,
                 TIME_UNIT_PS - clock_now_ps() % TIME_UNIT_PS); /* the step's shootdown is part of a unit */
    tracked_look();
    clock_charge(ACCOUNT_OTHER, 10 * TIME_UNIT_PS);
    load_page(1);
    clock_charge(ACCOUNT_OTHER, 20 * TIME_UNIT_PS);
    load_page(2);
    clock_charge(ACCOUNT_OTHER, 70 * TIME_UNIT_PS);
    load_page(3);
    hint_pages = 0;
    tracked_look();
    EXPECT_EQ(6, weights[1]);
    EXPECT_EQ(2, weights[2]);
    EXPECT_EQ(1, weights[3]);
    counted = arena.own[TRACKER];
    EXPECT_EQ(3, counted->hint_faults);
    EXPECT_EQ(140ull * TIME_UNIT_PS, counted->hint_latency_ps);
    tracked_finish();
    hint_weight_us = 0;
    hint_pages = usual;
}

/* A protected page in flight is the migrator's, and the tracker's stop() leaves it so. */
static void expect_left_to_migrator(void)
{
    static const u32 promote[] = {PAGES - 100};
    const pte_t *entry = space_entry(&arena, promote[0]);

    insert_migrator("batch", (struct guest_orders){.promote = promote, .nr_promote = 1});
    migrator->step(&arena, 1);
    EXPECT_EQ(PTE_HINT | PTE_MOVING, entry->bits & (PTE_HINT | PTE_MOVING | PTE_PRESENT));
    tracker->part.stop(&arena);
    EXPECT_EQ(PTE_MOVING, entry->bits & (PTE_HINT | PTE_MOVING | PTE_PRESENT));
    migrator->part.stop(&arena);
    EXPECT_EQ(PTE_PRESENT, entry->bits & (PTE_HINT | PTE_MOVING | PTE_PRESENT));
}

TEST(hint_moves, "track.hint_moves", "a protected page can be moved, is still protected afterwards, and faults once")
{
    static const char *const names[] = {"sync", "batch"};
    u64 usual = hint_pages, faults;

    hint_pages = PAGES;
    for (unsigned m = 0; m < ARRAY_SIZE(names); m++) {
        u32 in_flight = 0;
        prepare_hint();
        tracked_look();
        move_pages(names[m], &in_flight);
        EXPECT(in_flight > 0);
        for (u32 i = 0; i < 20; i++)
            EXPECT(is_protected(i) && is_protected(PAGES - 1 - i));
        faults = arena.faults;
        for (u32 i = 0; i < 20; i++) {
            load_page(i);
            store_page(PAGES - 1 - i);
        }
        EXPECT_EQ(40, arena.faults - faults);
        tracked_look();
        for (u32 i = 0; i < 20; i++)
            EXPECT(seen[i] == 1 && seen[PAGES - 1 - i] == 1);
        for (u32 i = 20; i < 60; i++)
            EXPECT(seen[i] <= 1);
        expect_left_to_migrator();
        tracked_finish();
    }
    hint_pages = usual;
}

/* Which pages are protected now. */
static u32 take_sample(bool *sample)
{
    u32 fast = 0;

    for (u32 page = 0; page < PAGES; page++) {
        sample[page] = is_protected(page);
        fast += page < PAGES / 2 && sample[page];
    }
    return fast;
}

TEST(poison, "track.poison", "a random sample faults once a window, all of the slow tier with it; after so many windows it is another one")
{
    static bool sample[PAGES], now[PAGES];
    u64 windows = guest_set_key("poison_windows", 3), faults;
    u32 fast, changed = 0, kept = 0;

    tracked_prepare("poison");
    tracked_look();
    fast = take_sample(sample);
    EXPECT(fast > PAGES / 2 * 2 / 100 && fast < PAGES / 2 * 9 / 100); /* 5 % */
    for (u32 page = PAGES / 2; page < PAGES; page++)
        EXPECT(sample[page]);
    for (u32 window = 2; window <= 4; window++) {
        u32 wrong = 0, first = window == 4 ? PAGES / 2 : 0; /* at last the fast tier's are still protected */
        faults = arena.faults;
        for (u32 page = first; page < PAGES; page++) {
            load_page(page);
            load_page(page);
        }
        EXPECT_EQ((first ? 0 : fast) + PAGES - PAGES / 2, arena.faults - faults);
        tracked_look();
        take_sample(now);
        for (u32 page = 0; page < PAGES; page++) {
            wrong += seen[page] != (sample[page] && page >= first);
            changed += now[page] != sample[page];
            kept += window == 4 && page < PAGES / 2 && now[page] && sample[page];
        }
        EXPECT_EQ(0, wrong);
        EXPECT((changed != 0) == (window == 4));
    }
    EXPECT(changed > fast);
    EXPECT(kept < fast / 2); /* by chance; the others were given back */
    tracked_finish();
    guest_set_key("poison_windows", windows);
}
