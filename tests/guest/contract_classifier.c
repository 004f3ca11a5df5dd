/*
 * A classifier's contract. The test is its tracker and its migrator: it makes up observations and touches, asks for orders,
 * holds some for a while, and lets them end in every way. Of its outcomes only MOVED is carried out; the others are claimed.
 */
#include "lib/string.h"
#include "mm/bits.h"
#include "mm/memory.h"
#include "mm/move.h"
#include "mm/truth.h"
#include "tests/guest/contract.h"

enum {
    PAGES = 600,
    MAPPED = 500,     /* at the start: the others come later, one by one */
    FAST = 200,       /* of these, in the fast tier */
    ROOM = 32,
    WINDOWS = 400,
    DECIDE_WINDOWS = 4,
    HOT_WINDOWS = 100, /* then others become hot */
    LAST_WINDOWS = 80, /* with a hot set that does not change, and every order carried out */
    TOUCHES = 60,      /* in a window */
    MAX_HELD = 24,
    MANY_STEPS = 10000
};

#define WINDOW_PS 30000000000ull

static struct order held[MAX_HELD];
static u32 nr_held, given[NR_TIERS];
static bool is_held[PAGES];
static u32 true_requests[CONTRACT_PAGES], hot_turn;
static struct observation list[PAGES];
static u64 random;
static bool obliging; /* every order is carried out */

static u32 draw(u32 below)
{
    random = random * 6364136223846793005ull + 1442695040888963407ull;
    return (u32)((random >> 33) % below);
}

/* A seventh of the pages, in both tiers. */
static bool is_hot(u32 page)
{
    return (page + 3 * hot_turn) % 7 == 0;
}

static const u32 *last_cycle(const struct space *space)
{
    (void)space;
    return true_requests;
}

static void coming(const struct space *space, u32 *sums)
{
    memcpy(sums, true_requests, space->nr_pages * sizeof(u32));
}

static u32 cycles(const struct space *space) /* each decision finds a new one */
{
    static u32 ended;

    (void)space;
    return ++ended;
}

static const struct truth_source source = {cycles, last_cycle, coming, NULL};
static const struct truth_source *usual_source;

static void prepare(const struct classifier *classifier)
{
    contract_begin();
    usual_source = arena.truth;
    arena.truth = &source;
    guest_fill(0, FAST, TIER_FAST);
    guest_fill(FAST, MAPPED - FAST, TIER_SLOW);
    contract_room(TIER_FAST, ROOM);
    random = nr_held = given[TIER_FAST] = given[TIER_SLOW] = hot_turn = 0;
    obliging = false;
    memset(is_held, 0, sizeof(is_held));
    parts_start(&arena, NULL, classifier, NULL);
}

static void finish(void)
{
    arena.truth = usual_source;
    contract_end();
}

/* One held order ends, as it may. */
static void end_one(void)
{
    u32 i = draw(nr_held);
    struct order order = held[i];
    enum outcome outcome = obliging ? MOVED : (enum outcome)draw(NR_OUTCOMES);

    held[i] = held[--nr_held];
    is_held[order.page] = false;
    if (outcome == MOVED)
        outcome = move_now(&arena, order);
    order_done(&arena, order, outcome);
}

/* Asks for a page to that tier; whether there was one. */
static bool ask(enum tier to)
{
    const struct classifier *classifier = arena.classifier;
    struct order order = classifier->next(&arena, to);

    if (order.page == NO_PAGE)
        return false;
    if (order.page >= PAGES || !space_resident(&arena, order.page)) {
        EXPECT_EQ(NO_PAGE, order.page);
        return false;
    }
    EXPECT_EQ(to, order.to);
    EXPECT_EQ(to ^ 1u, space_tier(&arena, order.page));
    EXPECT(!is_held[order.page]); /* handed out twice */
    EXPECT(order.reason < MAX(classifier->reasons.count, 1u));
    if (is_held[order.page])
        return false;
    given[to]++;
    is_held[order.page] = true;
    held[nr_held++] = order;
    if (nr_held == MAX_HELD || draw(2))
        end_one();
    return true;
}

/* As a migrator asks: promotions while there is room, or one in exchange. */
static void move(u32 orders)
{
    bool more = true;

    while (orders-- && more) {
        more = (space_room(&arena, TIER_FAST) || draw(8) == 0) && ask(TIER_FAST);
        more = ask(TIER_SLOW) || more;
        arena.awake = false;
    }
}

