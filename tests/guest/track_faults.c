/* The trackers that live on faults and samples: each protected, written or sampled page exactly as often as it must be
 * seen, and no harm done. */
#include "kernel/clock.h"
#include "kernel/panic.h"
#include "kernel/registry.h"
#include "kernel/string.h"
#include "mm/memory.h"
#include "mm/tlb.h"
#include "mm/track/hint.h"
#include "mm/track/sample.h"
#include "mm/track/wlog.h"
#include "tests/guest/guest.h"

enum { PAGES = 2000, PART = 700, TIME_UNIT_PS = 1 << 20 };

static const struct tracker *tracker;
static const struct migrator *migrator;
static struct observations found;
static u32 seen[PAGES], weights[PAGES], touches[PAGES];
static u8 flags[PAGES];

/* Accesses change what the compiler does not know of: whoever compares globals before and after calls these. */
static __attribute__((noinline)) void load_page(u32 page)
{
    (void)*guest_at(page, page % 64 * 8);
    __asm__ volatile("" : : : "memory");
}

static __attribute__((noinline)) void store_page(u32 page)
{
    *guest_at(page, 1) = guest_word(page, 1);
    __asm__ volatile("" : : : "memory");
}

static void prepare(const char *name)
{
    if (!found.list)
        found.list = kmem_alloc(OBSERVATIONS_PER_STEP * sizeof(struct observation));
    tracker = registry_find(&tracker_registry, name);
    guest_fill(0, PAGES / 2, TIER_FAST);
    guest_fill(PAGES / 2, PAGES - PAGES / 2, TIER_SLOW);
    parts_start(&arena, tracker, NULL, NULL);
    memset(touches, 0, sizeof(touches));
}

/* One window's steps. */
static void look(void)
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

static u64 next_random(u64 *random)
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

static void finish(void)
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
    prepare("hint");
    look();
    EXPECT_EQ(PART, nr_protected());
    for (u32 window = 0; window < 8; window++) {
        u32 wrong = 0;
        memset(touches, 0, sizeof(touches));
        faults = arena.faults;
        first = touch_half(window);
        EXPECT(window > 3 || first > 0);
        EXPECT_EQ(first, arena.faults - faults);
        look();
        for (u32 page = 0; page < PAGES; page++) {
            wrong += seen[page] != touches[page] || weights[page] != touches[page];
            wrong += touches[page] && flags[page] != (page % 3 ? OBSERVED_READ : OBSERVED_WRITTEN);
        }
        EXPECT_EQ(0, wrong);
    }
    for (u32 page = 1; page < PAGES; page += 2)
        EXPECT(is_protected(page)); /* never touched, and the cursor has come round */
    finish();
    hint_pages = usual;
}

TEST(hint_bits, "track.hint_bits", "an access that was given back has A set, a store D too; fast pages can be left out")
{
    u64 usual = hint_pages, flushes = tlb_counts.full;

    hint_pages = PAGES;
    hint_fast = 0;
    prepare("hint");
    look();
    EXPECT_EQ(1, tlb_counts.full - flushes);
    EXPECT_EQ(PAGES - PAGES / 2, nr_protected());
    EXPECT(!is_protected(0));
    load_page(PAGES - 1);
    store_page(PAGES - 2);
    EXPECT_EQ(PTE_ACCESSED, space_entry(&arena, PAGES - 1)->bits & (PTE_ACCESSED | PTE_DIRTY));
    EXPECT_EQ(PTE_ACCESSED | PTE_DIRTY, space_entry(&arena, PAGES - 2)->bits & (PTE_ACCESSED | PTE_DIRTY));
    finish();
    hint_fast = 1;
    hint_pages = usual;
}

