/*
 * A migrator's contract. Pages of both tiers, orders for most of them in both directions, and between the migrator's steps a
 * program that loads and stores. The pages without an order have a tracker's reasons and D bits, which are not the migrator's.
 */
#include "mm/move.h"
#include "tests/guest/contract.h"

enum { SLOW_PAGES = 48, PAGES = 2 * SLOW_PAGES, ORDERS = 40, ROOM = 20, MOST_STEPS = 600, WORDS = PAGE_SIZE / sizeof(u64) };

static u32 promote[ORDERS], demote[ORDERS];
static u64 stores[PAGES]; /* how often a page was stored to; the n-th goes to word n % WORDS */
static u32 gone;          /* this page was taken away: it comes back empty; NO_PAGE: none */

/* Pages 0 to 47 in the slow tier; the orders name the first 40 of each tier, out of order. */
static void prepare(const void *migrator, u32 room_fast, u32 room_slow)
{
    contract_begin();
    guest_fill(0, SLOW_PAGES, TIER_SLOW);
    guest_fill(SLOW_PAGES, SLOW_PAGES, TIER_FAST);
    contract_room(TIER_FAST, room_fast);
    contract_room(TIER_SLOW, room_slow);
    for (u32 page = 0; page < PAGES; page++) {
        stores[page] = 0;
        (void)*guest_at(page, 0); /* its translation is cached */
    }
    for (u32 i = 0; i < ORDERS; i++) {
        promote[i] = i * 37 % ORDERS;
        demote[i] = SLOW_PAGES + i * 29 % ORDERS;
    }
    gone = NO_PAGE;
    guest_start(NULL, migrator, (struct guest_orders){promote, demote, ORDERS, ORDERS, 0, 0, {{0}}});
}

static void store(u32 page)
{
    u64 n = ++stores[page];

    *guest_at(page, (u32)(n % WORDS)) = n;
}

static u64 expected(u32 page, u32 i)
{
    u64 last = stores[page] - (stores[page] + WORDS - i) % WORDS; /* the last n with n % WORDS == i */

    if (last && last <= stores[page])
        return last;
    return page == gone ? 0 : guest_word(page, i);
}

/* What is not what was last stored, as the program sees it and in the frame. */
static u32 wrong_words(void)
{
    u32 wrong = 0;

    for (u32 page = 0; page < PAGES; page++) {
        const u64 *bytes;
        if (!space_resident(&arena, page))
            continue;
        bytes = space_bytes(&arena, page);
        for (u32 i = 0; i < WORDS; i++)
            wrong += bytes[i] != expected(page, i) || *guest_at(page, i) != expected(page, i);
    }
    return wrong;
}

static u32 ended(enum tier to)
{
    u32 n = 0;

    for (unsigned outcome = 0; outcome < NR_OUTCOMES; outcome++)
        n += guest_orders.outcomes[to][outcome];
    return n;
}

/* Every order has ended, once, and was counted as what it was. */
static void expect_all_ended(void)
{
    u32 moved[NR_TIERS] = {guest_orders.outcomes[TIER_FAST][MOVED], guest_orders.outcomes[TIER_SLOW][MOVED]};

    EXPECT_EQ(guest_orders.promoted, ended(TIER_FAST));
    EXPECT_EQ(guest_orders.demoted, ended(TIER_SLOW));
    EXPECT_EQ(moved[TIER_FAST], arena.migration.promoted);
    EXPECT_EQ(moved[TIER_SLOW], arena.migration.demoted);
    EXPECT_EQ(ended(TIER_FAST) + ended(TIER_SLOW) - moved[TIER_FAST] - moved[TIER_SLOW], arena.migration.failed);
    EXPECT_EQ(SLOW_PAGES + moved[TIER_FAST] - moved[TIER_SLOW], arena.resident[TIER_FAST]);
}

static bool migrate(u32 budget)
{
    u32 promoted = guest_orders.promoted, demoted = guest_orders.demoted;
    bool done = arena.migrator->step(&arena, budget);

    if (!arena.migrator->is_free) {
        EXPECT(guest_orders.promoted - promoted <= budget); /* who exchanges takes one of each */
        EXPECT(guest_orders.demoted - demoted <= budget);
    }
    return done;
}

static void finish(void)
{
    u32 wrong = wrong_words();

    parts_stop(&arena);
    contract_expect_all_back();
    EXPECT_EQ(0, wrong + wrong_words());
    contract_end();
}

/* To the end, with `between` after every step. */
static void run(u32 budget, void (*between)(u32 step, u32 variant), u32 variant)
{
    u32 step = 0;

    while (!migrate(budget) && ++step < MOST_STEPS)
        between(step, variant);
    EXPECT(step < MOST_STEPS);
    for (step = 0; !migrate(0) && step < MOST_STEPS; step++)
        ;
    EXPECT(step < MOST_STEPS);
    for (u32 page = 0; page < PAGES; page++)
        EXPECT(!space_resident(&arena, page) || !(space_entry(&arena, page)->bits & REASON_MOVING));
    expect_all_ended();
}

static void leave_alone(u32 step, u32 variant)
{
    (void)step, (void)variant;
}

