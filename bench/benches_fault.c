/* Microbenchmarks of the trackers that live on faults and samples: hint, wlog, sample. */
#include "kernel/clock.h"
#include "kernel/panic.h"
#include "lib/registry.h"
#include "lib/string.h"
#include "bench/bench.h"
#include "lab/lab.h"
#include "mm/memory.h"
#include "mm/track/hint.h"
#include "mm/track/sample.h"

#define NOTE_PAGES    512
#define LOG_PAGES     2048 /* the log is full three times */
#define DRAIN_SAMPLES 2048
#define DRAIN_PAGES   8192

static const struct tracker *tracker;
static struct observations found;

static void step(void)
{
    found.count = 0;
    while (!tracker->step(&arena, &found))
        found.count = 0;
}

static void prepare(const char *name, u32 nr_pages)
{
    if (!found.list)
        found.list = kmem_alloc(OBSERVATIONS_PER_STEP * sizeof(struct observation));
    parts_stop(&arena);
    space_clear(&arena);
    for (u32 page = 0; page < nr_pages; page++)
        ASSERT(!space_populate(&arena, page));
    tracker = registry_find(&tracker_registry, name);
}

static void clean_up(void)
{
    parts_stop(&arena);
    space_clear(&arena);
}

static void protect_all(void)
{
    u64 usual = hint_pages;

    prepare("hint", NOTE_PAGES);
    hint_pages = NOTE_PAGES;
    parts_start(&arena, tracker, NULL, NULL);
    step();
    hint_pages = usual;
}

static void load_each(u64 ops)
{
    vaddr_t end = space_va(&arena, (u32)ops);

#pragma GCC unroll 8
    for (vaddr_t va = arena.base; va < end; va += PAGE_SIZE)
        (void)*(volatile u8 *)va;
}

static const struct bench fault_note = {
    .name = "fault_note",
    .summary = "hint: a fault on a protected page that notes the access and gives it back",
    .ops = NOTE_PAGES,
    .prepare = protect_all,
    .run = load_each,
    .clean_up = clean_up,
};
REGISTER_BENCH(fault_note);

static void arm_all(void)
{
    prepare("wlog", LOG_PAGES);
    parts_start(&arena, tracker, NULL, NULL);
}

static void store_each(u64 ops)
{
    vaddr_t end = space_va(&arena, (u32)ops);

#pragma GCC unroll 8
    for (vaddr_t va = arena.base; va < end; va += PAGE_SIZE)
        *(volatile u8 *)va = 1;
}

static const struct bench wlog_fault = {
    .name = "wlog_fault",
    .summary = "wlog: a first write, logged; every 512th finds the log full and drains it",
    .ops = LOG_PAGES,
    .prepare = arm_all,
    .run = store_each,
    .clean_up = clean_up,
};
REGISTER_BENCH(wlog_fault);

/* Loads of one line a page, of so many pages that all miss, until there are enough records. */
static void fill_ring(void)
{
    u64 loads = sample_load, stores = sample_store, first;

    prepare("sample", DRAIN_PAGES);
    if (!model_present())
        return;
    sample_load = 1;
    sample_store = 0;
    parts_start(&arena, tracker, NULL, NULL);
    first = model_header()->ring_head;
    clock_book(BOOK_WORKLOAD);
    for (u32 page = 0; model_header()->ring_head - first < DRAIN_SAMPLES; page = (page + 1) % DRAIN_PAGES)
        (void)*(volatile u8 *)space_va(&arena, page);
    clock_book(BOOK_OFF);
    sample_load = loads;
    sample_store = stores;
}

static void drain(u64 ops)
{
    const struct sample *sample = arena.own[TRACKER];
    u64 before = sample->sample_records;

    if (!model_present())
        return;
    step();
    ASSERT(sample->sample_records - before == ops);
}

static const struct bench sample_drain = {
    .name = "sample_drain",
    .summary = "sample: takes a record from the ring, counts it, reports its page; 0 without the model, which writes "
               "the records",
    .ops = DRAIN_SAMPLES,
    .prepare = fill_ring,
    .run = drain,
    .clean_up = clean_up,
};
REGISTER_BENCH(sample_drain);

/* Pages in the slow tier, protected, with a classifier that promotes in the fault. */
static void protect_slow(void)
{
    u64 usual = hint_pages;

    space_placement = PLACE_SLOW_FIRST;
    prepare("hint", NOTE_PAGES);
    space_placement = PLACE_FAST_FIRST;
    arena.in_fault = true;
    parts_start(&arena, tracker, registry_find(&classifier_registry, "fault-latency"),
                registry_find(&migrator_registry, "batch"));
    hint_pages = NOTE_PAGES;
    step();
    hint_pages = usual;
}

static void clean_up_promotion(void)
{
    ASSERT(arena.resident[TIER_FAST] == NOTE_PAGES);
    arena.in_fault = false;
    clean_up();
}

static const struct bench touch_promote = {
    .name = "touch_promote",
    .summary = "hint, fault-latency: a fault on a protected page that promotes it, its flush included",
    .ops = NOTE_PAGES,
    .prepare = protect_slow,
    .run = load_each,
    .clean_up = clean_up_promotion,
};
REGISTER_BENCH(touch_promote);