TEST(hint_latency, "track.hint_latency", "the time from protection to fault, and weights derived from it")
{
    const struct hint *counted;
    u64 usual = hint_pages;

    hint_pages = PAGES;
    hint_weight_us = 60;
    prepare("hint");
    clock_charge(ACCOUNT_OTHER,
                 TIME_UNIT_PS - clock_now_ps() % TIME_UNIT_PS); /* the step's shootdown is part of a unit */
    look();
    clock_charge(ACCOUNT_OTHER, 10 * TIME_UNIT_PS);
    load_page(1);
    clock_charge(ACCOUNT_OTHER, 20 * TIME_UNIT_PS);
    load_page(2);
    clock_charge(ACCOUNT_OTHER, 70 * TIME_UNIT_PS);
    load_page(3);
    hint_pages = 0;
    look();
    EXPECT_EQ(6, weights[1]);
    EXPECT_EQ(2, weights[2]);
    EXPECT_EQ(1, weights[3]);
    counted = arena.own[TRACKER];
    EXPECT_EQ(3, counted->hint_faults);
    EXPECT_EQ(140ull * TIME_UNIT_PS, counted->hint_latency_ps);
    finish();
    hint_weight_us = 0;
    hint_pages = usual;
}

/* Into the tracker's run. */
static void insert_migrator(const char *name, struct guest_orders orders)
{
    guest_orders = orders;
    arena.classifier = &guest_list;
    arena.migrator = migrator = registry_find(&migrator_registry, name);
    migrator->part.start(&arena);
}

/* Moves 60 pages each way, with the workload touching some of those in flight; the first ones are touched by nobody. */
static void move_pages(const char *name, u32 *in_flight)
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
        prepare("hint");
        look();
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
        look();
        for (u32 i = 0; i < 20; i++)
            EXPECT(seen[i] == 1 && seen[PAGES - 1 - i] == 1);
        for (u32 i = 20; i < 60; i++)
            EXPECT(seen[i] <= 1);
        expect_left_to_migrator();
        finish();
    }
    hint_pages = usual;
}

/* Entries of the log since its last drain, in the order of writing: from the last place downwards. */
static void expect_log(const u32 *order, u32 first, u32 n)
{
    const struct wlog *log = arena.own[TRACKER];
    u32 wrong = 0;

    EXPECT_EQ((u16)(WLOG_ENTRIES - 1 - n), log->index);
    for (u32 i = 0; i < n; i++)
        wrong += log->buffer[WLOG_ENTRIES - 1 - i] != space_va(&arena, order[first + i]);
    EXPECT_EQ(0, wrong);
}

TEST(wlog_log, "track.wlog",
     "n first writes are floor((n - 1) / 512) full events and a final drain, logged in order, downwards")
{
    static const u32 counts[] = {1, 512, 513, 1024, 1025, 2000};
    static u32 order[PAGES];
    const struct wlog *log;

    for (u32 i = 0; i < PAGES; i++)
        order[i] = i * 7 % PAGES;
    prepare("wlog");
    log = arena.own[TRACKER];
    for (unsigned c = 0; c < ARRAY_SIZE(counts); c++) {
        u32 n = counts[c], full = (n - 1) / WLOG_ENTRIES, wrong = 0;
        u64 full_before = log->wlog_full, entries = log->wlog_entries, faults = arena.faults;
        for (u32 i = 0; i < n; i++) {
            store_page(order[i]);
            store_page(order[i / 2]); /* again: one entry a page */
            load_page(order[PAGES - 1 - i]);
        }
        EXPECT_EQ(full, log->wlog_full - full_before);
        EXPECT_EQ(n, log->wlog_entries - entries);
        EXPECT_EQ(n, arena.faults - faults);
        expect_log(order, full * WLOG_ENTRIES, n - full * WLOG_ENTRIES);
        look();
        for (u32 i = 0; i < PAGES; i++)
            wrong += seen[order[i]] != (i < n) || flags[order[i]] != (i < n ? OBSERVED_WRITTEN : 0);
        EXPECT_EQ(0, wrong);
        EXPECT_EQ(full, log->wlog_full - full_before);
        EXPECT_EQ(WLOG_ENTRIES - 1, log->index);
    }
    look();
    EXPECT_EQ(0, found.count);
    finish();
}