/* Every `variant`-th page, others each time, is stored to, and what lies beside it is loaded. */
static void use(u32 step, u32 variant)
{
    for (u32 page = step % variant; page < PAGES; page += variant) {
        u32 i = (u32)(stores[page] % WORDS);
        store(page);
        EXPECT_EQ(expected((page + 1) % PAGES, i), *guest_at((page + 1) % PAGES, i));
    }
}

CONTRACT(migrator_moves, MIGRATOR, "contract.migrator_moves",
         "with room and nobody in the way every order is carried out, at most so many a step; other parts' bits stay")
{
    for (u32 budget = 1; budget <= 64; budget *= 8) {
        const u32 slow = ORDERS, fast = SLOW_PAGES + ORDERS; /* the first pages without an order */
        prepare(part, 1000, 1000);
        for (u32 i = 0; i < 4; i++) {
            space_protect(&arena, slow + i, space_entry(&arena, slow + i), i % 2 ? REASON_LOG : REASON_TOUCH);
            space_protect(&arena, promote[i], space_entry(&arena, promote[i]), i % 2 ? REASON_LOG : REASON_TOUCH);
            pte_set_bits(space_entry(&arena, demote[i]), PTE_DIRTY | PTE_ACCESSED);
            pte_set_bits(space_entry(&arena, fast + i), PTE_DIRTY | PTE_ACCESSED);
        }
        tlb_flush_all(FLUSH_LOCAL); /* as who protects does */
        run(budget, leave_alone, 0);
        EXPECT_EQ(ORDERS, guest_orders.outcomes[TIER_FAST][MOVED]);
        EXPECT_EQ(ORDERS, guest_orders.outcomes[TIER_SLOW][MOVED]);
        parts_stop(&arena);
        for (u32 i = 0; i < 4; i++) {
            const u32 kept[] = {slow + i, promote[i]}, written[] = {demote[i], fast + i};
            const u64 reason = i % 2 ? REASON_LOG : REASON_TOUCH, right = i % 2 ? PTE_WRITE : PTE_PRESENT;
            for (u32 j = 0; j < 2; j++) {
                pte_t *entry = space_entry(&arena, kept[j]);
                EXPECT(entry->bits & reason && !(entry->bits & right));
                space_allow(&arena, kept[j], entry, reason);
                EXPECT(space_entry(&arena, written[j])->bits & (PTE_DIRTY | PTE_TRACKER_DIRTY));
                EXPECT(space_entry(&arena, written[j])->bits & PTE_ACCESSED);
            }
        }
        finish();
    }
}

CONTRACT(migrator_stores, MIGRATOR, "contract.migrator_stores",
         "no byte is lost that is stored between any two steps: to all pages, to some, with much room and with little")
{
    static const u32 rooms[][2] = {{1000, 1000}, {ROOM, 1000}, {3, 3}};

    for (u32 budget = 1; budget <= 25; budget *= 5)
        for (u32 every = 1; every <= 49; every *= 7)
            for (u32 i = 0; i < ARRAY_SIZE(rooms); i++) {
                prepare(part, rooms[i][0], rooms[i][1]);
                run(budget, use, every);
                finish();
            }
}

CONTRACT(migrator_full, MIGRATOR, "contract.migrator_full",
         "with no frame free in one tier or in both, pages swap or stay, and every order ends; what can be given back is")
{
    for (u32 full = 1; full <= 3; full++)
        for (u32 budget = 1; budget <= 25; budget *= 5) {
            prepare(part, full & 1 ? 0 : ROOM, full & 2 ? 0 : ROOM);
            run(budget, use, 5);
            finish();
        }
    prepare(part, 1000, 1000);
    run(5, leave_alone, 0);
    contract_room(TIER_SLOW, 0);
    for (u32 left = PAGES; left && space_make_room(&arena, TIER_SLOW); left--)
        contract_room(TIER_SLOW, 0);
    EXPECT(!space_make_room(&arena, TIER_SLOW));
    finish();
}

CONTRACT(migrator_aborts, MIGRATOR, "contract.migrator_aborts",
         "pages that are gone or there already, an end in the middle, a stop in the middle: all is given back")
{
    const struct migrator *migrator = part;

    for (u32 steps = 0; steps <= 6; steps++)
        for (u32 budget = 1; budget <= 25; budget *= 5) {
            prepare(part, ROOM, ROOM);
            demote[0] = SLOW_PAGES - 1; /* lies in the slow tier, and has no other order */
            promote[0] = PAGES - 1;
            gone = promote[1];
            space_unmap(&arena, gone);
            tlb_flush_page(space_va(&arena, gone), FLUSH_LOCAL);
            for (u32 step = 0; step < steps; step++) {
                migrate(budget);
                use(step, 3);
            }
            while (steps % 2 && !migrate(0))
                ;
            parts_stop(&arena); /* else in the middle */
            contract_expect_all_back();
            EXPECT_EQ(0, wrong_words());
            EXPECT_EQ(guest_orders.promoted, ended(TIER_FAST));
            EXPECT_EQ(guest_orders.demoted, ended(TIER_SLOW));
            finish();
        }
    prepare(part, 1000, 1000);
    for (u32 i = 0; migrator->now && i < 3; i++) {
        const struct order order = {.page = promote[i], .to = TIER_FAST};
        enum outcome outcome = migrator->now(&arena, order);
        EXPECT_EQ(outcome == MOVED ? TIER_FAST : TIER_SLOW, space_tier(&arena, order.page));
        store(order.page);
    }
    finish();
}
