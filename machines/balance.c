#include "machines/balance.h"
#include "machines/balloon.h"
#include "kernel/clock.h"
#include "kernel/exit.h"
#include "kernel/panic.h"
#include "lib/record.h"
#include "lib/string.h"
#include "mm/balance/balance.h"
#include "mm/move.h"

#define EVERYBODYS_SHARE "1"
#define HOT_PART         50

static KEY_TEXT(balance, "balance", "static", NULL, "how the fast tier is divided between several machines (`list` names them: balancer)");
static KEY_TEXT(shares_key, "shares", EVERYBODYS_SHARE, NULL,
                "several machines: weights of their parts of the fast tier with a colon between, as 2:1:1; 1 for who has none");
static KEY_NUMBER(hot_part, "hot_part", HOT_PART, 1, 100,
                  "several machines: a page is in the measured hot set if its tracker counted it so much, in %, as the machine's hottest "
                  "hundredth; arbitrary: with accessed bits, what is seen in every second window");

extern const void *const balancers_start[], *const balancers_end[];
const struct registry balancer_registry = {"balance", balancers_start, balancers_end};

static const struct balancer *balancer, *divider; /* the divider: who says how large shares are */
static struct tenant *tenants;
static unsigned nr_tenants;
static struct demand demands[MAX_MACHINES];
static bool known[MAX_MACHINES];  /* a cycle of it has been measured */
static u32 wanted[MAX_MACHINES];  /* the share that each is to have */
static u32 giving[MAX_MACHINES];  /* demotions under way of those that were asked for */
static u64 settled_ps;            /* until when shares are in tenant->share_ps */

static const struct classifier *real;
static struct classifier stand_in;

/* Frames that the space holds beyond its share. */
static u32 excess(const struct space *space)
{
    return (u32)MAX(-space->left[TIER_FAST], 0);
}

static unsigned number_of(const struct space *space)
{
    return watch_of(space)->number;
}

static struct order next(struct space *space, enum tier to)
{
    u32 too_many = excess(space);
    struct order order = {.page = NO_PAGE};

    if (to == TIER_FAST && too_many)
        return order;
    order = real->next(space, to);
    if (to == TIER_SLOW && order.page == NO_PAGE && real->give && giving[number_of(space)] < too_many)
        order = real->give(space);
    giving[number_of(space)] += to == TIER_SLOW && order.page != NO_PAGE;
    return order;
}

/* Where the machine chooses: while it has to give, nothing else moves. */
static struct order next_of_machine(struct space *space, enum tier to)
{
    struct order order = {.page = NO_PAGE};
    u32 too_many = excess(space);

    if (!too_many)
        order = real->next(space, to);
    else if (to == TIER_SLOW && giving[number_of(space)] < too_many)
        order = balloon_give(real, space, number_of(space));
    giving[number_of(space)] += to == TIER_SLOW && order.page != NO_PAGE;
    return order;
}

static void done(struct space *space, struct order order, enum outcome outcome)
{
    giving[number_of(space)] -= order.to == TIER_SLOW;
    real->done(space, order, outcome);
}

/* Why the run's policy cannot change a share, or null. */
static const char *cannot(void)
{
    if (!chosen.migrator)
        return "moves no page";
    if (chosen.classifier->never_demotes)
        return "never takes a page out of the fast tier";
    if (!chosen.tracker || chosen.tiers_seen != ALL_TIERS)
        return "does not look at both tiers, so nobody knows how large a hot set is";
    return NULL;
}

void balance_init(void)
{
    const char *why = cannot();

    balancer = divider = registry_need(&balancer_registry, balance);
    if (balancer->divides_as)
        divider = registry_need(&balancer_registry, *balancer->divides_as);
    if (balancer->fixed)
        return;
    /* Who moves nothing keeps its shares: the ends of the scale stand beside every comparison. */
    if (why && chosen.migrator)
        refuse("balance=%s: policy=%s %s; balance=static goes with it", balance, chosen.policy->name, why);
    if (why) {
        balancer = registry_need(&balancer_registry, "static");
        return;
    }
    if (balancer->divides_as && !(chosen.classifier->give && chosen.classifier->give_page))
        refuse("balance=%s: classifier=%s chooses itself what it gives; balance=%s goes with it", balance, chosen.classifier->part.name,
               *balancer->divides_as);
    real = chosen.classifier;
    stand_in = *real;
    stand_in.next = balancer->divides_as ? next_of_machine : next;
    stand_in.done = done;
    chosen.classifier = &stand_in;
}