TEST(wlog_dirty, "track.wlog_dirty",
     "the logged pages are those whose D bit was set, also among pages first touched meanwhile")
{
    enum { NEW = 40 }; /* pages without a frame yet, the last ones of the part looked at */
    u64 first_touches, random = 7;

    prepare("wlog");
    for (u32 page = PAGES - NEW; page < PAGES; page++)
        space_unmap(&arena, page);
    tlb_flush_all(FLUSH_LOCAL);
    first_touches = arena.first_touches;
    for (u32 window = 0; window < 5; window++) {
        u32 wrong = 0, n = 0;
        for (u32 page = 0; page < PAGES; page++)
            pte_clear_bits(space_entry(&arena, page), PTE_DIRTY);
        tlb_flush_all(FLUSH_LOCAL);
        for (u32 i = 0; i < 600 * window; i++) {
            u32 page = (u32)next_random(&random) % PAGES;
            (next_random(&random) % 3 ? load_page : store_page)(page);
        }
        look();
        for (u32 page = 0; page < PAGES; page++) {
            bool dirty = space_entry(&arena, page)->bits & PTE_DIRTY;
            wrong += seen[page] != dirty;
            n += dirty;
        }
        EXPECT_EQ(0, wrong);
        EXPECT((window == 0) == (n == 0));
    }
    for (u32 page = PAGES - NEW; page < PAGES; page++) {
        load_page(page);
        for (u32 i = 0; i < PAGE_SIZE / sizeof(u64); i++)
            ((u64 *)space_bytes(&arena, page))[i] = guest_word(page, i);
    }
    EXPECT_EQ(NEW, arena.first_touches - first_touches);
    finish();
}

TEST(wlog_moves, "track.wlog_moves",
     "a page that waits for its first write can be moved, and its first write is logged then")
{
    static const char *const names[] = {"sync", "batch"};

    for (unsigned m = 0; m < ARRAY_SIZE(names); m++) {
        u32 in_flight = 0;
        const struct wlog *log;
        u64 entries;
        prepare("wlog");
        log = arena.own[TRACKER];
        move_pages(names[m], &in_flight);
        EXPECT(in_flight > 0);
        look();
        for (u32 i = 0; i < 20; i++)
            EXPECT_EQ(PTE_PRESENT, space_entry(&arena, i)->bits & (PTE_PRESENT | PTE_WRITE));
        entries = log->wlog_entries;
        for (u32 i = 0; i < 20; i++)
            store_page(i);
        EXPECT_EQ(20, log->wlog_entries - entries);
        look();
        for (u32 i = 0; i < PAGES; i++)
            EXPECT_EQ(i < 20, seen[i]);
        finish();
    }
}

static u64 workload_requests(void)
{
    const volatile u64 *requests = model_header()->account[ACCOUNT_WORKLOAD].requests;

    return requests[TIER_FAST] + requests[TIER_SLOW];
}

/* The workload loads from `n` pages at random, nearly always from memory. */
static void load_at_random(u32 n, u64 random)
{
    clock_book(BOOK_WORKLOAD);
    while (n--) {
        u32 page = (u32)next_random(&random) % PAGES;
        (void)*guest_at(page, next_random(&random) % 64 * 8);
    }
    clock_book(BOOK_OFF);
}

static void prepare_sampler(u64 load, u64 store, const char *mode)
{
    sample_load = load;
    sample_store = store;
    sample_mode = mode;
    prepare("sample");
    model_doorbells->epoch = 1; /* forgets what was */
}

static void finish_sampler(u64 load, u64 store, const char *mode)
{
    finish();
    sample_load = load;
    sample_store = store;
    sample_mode = mode;
}

static const struct sample *sampled(void)
{
    return arena.own[TRACKER];
}

static bool drained(void)
{
    return model_doorbells->ring_tail == model_header()->ring_head;
}

