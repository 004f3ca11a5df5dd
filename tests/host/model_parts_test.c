/* sources: tests/host/host.c model/cache.c model/tlb.c model/tier.c model/presets.c */
/* The model's parts: caches and TLBs beside naive lists, the prefetcher, and lanes beside their closed form. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/cache.h"
#include "model/prefetch.h"
#include "model/tier.h"
#include "model/tlb.h"
#include "tests/host/host.h"
#include "tests/host/model_naive.h"

static void test_cache(void)
{
    for (uint32_t ways = 4; ways <= 16; ways += 4) {
        const uint32_t sets = 4;
        struct cache cache = {0};
        struct list naive[4] = {0};
        cache_init(&cache, sets * ways * 64, ways);
        for (int i = 0; i < 100000; i++) {
            uint32_t line = host_below(sets * ways * 2), dirty = host_below(2) ? LINE_DIRTY : 0;
            uint32_t *row = cache_row(&cache, line), victim_dirty = 0;
            struct list *list = &naive[line % sets];
            int way = cache_find(&cache, row, line), at = list_find(list, line);
            uint64_t victim = LINE_NONE;
            CHECK_EQ(at, way);
            if (way < 0) {
                list_push(list, ways, line, dirty, &victim, &victim_dirty);
                CHECK_EQ(victim | victim_dirty, cache_insert(&cache, row, line | dirty));
            } else if (host_below(8) == 0) {
                CHECK_EQ(line | list_remove(list, at), cache_remove(&cache, row, way));
            } else {
                uint32_t was = list_remove(list, at);
                list_push(list, ways, line, was | dirty, &victim, &victim_dirty);
                cache_touch(row, way, dirty);
            }
        }
        cache_free(&cache);
    }
}

static void test_tlb(void)
{
    struct tlb tlb = {0};
    struct list naive[2][8] = {0};
    static const uint32_t sets[2] = {4, 8}, ways[2] = {4, 2};

    for (int nr = 0; nr < 2; nr++) {
        tlb_level_init(&tlb.level[nr], sets[nr] * ways[nr], ways[nr]);
    }
    for (int i = 0; i < 100000; i++) {
        uint64_t number = host_below(64), tag = tlb_tag(number, host_below(2)), victim;
        uint32_t unused;
        int nr = (int)host_below(2);
        struct list *list = &naive[nr][number % sets[nr]];
        int at = list_find(list, tag);
        struct tlb_entry *entry = tlb_find(&tlb, nr, number, tag);
        CHECK_EQ(at >= 0, entry != NULL);
        if (entry) {
            CHECK_EQ(number, entry->page);
            list_remove(list, at);
        } else {
            entry = tlb_fill(&tlb, nr, number, &(struct tlb_entry){.tag = tag, .page = (uint32_t)number});
            CHECK_EQ(tag, entry->tag);
        }
        list_push(list, ways[nr], tag, 0, &victim, &unused);
        if (host_below(16) == 0) {
            tlb_drop(&tlb, number, tag);
            for (int level = 0; level < 2; level++) {
                struct list *other = &naive[level][number % sets[level]];
                at = list_find(other, tag);
                if (at >= 0) {
                    list_remove(other, at);
                }
            }
        }
        if (host_below(5000) == 0) {
            tlb_clear(&tlb);
            memset(naive, 0, sizeof(naive));
        }
    }
    tlb_free(&tlb);
}

static void test_prefetch(void)
{
    struct prefetch p;
    uint64_t start = 0;

    prefetch_clear(&p);
    CHECK(!prefetch_miss(&p, 64, 5, &start));
    CHECK(prefetch_miss(&p, 65, 9, &start));
    CHECK_EQ(5, start);
    CHECK(!prefetch_miss(&p, 64, 9, &start)); /* the direction is settled */
    CHECK(prefetch_miss(&p, 66, 9, &start));
    for (uint32_t line = 67; line < 128; line++) {
        CHECK(prefetch_miss(&p, line, 9, &start));
    }
    CHECK(!prefetch_miss(&p, 128, 9, &start)); /* another 4 KiB */
    prefetch_clear(&p);
    CHECK(!prefetch_miss(&p, 70, 1, &start));
    for (uint32_t line = 69; line >= 64; line--) {
        CHECK(prefetch_miss(&p, line, 1, &start));
    }
    CHECK(!prefetch_miss(&p, 63, 1, &start));
    prefetch_clear(&p);
    for (int turn = 0; turn < 64; turn++) { /* sixteen streams side by side */
        for (uint32_t stream = 0; stream < 16; stream++) {
            CHECK_EQ(turn > 0, prefetch_miss(&p, stream * 64 + (uint32_t)turn, 1, &start));
        }
    }
    prefetch_clear(&p);
    for (int turn = 0; turn < 4; turn++) { /* seventeen are one too many, unless all of them continue */
        for (uint32_t stream = 0; stream < 17; stream++) {
            CHECK(!prefetch_miss(&p, (stream + 17 * (uint32_t)turn) * 640, 1, &start));
        }
    }
}

