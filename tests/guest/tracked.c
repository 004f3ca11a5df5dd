#include "tests/guest/tracked.h"
#include "lib/string.h"
#include "mm/memory.h"

enum { PAGES = TRACKED_PAGES };

const struct tracker *tracker;
const struct migrator *migrator;
struct observations found;
u32 seen[PAGES], weights[PAGES];
u8 flags[PAGES];

__attribute__((noinline)) void load_page(u32 page)
{
    (void)*guest_at(page, page % 64 * 8);
    __asm__ volatile("" : : : "memory");
}

__attribute__((noinline)) void store_page(u32 page)
{
    *guest_at(page, 1) = guest_word(page, 1);
    __asm__ volatile("" : : : "memory");
}

void tracked_prepare(const char *name)
{
    if (!found.list)
        found.list = kmem_alloc(OBSERVATIONS_PER_STEP * sizeof(struct observation));
    tracker = registry_find(&tracker_registry, name);
    guest_fill(0, PAGES / 2, TIER_FAST);
    guest_fill(PAGES / 2, PAGES - PAGES / 2, TIER_SLOW);
    parts_start(&arena, tracker, NULL, NULL);
}

void tracked_look(void)
{
    bool done;

    memset(seen, 0, sizeof(seen));
    memset(weights, 0, sizeof(weights));
    memset(flags, 0, sizeof(flags));
    do {
        found.count = 0;
        done = tracker->step(&arena, &found);
        for (u32 i = 0; i < found.count; i++) {
            const struct observation *o = &found.list[i];
            EXPECT(o->page < PAGES);
            if (o->page >= PAGES)
                continue;
            seen[o->page]++;
            weights[o->page] += o->weight;
            flags[o->page] |= o->flags;
        }
    } while (!done);
}

u64 next_random(u64 *random)
{
    *random = *random * 6364136223846793005ull + 1442695040888963407ull;
    return *random >> 33;
}

static u32 wrong_words(void)
{
    u32 wrong = 0;

    for (u32 page = 0; page < PAGES; page++) {
        const u64 *bytes = space_bytes(&arena, page);
        for (u32 i = 0; i < PAGE_SIZE / sizeof(u64); i++)
            wrong += bytes[i] != guest_word(page, i);
    }
    return wrong;
}

void tracked_finish(void)
{
    u32 not_usable = 0;

    parts_stop(&arena);
    for (u32 page = 0; page < PAGES; page++) {
        u64 bits = space_entry(&arena, page)->bits;
        not_usable += (bits & (PTE_PRESENT | PTE_WRITE | PTE_HINT | PTE_MOVING)) != (PTE_PRESENT | PTE_WRITE);
    }
    EXPECT_EQ(0, not_usable);
    EXPECT_EQ(0, wrong_words());
    guest_expect_frames_owned();
    guest_clean();
}

void insert_migrator(const char *name, struct guest_orders orders)
{
    guest_orders = orders;
    arena.classifier = &guest_list;
    arena.migrator = migrator = registry_find(&migrator_registry, name);
    migrator->part.start(&arena);
}

void move_pages(const char *name, u32 *in_flight)
{
    static u32 promote[60], demote[60];
    u64 random = 1;
    bool done;

    for (u32 i = 0; i < 60; i++) {
        promote[i] = PAGES - 1 - i;
        demote[i] = i;
    }
    insert_migrator(name, (struct guest_orders){.promote = promote, .demote = demote, .nr_promote = 60, .nr_demote = 60});
    do {
        done = migrator->step(&arena, 7);
        for (u32 i = 0; i < 6; i++) {
            u32 page = 20 + (u32)next_random(&random) % 40;
            *in_flight += (space_entry(&arena, page)->bits & PTE_MOVING) != 0;
            (i % 2 ? load_page : store_page)(page);
        }
    } while (!done);
    for (u32 i = 0; i < 60; i++) {
        EXPECT_EQ(TIER_FAST, space_tier(&arena, promote[i]));
        EXPECT_EQ(TIER_SLOW, space_tier(&arena, demote[i]));
    }
}