void balance_refuse(void)
{
    /* What is given as it is anyway asks for nothing: a run with all defaults given is the same run. */
    if (strcmp(balance, "static") || strcmp(shares_key, EVERYBODYS_SHARE) || hot_part != HOT_PART)
        refuse("balance=, shares= and hot_part= are about several machines: vms=2 and more have them");
}

void balance_equal(unsigned n, u32 frames, u32 *parts)
{
    u64 weights[MAX_MACHINES];
    const char *text = shares_key;

    for (unsigned i = 0; i < MAX_MACHINES; i++) {
        char word[8];
        size_t length = 0;
        weights[i] = 1;
        while (text[length] && text[length] != ':')
            length++;
        if (!length)
            continue;
        if (i >= n && n)
            refuse("shares=%s: there are %u machines", shares_key, n);
        if (length >= sizeof(word))
            refuse("shares=%s: weights are numbers from 1 to 1000000 with a colon between", shares_key);
        memcpy(word, text, length);
        word[length] = 0;
        if (parse_number(word, false, &weights[i]) || !weights[i] || weights[i] > 1000000)
            refuse("shares=%s: weights are numbers from 1 to 1000000 with a colon between", shares_key);
        text += length + (text[length] == ':');
    }
    balance_by_weights(weights, n, frames, parts);
}

/* The class of a page with so many of `all` (mm/balance/balance.h). */
static unsigned gain_class(u64 weight, u64 all)
{
    u64 gain = MAX((weight << GAIN_SHIFT) / all, 1);
    unsigned octave = 63 - (unsigned)__builtin_clzll(gain);
    u64 step = (octave >= 2 ? gain >> (octave - 2) : gain << (2 - octave)) & (GAIN_STEPS - 1);

    return MIN(octave * GAIN_STEPS + (unsigned)step, NR_GAINS - 1);
}

/* What the pages of the hottest hundredth have at least; 0 when nothing was seen. */
static u64 hottest_weight(const struct demand *demand, const u64 *weights)
{
    u32 seen = 0, above = 0;

    for (unsigned class = 0; class < NR_GAINS; class++)
        seen += demand->gain[class];
    for (unsigned class = NR_GAINS; class--;) {
        above += demand->gain[class];
        if (above * 100ull >= seen && demand->gain[class])
            return weights[class] / demand->gain[class];
    }
    return 0;
}

/* From what the cycle's observations say of each page. */
static void measure(struct demand *demand, const struct watch *w)
{
    u64 all = 0, weights[NR_GAINS] = {0}, hottest;

    memset(demand->gain, 0, sizeof(demand->gain));
    demand->hot = 0;
    for (u32 page = 0; page < w->space->nr_pages; page++)
        all += w->estimates[page];
    for (u32 page = 0; page < w->space->nr_pages; page++) {
        if (!w->estimates[page])
            continue;
        unsigned class = gain_class(w->estimates[page], all);
        demand->gain[class]++;
        weights[class] += w->estimates[page];
    }
    hottest = hottest_weight(demand, weights);
    for (u32 page = 0; page < w->space->nr_pages; page++)
        demand->hot += w->estimates[page] && w->estimates[page] * 100ull >= hottest * hot_part;
}

static bool lives(unsigned i)
{
    return tenants[i].phase != TENANT_DONE;
}

static u32 held(const struct space *space)
{
    return (u32)((s32)space->share[TIER_FAST] - space->left[TIER_FAST]);
}

