/* sources: tests/host/host.c */
/*
 * balance over a classifier that orders at random: whatever the tiers' latencies do, no page is handed out twice or for the tier
 * in which it lies, the other classifier hears of what became of each of its orders, and which tier is quicker decides which way
 * pages go.
 */
#define RIG_HAS_A_MODEL
#include "tests/host/classifier_rig.h"

#include "mm/classify/balance.c"

static struct model_header header;
static u64 now_ps;

bool model_present(void)
{
    return true;
}

const volatile struct model_header *model_header(void)
{
    return &header;
}

u64 clock_now_ps(void)
{
    return now_ps;
}

/* The other classifier: where it takes a page to lie, and which the migrator has for it. */
static int thinks[RIG_PAGES];
static bool out[RIG_PAGES];
static u32 nr_out;

static void other_start(struct space *space)
{
    space->own[CLASSIFIER] = out; /* its state */
    memset(out, 0, sizeof(out));
    nr_out = 0;
}

static void other_mapped(struct space *space, u32 page, enum tier tier)
{
    (void)space;
    thinks[page] = (int)tier;
}

static struct order other_next(struct space *space, enum tier to)
{
    u32 page = host_below(RIG_PAGES);

    (void)space;
    if (rig_tier[page] < 0 || out[page] || thinks[page] == (int)to)
        return (struct order){.page = NO_PAGE};
    out[page] = true;
    nr_out++;
    return (struct order){.page = page, .to = (u8)to};
}

static void other_done(struct space *space, struct order order, enum outcome outcome)
{
    (void)space;
    CHECK(out[order.page]); /* it has ordered this */
    CHECK_EQ(thinks[order.page] ^ 1, order.to);
    out[order.page] = false;
    nr_out--;
    if (outcome == MOVED)
        thinks[order.page] = order.to;
}

static const struct classifier other = {
    .part = {.name = "other", .start = other_start}, .mapped = other_mapped, .next = other_next, .done = other_done};

const void *registry_need(const struct registry *registry, const char *name)
{
    (void)registry, (void)name;
    return &other;
}

const struct registry classifier_registry;

/* Loads of the last while, and how long each took. */
static void pass(u64 fast_ns, u64 slow_ns)
{
    const u64 ns[NR_TIERS] = {fast_ns, slow_ns};

    now_ps += 4700000000;
    for (unsigned tier = 0; tier < NR_TIERS; tier++) {
        u64 loads = 200000 + host_below(100000);
        header.uncore[tier].loads += loads;
        header.uncore[tier].latency_ps += loads * ns[tier] * 1000;
    }
}

static void sample(void)
{
    struct observation list[16];

    for (u32 i = 0; i < 16; i++)
        list[i] = (struct observation){.page = host_below(RIG_PAGES), .weight = 1 + host_below(20), .flags = OBSERVED_READ};
    balance.observe(&rig, list, 16, 1);
}

static void begin(void)
{
    memset(&header, 0, sizeof(header));
    header.cores = 24;
    header.tier[TIER_FAST].read_ps = 80000;
    header.tier[TIER_SLOW].read_ps = 130000;
    now_ps = 0;
    rig_start(&balance, RIG_PAGES / 2);
    for (u32 page = 0; page < RIG_PAGES; page++)
        rig_map(page);
}

/* Asks for pages to that tier until there is none or room is missing; ends all. Returns how many moved. */
static u32 move_all(enum tier to)
{
    u32 moved = 0;

    for (u32 tries = 0; tries < 400; tries++)
        if (to == TIER_SLOW || rig.left[TIER_FAST] > (s32)rig_nr_open)
            rig_ask(to);
    while (rig_nr_open) {
        rig_end(0, MOVED);
        moved++;
    }
    return moved;
}

static void test_random(void)
{
    begin();
    for (int round = 0; round < 20000; round++) {
        switch (host_below(8)) {
        case 0:
            pass(80 + host_below(200), 130 + host_below(60));
            balance.decide(&rig);
            break;
        case 1:
            sample();
            break;
        case 2:
        case 3:
        case 4:
            if (rig_nr_open < RIG_PAGES)
                rig_ask(host_below(2) ? TIER_FAST : TIER_SLOW);
            break;
        default:
            if (rig_nr_open)
                rig_end_one();
        }
    }
    while (rig_nr_open)
        rig_end(0, GAVE_UP);
    CHECK_EQ(0, nr_out);
}

/* With the fast tier quicker nothing of its own goes down; with the slow one quicker nothing comes up, and sampled pages go down. */
static void test_directions(void)
{
    const struct balance *s;

    begin();
    for (int i = 0; i < 4; i++) {
        sample();
        pass(80, 300);
        balance.decide(&rig);
        rig_ask(TIER_SLOW); /* the other's, if any */
        while (rig_nr_open)
            rig_end(0, GAVE_UP);
    }
    s = rig.own[CLASSIFIER];
    CHECK_EQ(0, s->balance_taken_down);
    for (int i = 0; i < 30; i++) {
        sample();
        pass(400, 130);
        balance.decide(&rig);
        if (s->down)
            CHECK_EQ(0, move_all(TIER_FAST));
        move_all(TIER_SLOW);
    }
    CHECK(s->balance_taken_down > 0);
}

int main(void)
{
    host_seed(1);
    host_case("colloid.random");
    test_random();
    host_case("colloid.directions");
    test_directions();
    return host_done();
}
