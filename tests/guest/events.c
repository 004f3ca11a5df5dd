/* The stand-in that takes notes: not there without events=1; more orders than there is room for are counted. */
#include "report/events.h"
#include "lib/registry.h"
#include "mm/move.h"
#include "tests/guest/guest.h"

enum { MORE = 10 };

static struct order same_page(struct space *space, enum tier to)
{
    (void)space;
    return (struct order){.page = to == TIER_FAST ? 3 : NO_PAGE, .to = (u8)to};
}

static u32 ended;

static void count_ended(struct space *space, struct order order, enum outcome outcome)
{
    (void)space;
    EXPECT_EQ(3, order.page);
    EXPECT_EQ(GAVE_UP, outcome);
    ended++;
}

static const struct classifier endless = {
    .part = {.name = "endless", .summary = "for tests: the same order again and again"}, .next = same_page, .done = count_ended};

TEST(events_off, "events.off", "without events=1 the classifier of a run is the registered one, and nothing stands between")
{
    struct chosen policy = {.classifier = &endless};

    events_init(&policy, arena.nr_pages);
    EXPECT(policy.classifier == &endless);
    EXPECT(!chosen.classifier || chosen.classifier == registry_find(&classifier_registry, chosen.classifier->part.name));
}

TEST(events_room, "events.room", "orders for which there is no room are carried out and counted, and a new run begins with none")
{
    struct chosen policy = {.classifier = &endless};

    guest_set_key("events", 1);
    events_init(&policy, arena.nr_pages);
    guest_set_key("events", 0);
    EXPECT(policy.classifier != &endless);
    parts_start(&arena, NULL, policy.classifier, NULL);
    ended = 0;
    for (u32 i = 0; i < EVENTS_ROOM + MORE; i++) {
        struct order order = order_to(&arena, TIER_FAST);
        EXPECT_EQ(3, order.page);
        order_done(&arena, order, GAVE_UP);
        EXPECT_EQ(i < EVENTS_ROOM ? 0 : i + 1 - EVENTS_ROOM, events_left_out());
    }
    EXPECT_EQ(NO_PAGE, order_to(&arena, TIER_SLOW).page);
    EXPECT_EQ(EVENTS_ROOM + MORE, ended);
    EXPECT_EQ(EVENTS_ROOM + MORE, arena.migration.failed);
    events_start();
    EXPECT_EQ(0, events_left_out());
    order_done(&arena, order_to(&arena, TIER_FAST), GAVE_UP);
    EXPECT_EQ(0, events_left_out());
    events_start();
    guest_clean();
}
