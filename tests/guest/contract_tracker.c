/*
 * A tracker's contract. Four kinds of pages, each in a run of its own: never touched, stored to in every window, in a random
 * part of the windows, and only at first. What must be told of them follows from what the tracker says that it sees.
 */
#include "lib/string.h"
#include "lab/policy.h"
#include "mm/memory.h"
#include "tests/guest/contract.h"

enum { NEVER, STEADY, SOMETIMES, AT_FIRST, KINDS };
enum {
    PAGES = CONTRACT_PAGES,
    KIND_PAGES = PAGES / KINDS,
    FIRST_WINDOWS = 4,
    WINDOWS = 60,       /* after the first few, longer than any tracker keeps what it has seen */
    MANY_WINDOWS = 400, /* for one that sees little of each */
    LAST_WINDOWS = 3
};

static struct observations found;
static bool touched[PAGES];
static u32 seen[PAGES]; /* in this window */
static u64 weights[KINDS];
static u32 told, being_touched;
static u64 random;

/* Hears the touches that a tracker tells at once. */
static void hear(struct space *space, struct touch *touch)
{
    EXPECT(space == &arena);
    EXPECT_EQ(being_touched, touch->page);
    EXPECT(touch->waited_ps <= clock_now_ps() + (1 << 20)); /* times are kept in units of up to a microsecond */
    told++;
}

static const struct classifier listener = {.part = {.name = "listener", .summary = "for tests"}, .touched = hear};

static u64 draw(void)
{
    random = random * 6364136223846793005ull + 1442695040888963407ull;
    return random >> 33;
}

static void touch_page(u32 page)
{
    touched[page] = true;
    being_touched = page;
    clock_book(BOOK_WORKLOAD);
    (void)*guest_at(page, (u32)draw() % 64 * 8);
    *guest_at(page, 1) = guest_word(page, 1);
    clock_book(BOOK_OFF);
}

static void touch_pages(u32 window)
{
    memset(touched, 0, sizeof(touched));
    for (u32 page = 0; page < PAGES; page++) {
        u32 kind = page / KIND_PAGES;
        if (kind == STEADY || (kind == SOMETIMES && draw() % 3 == 0) || (kind == AT_FIRST && window <= FIRST_WINDOWS))
            touch_page(page);
    }
}

static void look(void)
{
    bool done;

    memset(seen, 0, sizeof(seen));
    model_doorbells->epoch = 1;
    if (arena.tracker->tick)
        arena.tracker->tick(&arena, clock_now_ps());
    do {
        found.count = 0;
        done = arena.tracker->step(&arena, &found);
        EXPECT(found.count <= OBSERVATIONS_PER_STEP);
        for (u32 i = 0; i < found.count; i++) {
            const struct observation *o = &found.list[i];
            EXPECT(o->page < PAGES && o->weight && o->flags);
            if (o->page >= PAGES)
                continue;
            seen[o->page]++;
            weights[o->page / KIND_PAGES] += o->weight;
        }
    } while (!done);
}

static void prepare(const struct tracker *tracker)
{
    if (!found.list)
        found.list = kmem_alloc(OBSERVATIONS_PER_STEP * sizeof(struct observation));
    contract_begin();
    for (u32 page = 0; page < PAGES; page++)
        guest_fill(page, 1, page % 2 ? TIER_SLOW : TIER_FAST);
    memset(weights, 0, sizeof(weights));
    random = told = 0;
    touch_pages(1);
    parts_start(&arena, tracker, &listener, NULL);
}

static void finish(void)
{
    parts_stop(&arena);
    contract_expect_all_back();
    contract_end();
}

static u32 nr_seen(u32 kind)
{
    u32 n = 0;

    for (u32 page = kind * KIND_PAGES; page < (kind + 1) * KIND_PAGES; page++)
        n += seen[page] != 0;
    return n;
}

/* One window of a tracker that tells pages apart. */
static void expect_window(const struct tracker *tracker, u32 window)
{
    unsigned tiers = tracker->tiers ? tracker->tiers() : ALL_TIERS;
    u32 missed = 0;

    EXPECT_EQ(0, nr_seen(NEVER));
    if (window > WINDOWS - LAST_WINDOWS)
        EXPECT_EQ(0, nr_seen(AT_FIRST));
    for (u32 page = 0; page < PAGES; page++)
        missed += touched[page] && !seen[page] && tiers & 1u << space_tier(&arena, page);
    if (tracker->sees & SEES_EVERY_WINDOW)
        EXPECT_EQ(0, missed);
}

CONTRACT(tracker_sees, TRACKER, "contract.tracker_sees",
         "a touched page is reported, an untouched one is not, as far as the tracker says that it sees")
{
    const struct tracker *tracker = part;
    u32 windows = tracker->sees ? WINDOWS : MANY_WINDOWS;

    prepare(tracker);
    for (u32 window = 1; window <= windows; window++) {
        touch_pages(window);
        look();
        if (tracker->sees)
            expect_window(tracker, window);
    }
    if (tracker->sees & SEES_TOUCHES)
        EXPECT(told > 0);
    else
        EXPECT_EQ(0, told);
    EXPECT(weights[STEADY] > 0);
    EXPECT(weights[STEADY] > 2 * weights[NEVER]);
    finish();
}

CONTRACT(tracker_starts, TRACKER, "contract.tracker_starts",
         "what was touched before the start is forgotten, the second time as well")
{
    const struct tracker *tracker = part;

    prepare(tracker);
    for (u32 window = 1; window <= 3; window++) {
        touch_pages(window);
        look();
        touch_pages(window);
    }
    for (u32 round = 0; round < 2; round++) {
        if (tracker->part.start)
            tracker->part.start(&arena); /* the measured phase begins */
        model_doorbells->epoch = 1;
        for (u32 window = 0; window < 3; window++) {
            look();
            for (u32 kind = 0; kind < KINDS; kind++)
                EXPECT_EQ(0, nr_seen(kind));
        }
        touch_pages(1);
    }
    finish();
}

CONTRACT(tracker_stops, TRACKER, "contract.tracker_stops",
         "after the stop nothing is protected, no access faults, no page has changed; new pages are nobody's business")
{
    u64 faults;
    u32 wrong = 0;

    for (u32 round = 0; round < 2; round++) {
        prepare(part);
        for (u32 window = 1; window <= 5; window++) {
            touch_pages(window);
            look(); /* may protect, and the stop finds it protected */
        }
        parts_stop(&arena);
        contract_expect_all_back();
        faults = arena.faults;
        touch_pages(1);
        EXPECT_EQ(faults, arena.faults);
        for (u32 page = 0; page < PAGES; page++) {
            const u64 *words = space_bytes(&arena, page);
            for (u32 i = 0; i < PAGE_SIZE / sizeof(u64); i++)
                wrong += words[i] != guest_word(page, i);
        }
        finish();
    }
    EXPECT_EQ(0, wrong);
}
