/* sources: tests/host/host.c */
/*
 * ARMS's averages against floating-point ones, its rules for age and permission by hand, what pays by hand; the test for a rise on
 * levels that stay, rise and fall.
 */
#include "mm/classify/averages.h"
#include "mm/classify/rise.h"
#include "tests/host/host.h"

static void check_averages(void)
{
    struct average a = {0};
    double brief = 0, lasting = 0;

    for (u32 n = 0; n < 60; n++) {
        u32 samples = host_below(3) ? 0 : host_below(1000), of_short = n < 30 ? SHORT_STEADY : SHORT_CHANGED;
        double score, weight = of_short / 1024.0;
        a.samples += samples;
        average_take_in(&a, of_short);
        brief += 2 / 3.0 * (samples * 256.0 - brief);
        lasting += 2 / 21.0 * (samples * 256.0 - lasting);
        score = weight * brief + (1 - weight) * lasting;
        CHECK(a.score <= score + 1 && a.score + 12 >= score); /* each step rounds down by less than 1: at most 10.5 are left of it */
        CHECK_EQ(0, a.samples);
    }
}

static void take(struct average *a, u32 samples, bool first)
{
    a->samples = samples;
    average_take_in(a, SHORT_STEADY);
    average_ranked(a, first);
}

int main(void)
{
    struct average a = {.live = true}, b = {0};
    struct rise r = {0};
    u32 looks = 0;

    host_case("averages.floating_point");
    for (u64 seed = 1; seed <= 50; seed++) {
        host_seed(seed);
        check_averages();
    }

    host_case("averages.first_score");
    take(&a, 21, true);
    CHECK_EQ(2 * 21 * 256 / 3, a.brief);
    CHECK_EQ(2 * 256, a.lasting);
    CHECK_EQ((3584 * 410 + 512 * 614) / 1024, a.score);

    host_case("averages.two_looks_not_falling");
    CHECK(a.age == 1 && !a.may);
    take(&a, 0, true); /* falls */
    CHECK(a.age == 2 && !a.may);
    take(&a, 21, true);
    CHECK(a.age == 3 && a.may);
    take(&a, 0, true); /* stays permitted */
    CHECK(a.age == 4 && a.may);
    take(&a, 21, false);
    CHECK(a.age == 0 && !a.may);
    take(&a, 100, true);
    CHECK(a.age == 1 && !a.may);

    host_case("averages.forgotten_in_the_end");
    for (; a.score && looks < 100; looks++)
        average_take_in(&a, SHORT_STEADY);
    CHECK(looks > 20 && looks < 90 && !a.live && !a.brief && !a.lasting && !a.age);

    host_case("averages.pays");
    a = (struct average){.brief = 3000, .lasting = 1000, .score = 2560, .age = 3};
    b = (struct average){.brief = 1000, .lasting = 10, .score = 512};
    /* 8 samples of 100 accesses, three decisions, 50 ns: 120,000 ns */
    CHECK(average_pays(&a, &b, 100, 50, 120000));
    CHECK(!average_pays(&a, &b, 100, 50, 120001));
    b.brief = 1001; /* above the other's long average */
    CHECK(!average_pays(&a, &b, 100, 50, 1));
    b.brief = 10;
    b.score = 2560;
    CHECK(!average_pays(&a, &b, 100, 50, 0));

    host_case("rise.level_and_step");
    rise_look(&r, 1000, 300);
    CHECK(r.risen);
    for (u32 n = 0; r.risen && n < 5000; n++)
        rise_look(&r, n % 2 ? 1100 : 900, 300);
    CHECK(!r.risen && r.times == 1);
    for (u32 n = 0; n < 200; n++)
        rise_look(&r, n % 2 ? 1100 : 900, 300);
    CHECK(r.mean >= 900 && r.mean <= 1100 && r.deviation >= 80 && r.deviation <= 130);
    CHECK(!r.risen);
    rise_look(&r, 1150, 300);
    CHECK(!r.risen);
    rise_look(&r, 3000, 300);
    CHECK(r.risen);
    for (looks = 0; r.risen && looks < 500; looks++)
        rise_look(&r, looks % 2 ? 520 : 480, 300);
    CHECK(looks >= RISE_CALM_LOOKS && looks < 500);
    rise_look(&r, 2000, 2000); /* not above the least */
    CHECK(!r.risen);
    return host_done();
}