static void test_lane(void)
{
    struct lane lane = {0};

    CHECK_EQ(1300, lane_take(&lane, 1000, 1000, 300));
    CHECK_EQ(1600, lane_take(&lane, 1100, 1100, 300)); /* waits for the first */
    CHECK_EQ(5300, lane_take(&lane, 5000, 5000, 300)); /* idle in between */
    CHECK_EQ(8300, lane_take(&lane, 9000, 8000, 300)); /* may use what was idle since 8000 */
    CHECK_EQ(8600, lane_take(&lane, 9000, 5000, 300));
    CHECK_EQ(1500, lane.taken_ps);
    lane_take(&lane, LANE_WINDOW_PS, LANE_WINDOW_PS, LANE_WINDOW_PS / 4);
    CHECK_EQ(0, lane.load_milli); /* 1500 ps of 10 us */
    lane_take(&lane, 2 * LANE_WINDOW_PS, 0, 0);
    CHECK_EQ(63, lane.load_milli); /* a quarter of the way from 0 to 250 */
    lane_take(&lane, 4 * LANE_WINDOW_PS + 5, 0, 0);
    CHECK_EQ(0, lane.load_milli); /* the window before was empty */

    /* Half of the lane for 100 us is background: a request waits for nothing on an idle lane, and utilisation is 1/2.
     */
    lane = (struct lane){0};
    lane_flow(&lane, 0, 100000000, 50000000);
    CHECK_EQ(30001000, lane_take(&lane, 30000000, 30000000, 1000));
    CHECK_EQ(500, lane.load_milli); /* at once: windows without a request went by */
    /* A backlog b drains at half speed: after 2 * b it is gone, just before it is not. */
    uint64_t free_ps = lane_take(&lane, 31000000, 31000000, 500000);
    CHECK_EQ(31500000, free_ps);
    CHECK_EQ(31750000, lane_take(&lane, 31500000, 31500000, 0));
    CHECK_EQ(31999500, lane_take(&lane, 31999000, 31999000, 0));
    CHECK_EQ(32001000, lane_take(&lane, 32001000, 32001000, 0));
    /* All of the work arrives by the end. */
    lane_take(&lane, 200000000, 200000000, 0);
    CHECK_EQ(0, lane.flow_left_ps);

    /* Twice what the lane serves, for 1 us: 1 us of backlog at its end, whatever was idle before. */
    lane = (struct lane){0};
    lane_flow(&lane, 5000000, 6000000, 2000000);
    CHECK_EQ(7000000, lane_take(&lane, 6000000, 6000000, 0));
    /* Work whose end is past stands in the queue at once. */
    lane = (struct lane){0};
    lane_flow(&lane, 5000000, 4000000, 3000);
    CHECK_EQ(5003010, lane_take(&lane, 5000000, 5000000, 10));
}

static void test_curve(void)
{
    struct preset preset;
    static struct port port;
    uint64_t moved_ps[MODEL_DIRECTIONS] = {0};
    struct port_use use = {.sharers_milli = 24000, .writers_milli = 24000, .curve = true};
    char error[256];

    CHECK(!preset_find("model/presets.tsv", "ddr4-clx", &preset, error, sizeof(error)));
    port_init(&port, &preset, 100, 16, moved_ps);
    port_mode(&port, &use);
    CHECK_EQ(88000, port.latency_ps[0]);
    CHECK_EQ(13593, port.read_service_ps); /* 64 B x 24 / 113 GB/s */
    static const struct {
        uint32_t load;
        uint64_t milli;
    } points[] = {{0, 1000},   {125, 1055}, {250, 1110}, {500, 1200},
                  {625, 1275}, {750, 1350}, {900, 1550}, {1000, 1760}};
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        port.lane[0].load_milli = points[i].load;
        port_price(&port);
        CHECK_EQ(88 * points[i].milli, port.latency_ps[0]);
    }
    use = (struct port_use){.sharers_milli = 1000, .writers_milli = 1000};
    port_mode(&port, &use);
    CHECK_EQ(88000, port.latency_ps[0]);
    CHECK_EQ(566, port.read_service_ps);
    port_init(&port, &preset, 110, 16, moved_ps);
    port_mode(&port, &use);
    CHECK_EQ(96800, port.latency_ps[0]);
}