TEST_MODEL(sample_all, "track.sample",
           "at period 1 the samples are the load requests of every page, exactly; the drain is complete")
{
    u64 load = sample_load, store = sample_store, serial;
    const char *mode = sample_mode;
    const struct page_truth *truth;

    prepare_sampler(1, 0, "poll");
    model_doorbells->idle = 1; /* without a prefetcher: what it asks for is not sampled */
    for (u32 round = 0; round < 3; round++) {
        u64 requests = workload_requests(), total = 0, records = sampled()->sample_records;
        u32 wrong = 0;
        serial = model_header()->account[ACCOUNT_WORKLOAD].serial_ps;
        load_at_random(2500, round);
        requests = workload_requests() - requests;
        EXPECT(requests > 1000);
        EXPECT(model_header()->account[ACCOUNT_WORKLOAD].serial_ps > serial);
        look();
        EXPECT(drained());
        EXPECT_EQ(requests, sampled()->sample_records - records);
        model_doorbells->epoch = 1;
        truth = model_truth();
        for (u32 page = 0; page < PAGES; page++) {
            u32 n = truth[arena.first_page + page].request_loads;
            wrong += weights[page] != n || seen[page] != (n > 0) || flags[page] != (n ? OBSERVED_READ : 0);
            total += weights[page];
        }
        EXPECT_EQ(0, wrong);
        EXPECT_EQ(requests, total);
    }
    model_doorbells->idle = 0;
    finish_sampler(load, store, mode);
    load_at_random(2500, 1000);
    guest_clean();
}

TEST_MODEL(sample_ahead, "track.sample_prefetched", "lines that a stream had asked for are requests, but no samples")
{
    const volatile struct model_counters *counted = &model_header()->account[ACCOUNT_WORKLOAD];
    u64 load = sample_load, store = sample_store, requests, prefetched;
    const char *mode = sample_mode;

    prepare_sampler(1, 0, "poll");
    requests = workload_requests();
    prefetched = counted->prefetched;
    clock_book(BOOK_WORKLOAD);
    for (u32 line = 0; line < PAGE_SIZE / 64; line++)
        (void)*guest_at(9, line * 8);
    clock_book(BOOK_OFF);
    prefetched = counted->prefetched - prefetched;
    look();
    EXPECT(prefetched > PAGE_SIZE / 64 / 2);
    EXPECT_EQ(workload_requests() - requests - prefetched, weights[9]);
    finish_sampler(load, store, mode);
}

TEST_MODEL(sample_periods, "track.sample_periods", "every 7th load request and every 5th store, repeated ones included")
{
    u64 load = sample_load, store = sample_store, requests;
    const char *mode = sample_mode;
    u32 total = 0;

    prepare_sampler(7, 0, "poll");
    model_doorbells->idle = 1;
    requests = workload_requests();
    load_at_random(2600, 5);
    requests = workload_requests() - requests;
    model_doorbells->idle = 0;
    look();
    for (u32 page = 0; page < PAGES; page++)
        total += weights[page];
    EXPECT_EQ(requests / 7, total);
    finish_sampler(load, store, mode);

    prepare_sampler(0, 5, "poll");
    clock_book(BOOK_WORKLOAD);
    for (u32 i = 0; i < 103; i++)
        store_page(9); /* one line: all but the first stay in the cache */
    load_page(9);
    clock_book(BOOK_OFF);
    look();
    EXPECT_EQ(103 / 5, weights[9]);
    EXPECT_EQ(OBSERVED_WRITTEN, flags[9]);
    EXPECT_EQ(1, found.count);
    finish_sampler(load, store, mode);
}