/* Shares shrink at once and grow by what is free. */
static void settle(void)
{
    u64 now_ps = clock_now_ps();
    u32 free = frame_pool(TIER_FAST)->nr_frames - frame_pool(TIER_FAST)->nr_reserved;

    for (unsigned i = 0; i < nr_tenants; i++) {
        struct space *space = tenants[i].watch.space;
        if (lives(i))
            tenants[i].share_ps += space->share[TIER_FAST] * (now_ps - settled_ps);
        if (wanted[i] < space->share[TIER_FAST])
            space_share(space, TIER_FAST, wanted[i]);
        free -= MAX(space->share[TIER_FAST], held(space));
        if (excess(space))
            migration_wake(space);
    }
    for (unsigned i = 0; i < nr_tenants; i++) {
        struct space *space = tenants[i].watch.space;
        u32 more = MIN(wanted[i] - space->share[TIER_FAST], free);
        if (more) {
            space_share(space, TIER_FAST, space->share[TIER_FAST] + more);
            free -= more;
            migration_wake(space);
        }
    }
    settled_ps = now_ps;
}

static void record_shares(unsigned asks)
{
    record_begin("event");
    record_text("event", "shares");
    record_u64("start_ns", clock_now_ps() / 1000);
    record_u64("machine", asks);
    for (unsigned what = 0; what < 4; what++) {
        static const char *const names[] = {"shares", "held", "wanted", "hot"};
        record_array(names[what]);
        for (unsigned i = 0; i < nr_tenants; i++) {
            const struct space *space = tenants[i].watch.space;
            record_u64(NULL, what == 0 ? space->share[TIER_FAST] : what == 1 ? held(space) : what == 2 ? wanted[i] : demands[i].hot);
        }
        record_close();
    }
    record_end();
}

/* Asks the balancer, of the machines that live, when all of them have been measured. */
static void divide(unsigned asks)
{
    struct demand living[MAX_MACHINES];
    u32 shares[MAX_MACHINES], frames = frame_pool(TIER_FAST)->nr_frames - frame_pool(TIER_FAST)->nr_reserved;
    unsigned n = 0;

    for (unsigned i = 0; i < nr_tenants; i++)
        if (lives(i) && !known[i])
            return;
    for (unsigned i = 0; i < nr_tenants; i++) {
        if (!lives(i))
            continue;
        demands[i].asks = i == asks;
        demands[i].share = wanted[i];
        living[n++] = demands[i];
    }
    divider->divide(living, n, frames, shares);
    n = 0;
    for (unsigned i = 0; i < nr_tenants; i++)
        if (lives(i)) {
            wanted[i] = MIN(shares[n], demands[i].pages);
            n++;
        }
}

static void cycle_ends(struct watch *w)
{
    measure(&demands[w->number], w);
    known[w->number] = true;
    if (!balancer->fixed)
        divide(w->number);
    settle();
    record_shares(w->number);
}

void balance_start(struct tenant *all, unsigned n)
{
    tenants = all;
    nr_tenants = n;
    settled_ps = 0;
    memset(giving, 0, sizeof(giving));
    memset(known, 0, sizeof(known));
    balloon_start();
    for (unsigned i = 0; i < n; i++) {
        const struct space *space = tenants[i].watch.space;
        wanted[i] = space->share[TIER_FAST];
        demands[i] = (struct demand){.share = wanted[i], .equal = wanted[i], .pages = space->nr_pages, .hot = wanted[i]};
        tenants[i].watch.cycle_ends = cycle_ends;
    }
}

void balance_turn(struct tenant *tenant)
{
    u32 too_many = excess(tenant->watch.space), on_their_way = giving[tenant->number];

    if (balancer->divides_as)
        balloon_ask(tenant, too_many > on_their_way ? too_many - on_their_way : 0);
}

void balance_tick(void)
{
    settle();
}

void balance_leave(struct tenant *tenant)
{
    giving[tenant->number] = 0;
    if (balancer->fixed)
        return;
    wanted[tenant->number] = 0;
    settle();
}

void balance_report(void)
{
    record_text("balance", balancer->name);
}

void balance_report_machine(unsigned machine)
{
    if (balancer->divides_as)
        balloon_report(machine);
}

bool balance_asks_machines(void)
{
    return balancer->divides_as;
}
