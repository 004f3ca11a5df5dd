/* sample: records against the model's own counts, the ring's end, who drains when, and the period under a share of a CPU. */
#include "mm/track/sample.h"
#include "lib/string.h"
#include "mm/memory.h"
#include "tests/guest/tracked.h"

enum { PAGES = TRACKED_PAGES };

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
    tracked_prepare("sample");
    model_doorbells->epoch = 1; /* forgets what was */
}

static void finish_sampler(u64 load, u64 store, const char *mode)
{
    tracked_finish();
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
        tracked_look();
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

TEST_MODEL(sample_anew, "track.sample_anew", "a sampler that is attached once more has nothing of before")
{
    struct sampler_user user = {0};
    u64 load = sample_load, store = sample_store;
    const char *mode = sample_mode;

    prepare_sampler(1, 0, "poll");
    sampler_attach(&user, &arena);
    load_at_random(500, 7);
    EXPECT(sampler_drain() > 100 && user.nr_sampled > 10);
    sampler_attach(&user, &arena);
    EXPECT_EQ(0, user.nr_sampled);
    for (u32 page = 0; page < PAGES; page++)
        EXPECT_EQ(0, user.samples[page]);
    sampler_detach(&user);
    finish_sampler(load, store, mode);
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
    tracked_look();
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
    tracked_look();
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
    tracked_look();
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
    tracked_look();
    for (u32 page = 0; page < PAGES; page++)
        total += weights[page];
    EXPECT_EQ(entries, total);
    EXPECT_EQ(entries, sampled()->sample_records - records);
    EXPECT_EQ(requests - entries, sampled()->sample_dropped);
    EXPECT_EQ(0, serial % entries);
    EXPECT(drained());
    model_doorbells->idle = 0;
    load_at_random(100, 4); /* and then there is room again */
    tracked_look();
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