TEST_MODEL(sample_overflow, "track.sample_overflow",
           "what does not fit into the ring is dropped, counted, and not charged")
{
    u64 load = sample_load, store = sample_store, requests, entries = model_header()->ring_entries, records, serial;
    const char *mode = sample_mode;
    u32 total = 0;

    prepare_sampler(1, 0, "poll");
    model_doorbells->idle = 1;
    records = sampled()->sample_records;
    requests = workload_requests();
    serial = model_header()->account[ACCOUNT_WORKLOAD].serial_ps;
    load_at_random((u32)entries * 2, 3);
    requests = workload_requests() - requests;
    serial = model_header()->account[ACCOUNT_WORKLOAD].serial_ps - serial;
    EXPECT(requests > entries);
    look();
    for (u32 page = 0; page < PAGES; page++)
        total += weights[page];
    EXPECT_EQ(entries, total);
    EXPECT_EQ(entries, sampled()->sample_records - records);
    EXPECT_EQ(requests - entries, sampled()->sample_dropped);
    EXPECT_EQ(0, serial % entries);
    EXPECT(drained());
    model_doorbells->idle = 0;
    load_at_random(100, 4); /* and then there is room again */
    look();
    EXPECT(found.count > 0);
    EXPECT_EQ(requests - entries, sampled()->sample_dropped);
    finish_sampler(load, store, mode);
}

TEST_MODEL(sample_ticks, "track.sample_ticks",
           "each mode drains at a tick; a filled ring is an interrupt, and costs one")
{
    static const char *const modes[] = {"poll", "adaptive", "points"};
    u64 load = sample_load, store = sample_store, interrupts, charged;
    const char *mode = sample_mode;

    for (unsigned m = 0; m < ARRAY_SIZE(modes); m++) {
        prepare_sampler(1, 0, modes[m]);
        if (!strcmp(modes[m], "adaptive"))
            model_doorbells->sample_load = 1; /* its list begins at 199 */
        interrupts = sampled()->sample_interrupts;
        load_at_random(200, m);
        EXPECT(!drained());
        clock_charge(ACCOUNT_OTHER, 1000 * 1000000); /* a millisecond: it has slept enough */
        tracker->tick(&arena, clock_now_ps());
        EXPECT(drained());
        EXPECT_EQ(interrupts, sampled()->sample_interrupts);
        charged = clock.account[ACCOUNT_FAULT].charged_ps;
        load_at_random((u32)sample_threshold + 500, m);
        tracker->tick(&arena, clock_now_ps());
        EXPECT(drained());
        EXPECT_EQ(1, sampled()->sample_interrupts - interrupts);
        EXPECT_EQ(sample_interrupt_ns * 1000, clock.account[ACCOUNT_FAULT].charged_ps - charged);
        finish_sampler(load, store, mode);
    }
}

TEST(sample_share, "track.sample_share",
     "the period follows the thread's share of a CPU, one step of the list at a time")
{
    struct adapt adapt;
    const u64 second_ps = 1000000000000, much = second_ps / 100;
    u64 now = 0, last = 0;

    EXPECT_EQ(199, adapt_start(&adapt, 1, now));
    EXPECT_EQ(4507, adapt_start(&adapt, 4093, now));
    EXPECT_EQ(199, adapt_start(&adapt, 199, now));
    EXPECT_EQ(199, adapt_period(&adapt, much, now += 1000000));   /* too early to look */
    EXPECT_EQ(293, adapt_period(&adapt, much, now += second_ps)); /* 24 cores x 2 % */
    EXPECT_EQ(401, adapt_period(&adapt, much * 5, now += second_ps));
    EXPECT_EQ(401,
              adapt_period(&adapt, second_ps * 3 / 100 / model_header()->cores, now += second_ps)); /* 3 %: as it should be */
    EXPECT_EQ(293, adapt_period(&adapt, 0, now += second_ps));
    for (u32 i = 0; i < 40; i++)
        last = adapt_period(&adapt, much * 5, now += second_ps);
    EXPECT_EQ(19997, last);
    for (u32 i = 0; i < 40; i++)
        last = adapt_period(&adapt, 0, now += second_ps);
    EXPECT_EQ(199, last);
}
