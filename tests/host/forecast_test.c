/* sources: mm/classify/forecast.c tests/host/host.c */
/* The forecast against programs whose next cycle is known: rates, luck, change; and against a record kept in plain arrays. */
#include "mm/classify/forecast.h"
#include "tests/host/host.h"

#include <string.h>

enum { PAGES = 4096, TRIES = 64 };

static struct forecast f;
static u32 arrays[PAGES * FORECAST_BYTES_PER_PAGE / sizeof(u32)];
static u32 counts[PAGES], rates[PAGES];

static void start(u64 seed)
{
    host_seed(seed);
    memset(arrays, 0, sizeof(arrays));
    forecast_start(&f, PAGES, arrays);
}

/* A cycle in which each page gets about its rate: so many tries, each with the chance of rate / TRIES. */
static void cycle(void)
{
    for (u32 page = 0; page < PAGES; page++) {
        counts[page] = 0;
        for (u32 i = 0; i < TRIES; i++)
            counts[page] += host_below(TRIES) < rates[page];
    }
    forecast_learn(&f, counts);
}

static void set_rates(u32 first, u32 nr, u32 rate)
{
    for (u32 page = 0; page < PAGES; page++)
        rates[page] = page - first < nr ? rate : 2;
}

/* Sum of the forecasts of some pages, in requests. */
static u32 expected(u32 first, u32 nr)
{
    u64 sum = 0;

    for (u32 page = first; page < first + nr; page++)
        sum += forecast_page(&f, page);
    return (u32)(sum >> FORECAST_SHIFT);
}

static void luck_is_no_merit(void)
{
    u32 lucky = 0;

    host_case("forecast.luck_is_no_merit");
    start(1);
    set_rates(0, 0, 0); /* all alike */
    for (u32 n = 0; n < 6; n++)
        cycle();
    for (u32 page = 0; page < PAGES; page++)
        if (counts[page] == 5) { /* more than twice its rate, by luck */
            lucky++;
            CHECK(forecast_page(&f, page) < 3 << FORECAST_SHIFT);
        }
    CHECK(lucky > 50);
    CHECK(expected(0, PAGES) > PAGES * 2 * 95 / 100 && expected(0, PAGES) < PAGES * 2 * 105 / 100);
}

static void merit_is_known(void)
{
    host_case("forecast.merit_is_known");
    start(2);
    set_rates(100, 50, 40);
    for (u32 n = 0; n < 6; n++)
        cycle();
    CHECK(expected(100, 50) > 50 * 40 * 9 / 10 && expected(100, 50) < 50 * 40 * 11 / 10);
    CHECK_EQ(FORECAST_SURE, f.persists > FORECAST_SURE * 95 / 100 ? FORECAST_SURE : f.persists);
    CHECK(forecast_lasts(&f, 4) > FORECAST_SURE * 4 * 9 / 10);
}

/* The first cycle is all there is: it is believed as it stands. */
static void nothing_learned_yet(void)
{
    host_case("forecast.nothing_learned_yet");
    start(3);
    set_rates(0, 10, 30);
    cycle();
    for (u32 page = 0; page < PAGES; page++)
        CHECK_EQ(counts[page] << FORECAST_SHIFT, forecast_page(&f, page));
    CHECK_EQ(4 * FORECAST_SURE, forecast_lasts(&f, 4));
}

/* Rates that stay are told best by a long memory, a set that moves each few cycles by a short one. */
static void memory_that_tells_best(void)
{
    host_case("forecast.memory_that_tells_best");
    start(4);
    for (u32 page = 0; page < PAGES; page++)
        rates[page] = page % 5;
    for (u32 n = 0; n < 12; n++)
        cycle();
    CHECK_EQ(FORECAST_MEMORIES - 1, f.best);
    start(5);
    for (u32 n = 0; n < 12; n++) {
        set_rates(n / 3 * 256, 256, 50);
        cycle();
    }
    CHECK(f.best <= 1);
}

/* A hot set that moves every other cycle is worth less than one that stays, and one that moves always next to nothing. */
static void what_does_not_last(void)
{
    u64 always, often;

    host_case("forecast.what_does_not_last");
    start(6);
    for (u32 n = 0; n < 12; n++) {
        set_rates(n / 4 * 256, 256, 50);
        cycle();
    }
    often = forecast_lasts(&f, 8);
    start(6);
    for (u32 n = 0; n < 12; n++) {
        set_rates(n / 2 * 256, 256, 50);
        cycle();
    }
    always = forecast_lasts(&f, 8);
    CHECK(often < 8 * FORECAST_SURE * 9 / 10);
    CHECK(always < often && always < 2 * FORECAST_SURE);
}

/* The shortest memory's forecast is the mean of what followed on counts in the same quarter of an octave, each cycle half as old. */
static void same_as_plain_record(void)
{
    static u32 last[PAGES];
    double pages[FORECAST_BINS] = {0}, followed[FORECAST_BINS] = {0};

    host_case("forecast.same_as_plain_record");
    start(7);
    for (u32 n = 0; n < 5; n++) {
        for (u32 page = 0; page < PAGES; page++)
            counts[page] = host_below(4) ? host_below(8) : 1u << host_below(12);
        for (u32 b = 0; b < FORECAST_BINS; b++)
            pages[b] /= 2, followed[b] /= 2;
        for (u32 page = 0; page < PAGES && n; page++) {
            u32 b = 0; /* found by its limits: 16 x 2^(b / 4) with three steps between powers of two */
            for (u64 limit = 0; limit <= (u64)last[page] << FORECAST_SHIFT; b++)
                limit = b + 1 < 4 ? b + 1 : (u64)(4 + (b + 1) % 4) << (b + 1) / 4 >> 1;
            pages[b]++, followed[b] += counts[page];
        }
        forecast_learn(&f, counts);
        memcpy(last, counts, sizeof(last));
    }
    f.best = 0;
    for (u32 page = 0; page < PAGES; page++) {
        u32 b = 0;
        for (u64 limit = 0; limit <= (u64)last[page] << FORECAST_SHIFT; b++)
            limit = b + 1 < 4 ? b + 1 : (u64)(4 + (b + 1) % 4) << (b + 1) / 4 >> 1;
        if (pages[b] < 16)
            continue; /* where little is known the mean itself stands */
        double want = followed[b] / pages[b] * 16, got = forecast_page(&f, page);
        CHECK(got > want * 0.97 - 1 && got < want * 1.03 + 1);
    }
}

int main(void)
{
    luck_is_no_merit();
    merit_is_known();
    nothing_learned_yet();
    memory_that_tells_best();
    what_does_not_last();
    same_as_plain_record();
    return host_done();
}