/* A neighbour takes its share of the lane's time, and its load shows in the latency. */
static void test_neighbour(void)
{
    struct preset preset;
    static struct port port;
    uint64_t moved_ps[MODEL_DIRECTIONS] = {0}, milli[MODEL_DIRECTIONS];
    struct port_use use = {.sharers_milli = 1000, .writers_milli = 1000, .load_MBps = 45780, .curve = true};
    char error[256];

    /* Half of 45.78 GB/s at 113 read and half at 77 written: 0.5 of one lane's time, but for what rounding down takes. */
    CHECK(!preset_find("model/presets.tsv", "ddr4-clx", &preset, error, sizeof(error)));
    port_neighbour(&preset, 1000, use.load_MBps, milli);
    CHECK_EQ(202, milli[MODEL_READ]);
    CHECK_EQ(297, milli[MODEL_WRITE]);
    port_init(&port, &preset, 100, 16, moved_ps);
    port_mode(&port, &use);
    CHECK_EQ(499, port.lane[0].load_milli);
    CHECK_EQ(88 * 1199, port.latency_ps[0]); /* the curve at 0.499 */
    CHECK_EQ(566 * 1000 / 501, port.read_service_ps);
    /* Together with an own load of half of what is left: three quarters. */
    port.lane[0].own_milli = 500;
    port_mode(&port, &use);
    CHECK_EQ(499 + 250, port.lane[0].load_milli);
    /* CXL has two lanes: reads see the reads only. */
    CHECK(!preset_find("model/presets.tsv", "cxl-asic-x16", &preset, error, sizeof(error)));
    port_init(&port, &preset, 100, 16, moved_ps);
    use.load_MBps = 31000;
    port_mode(&port, &use);
    CHECK_EQ(500, port.lane[0].load_milli);
    CHECK_EQ(645, port.lane[1].load_milli);
}

/* Whole units go at the preset's rate for so many writers; single lines at the rate of few. */
static void test_writers(void)
{
    static const struct {
        uint64_t writers_milli, share;
    } points[] = {{1000, 1000}, {4000, 1000}, {6000, 980}, {16000, 800}, {22000, 652}, {24000, 600}, {40000, 600}};
    struct preset preset;
    static struct port port;
    uint64_t moved_ps[MODEL_DIRECTIONS] = {0};
    char error[256];

    CHECK(!preset_find("model/presets.tsv", "optane100-x6", &preset, error, sizeof(error)));
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++) {
        struct port_use use = {.sharers_milli = 1000, .writers_milli = points[i].writers_milli};
        port_init(&port, &preset, 100, 16, moved_ps);
        port_mode(&port, &use);
        CHECK_EQ(20480, port.write_service_ps); /* 256 B at 12.5 GB/s */
        uint64_t unit_ps = port.write_service_ps + 3 * port.merge_ps, want_ps = 20480 * 1000 / points[i].share;
        CHECK(unit_ps <= want_ps && want_ps - unit_ps < 4);
        uint64_t done_ps = 0;
        for (uint32_t line = 0; line < 4000; line++) {
            uint64_t at_ps = port_write(&port, line, 0);
            done_ps = at_ps ? at_ps : done_ps;
        }
        CHECK_EQ(1000 * unit_ps, done_ps);
        CHECK_EQ(done_ps, moved_ps[MODEL_WRITE]);
        moved_ps[MODEL_WRITE] = 0;
        port_clear(&port);
        for (uint32_t line = 0; line < 1000; line++) {
            done_ps = port_write(&port, line * 4, 0);
        }
        CHECK_EQ(1000 * 20480, done_ps);
        moved_ps[MODEL_WRITE] = 0;
    }
}

/* Every latency is scaled; of a media unit of four lines the first takes the lane, the others find it open. */
static void test_media_unit(void)
{
    struct preset preset = {.read_ps = 300000, .seq_ps = 150000, .write_ps = 90000, .read_Bps = 1000000000,
                            .write_Bps = 1000000000, .lanes = 1, .unit_bytes = 256};
    struct port port;
    uint64_t moved_ps[MODEL_DIRECTIONS] = {0};

    for (int i = 0; i < CURVE_POINTS; i++) {
        preset.curve[i] = 1000;
    }
    port_init(&port, &preset, 110, 16, moved_ps);
    CHECK_EQ(330000, port.preset.read_ps);
    CHECK_EQ(165000, port.preset.seq_ps);
    CHECK_EQ(99000, port.preset.write_ps);
    CHECK_EQ(110000, port.next_ps); /* (4 x 165 - 330) / 3 ns */
    port_mode(&port, &(struct port_use){.sharers_milli = 1000, .writers_milli = 1000});
    for (uint32_t line = 0; line < 8; line++) {
        CHECK_EQ(line % 4 != 0, port_read(&port, line, 1000000, 1000000).further);
    }
    CHECK_EQ(2, port.read_units);
    CHECK_EQ(2 * 256000, moved_ps[MODEL_READ]);
}

int main(void)
{
    host_seed(1);
    host_case("model.cache_is_lru");
    test_cache();
    host_case("model.tlb_is_lru");
    test_tlb();
    host_case("model.prefetcher_streams");
    test_prefetch();
    host_case("model.lane_closed_form");
    test_lane();
    host_case("model.curve");
    test_curve();
    host_case("model.neighbour");
    test_neighbour();
    host_case("model.many_writers");
    test_writers();
    host_case("model.media_unit");
    test_media_unit();
    return host_done();
}
