/*
 * Pages that carry their identity and the versions of their last stores are moved up and down at random by every migrator,
 * while they are stored to and loaded from: no update may be lost or torn, whatever else goes wrong.
 *
 *      a step of the migrator, of random length, sometimes of none, so that all is completed
 *      every `FAILING`-th order finds no frame
 *      then loads and stores at random, most of them to pages that are on their way;  each load is checked
 *      now and then dirty bits are taken by a tracker, all parts are stopped and started again, and every word is checked
 *
 * An update writes the four words of a page that hold its version, one after the other, and moves go on in between.
 */
#include "lib/registry.h"
#include "lib/string.h"
#include "mm/memory.h"
#include "mm/move.h"
#include "tests/guest/guest.h"

enum { PAGES = 160, STAMPS = 4, FAILING = 7, WORDS = PAGE_SIZE / sizeof(u64), IDLE_STEPS = 1000 };

static KEY_NUMBER(stress_moves, "stress_moves", 60000, 100, UINT32_MAX,
                  "test stress.pages: moves of all migrators together; tests/long/stress.sh: ten million");

static const u32 stamp_at[STAMPS] = {0, 1, WORDS / 2, WORDS - 1}; /* the last of them in the page's last line */

static u64 random_state, version;
static u64 stamps[PAGES][STAMPS];
static u32 next_stamp[PAGES];                   /* of the update that is under way */
static bool taken[PAGES], stored_to[PAGES];     /* by the migrator; and since its last step */
static u32 orders, outcomes[NR_OUTCOMES];
static u32 left; /* orders that are still given in this step: some migrators go on until there is none */
static u32 hidden_for, hidden_frames[NR_TIERS]; /* room that an order does not find, and the page of that order */
static u64 copies, copies_stored;               /* on their way after a step; those of them that saw a store */

static u32 draw(u32 limit)
{
    random_state = random_state * 6364136223846793005ull + 1442695040888963407ull;
    return (u32)(random_state >> 33) % limit;
}

static void hide_room(u32 page)
{
    hidden_for = page;
    for (unsigned tier = 0; tier < NR_TIERS; tier++) {
        hidden_frames[tier] = space_room(&arena, tier);
        arena.left[tier] -= (s32)hidden_frames[tier];
    }
}

static void show_room(void)
{
    hidden_for = NO_PAGE;
    for (unsigned tier = 0; tier < NR_TIERS; tier++) {
        arena.left[tier] += (s32)hidden_frames[tier];
        hidden_frames[tier] = 0;
    }
}

static struct order stress_next(struct space *space, enum tier to)
{
    u32 page = draw(PAGES);

    for (u32 tries = left ? 0 : PAGES; tries < PAGES; tries++, page = page + 1 < PAGES ? page + 1 : 0) {
        if (taken[page] || space_tier(space, page) == to)
            continue;
        taken[page] = true;
        left--;
        if (++orders % FAILING == 0 && hidden_for == NO_PAGE)
            hide_room(page);
        return (struct order){.page = page, .to = (u8)to};
    }
    return (struct order){.page = NO_PAGE};
}

static void stress_done(struct space *space, struct order order, enum outcome outcome)
{
    EXPECT(taken[order.page]);
    EXPECT_EQ(outcome == MOVED ? order.to : order.to ^ 1u, space_tier(space, order.page));
    taken[order.page] = false;
    outcomes[outcome]++;
    if (order.page == hidden_for)
        show_room();
}

static void stress_start(struct space *space)
{
    (void)space;
    memset(taken, 0, sizeof(taken));
    hidden_for = NO_PAGE;
}

static const struct classifier stress = {
    .part = {.name = "stress", .summary = "for tests: pages at random, up and down", .start = stress_start},
    .next = stress_next,
    .done = stress_done,
};

/* The next word of the page's update. */
static void store(u32 page)
{
    u32 i = next_stamp[page];

    if (!i)
        version++;
    *guest_at(page, stamp_at[i]) = stamps[page][i] = version << 8 | i;
    next_stamp[page] = (i + 1) % STAMPS;
    stored_to[page] = true;
}