/* Pages are accessed, and reported; the A bits are those of this window. */
static void observe(u32 window)
{
    u32 count = 0;

    drop_all_bits(&arena, PTE_ACCESSED, WALKED_ACCESSED);
    tlb_flush_all(FLUSH_LOCAL);
    for (u32 page = 0; page < PAGES; page++) {
        if (!space_resident(&arena, page))
            continue;
        if (!(is_hot(page) || draw(50) == 0)) {
            if (arena.classifier->wants & SEES_IDLE)
                list[count++] = (struct observation){.page = page};
            continue;
        }
        clock_book(BOOK_WORKLOAD);
        (void)*guest_at(page, window % 512);
        clock_book(BOOK_OFF);
        list[count++] = (struct observation){
            .page = page, .weight = is_hot(page) ? 1 + draw(200) : 1, .flags = (u8)(1 + draw(3)) & 3u};
    }
    if (arena.classifier->observe)
        arena.classifier->observe(&arena, list, count, window);
}

/* Pages fault, hot ones soon after they were protected; what is being moved may still be in use. */
static void touch(void)
{
    u32 touches = arena.classifier->touched ? (obliging ? PAGES : TOUCHES) : 0;

    for (u32 i = 0; i < touches; i++) {
        struct touch touch = {.page = obliging ? i : draw(PAGES), .write = draw(2)};
        if (!space_resident(&arena, touch.page) || !(is_hot(touch.page) || draw(obliging ? 50 : 2) == 0))
            continue;
        touch.waited_ps = is_hot(touch.page) ? draw(1000000) : 1ull << 50;
        model_doorbells->now_ps += 1000000000; /* so that rate limits let some pass */
        arena.classifier->touched(&arena, &touch);
        if (obliging || draw(2))
            ask(TIER_FAST);
    }
}

static void decide(void)
{
    u32 steps = 0;

    for (u32 page = 0; page < PAGES; page++)
        true_requests[page] = is_hot(page) ? 2000 + draw(100) : draw(20);
    while (nr_held)
        end_one();
    while (arena.classifier->decide && !arena.classifier->decide(&arena) && ++steps < MANY_STEPS)
        ;
    EXPECT(steps < MANY_STEPS);
}

static void one_window(u32 window)
{
    clock_charge(ACCOUNT_WORKLOAD, WINDOW_PS); /* what rests by the clock, wakes */
    observe(window);
    touch();
    if (window % DECIDE_WINDOWS == 0)
        decide();
    move(obliging ? PAGES : draw(20));
}

CONTRACT(classifier_orders, CLASSIFIER, "contract.classifier_orders",
         "no page is handed out twice, each lies where it is to leave; whatever becomes of orders, what is hot in the end comes up")
{
    u32 hot = 0, forgotten = 0;

    prepare(part);
    for (u32 window = 1; window <= WINDOWS; window++) {
        if (window % (WINDOWS / (PAGES - MAPPED)) == 0 && MAPPED + window / 4 - 1 < PAGES)
            space_populate(&arena, MAPPED + window / 4 - 1);
        hot_turn = window / HOT_WINDOWS;
        one_window(window);
    }
    EXPECT(given[TIER_FAST] > 0);
    EXPECT((given[TIER_SLOW] > 0) == !arena.classifier->never_demotes);
    obliging = true;
    hot_turn = 1; /* as once before: orders for these have ended badly */
    for (u32 window = WINDOWS + 1; window <= WINDOWS + LAST_WINDOWS; window++)
        one_window(window);
    for (u32 page = 0; page < PAGES; page++)
        if (is_hot(page)) {
            hot++;
            forgotten += space_tier(&arena, page) == TIER_SLOW;
        }
    if (!arena.classifier->never_demotes)
        EXPECT_AT_MOST(hot / 4, forgotten); /* some may just be on their way down and up again */
    finish();
}

/* How many orders of each kind it gives with so much room in the fast tier. */
static void with_room(const void *classifier, u32 room)
{
    prepare(classifier);
    obliging = true;
    contract_room(TIER_FAST, room);
    for (u32 window = 1; window <= 2 * LAST_WINDOWS; window++)
        one_window(window);
    EXPECT(given[TIER_FAST] > 0 || (!room && arena.classifier->never_demotes));
    finish();
}

CONTRACT(classifier_room, CLASSIFIER, "contract.classifier_room",
         "with room for everything nothing is demoted, but by who says so; with none, something makes room")
{
    with_room(part, 2 * PAGES);
    EXPECT_EQ(((const struct classifier *)part)->frees_memory, given[TIER_SLOW] > 0);
    with_room(part, 0);
    EXPECT((given[TIER_SLOW] > 0) == !((const struct classifier *)part)->never_demotes);
}