static u64 expected(u32 page, u32 word)
{
    for (u32 i = 0; i < STAMPS; i++)
        if (stamp_at[i] == word)
            return stamps[page][i];
    return guest_word(page, word);
}

static u32 wrong_words(void)
{
    u32 wrong = 0;

    for (u32 page = 0; page < PAGES; page++)
        for (u32 word = 0; word < WORDS; word++)
            wrong += *guest_at(page, word) != expected(page, word);
    return wrong;
}

/* Loads and stores; a quarter of the pages on their way is stored to. Returns the wrong words that were loaded. */
static u32 use(void)
{
    u32 wrong = 0;

    memset(stored_to, 0, sizeof(stored_to));
    for (u32 page = 0; page < PAGES; page++) {
        bool open = taken[page]; /* a store may complete it */
        if (open ? draw(4) == 0 : draw(16) == 0)
            store(page);
        copies += open;
        copies_stored += open && stored_to[page];
    }
    for (u32 loads = draw(30); loads; loads--) {
        u32 page = draw(PAGES), word = draw(4) ? stamp_at[draw(STAMPS)] : draw(WORDS);
        wrong += *guest_at(page, word) != expected(page, word);
    }
    return wrong;
}

static void prepare(void)
{
    guest_fill(0, PAGES / 2, TIER_SLOW);
    guest_fill(PAGES / 2, PAGES - PAGES / 2, TIER_FAST);
    guest_hog(TIER_FAST, PAGES / 4);
    random_state = 1;
    version = 1;
    copies = copies_stored = orders = 0;
    memset(outcomes, 0, sizeof(outcomes));
    memset(next_stamp, 0, sizeof(next_stamp));
    for (u32 page = 0; page < PAGES; page++)
        for (u32 i = 0; i < STAMPS; i++)
            stamps[page][i] = guest_word(page, stamp_at[i]);
}

static void take_dirty_bits(void)
{
    static struct observations found;

    if (!found.list)
        found.list = kmem_alloc(OBSERVATIONS_PER_STEP * sizeof(struct observation));
    do
        found.count = 0;
    while (!arena.tracker->step(&arena, &found));
}

static void move_for_long(const struct migrator *migrator, u64 moves)
{
    const struct tracker *dbit = registry_find(&tracker_registry, "dbit");
    u32 wrong = 0, idle = 0;

    ktap_about(migrator->part.name, NULL, NULL);
    prepare();
    parts_start(&arena, dbit, &stress, migrator);
    while (outcomes[MOVED] < moves && !wrong && idle < IDLE_STEPS) {
        u32 before = outcomes[MOVED];
        left = draw(64);
        migrator->step(&arena, draw(20) ? 1 + draw(48) : 0);
        idle = outcomes[MOVED] > before ? 0 : idle + 1;
        wrong += use();
        if (draw(10) == 0)
            take_dirty_bits();
        if (draw(500) == 0) {
            parts_stop(&arena);
            wrong += wrong_words();
            parts_start(&arena, dbit, &stress, migrator);
        }
    }
    parts_stop(&arena);
    EXPECT_EQ(0, wrong + wrong_words());
    EXPECT(outcomes[MOVED] >= moves);
    EXPECT(copies_stored * 10 >= copies);
    if (!migrator->is_free && strcmp(migrator->part.name, "exchange"))
        EXPECT(outcomes[NO_ROOM] > 0 && copies > moves / 50);
    for (u32 page = 0; page < PAGES; page++)
        EXPECT(!taken[page]);
    guest_release();
    guest_expect_frames_owned();
    guest_clean();
    ktap_about(NULL, NULL, NULL);
}


TEST(stress_pages, "stress.pages",
     "stamped pages moved at random under stores, with frames missing and copies aborted: nothing is lost or torn")
{
    u64 tries = guest_set_key("transaction_tries", 2), nr = 0;

    for (const void *const *m = migrator_registry.start; m < migrator_registry.end; m++)
        nr += guest_can_start(&((const struct migrator *)*m)->part);
    for (const void *const *m = migrator_registry.start; m < migrator_registry.end; m++)
        if (guest_can_start(&((const struct migrator *)*m)->part))
            move_for_long(*m, stress_moves / nr);
    guest_set_key("transaction_tries", tries);
}
