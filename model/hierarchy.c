/*
 * The caches and what lies behind them: where a line is found, what that costs, and what falls out.
 *
 * A line is in one place only: in the last-level cache, or in one core's second level (and then perhaps in its first,
 * too). A core takes lines from the last level and from the other core at the price of a last-level hit; what falls
 * out of a second level goes to the last level (Cascade Lake's is such a victim cache). Stores that hit never wait:
 * the store buffer hides the look-up.
 */
#include "model/path.h"

/* A line leaves a first level: it is no longer a recent one. */
static void forget_line(uint32_t line)
{
    struct recent *recent = model.recent[line & model.recent_mask];

    for (int way = 0; way < RECENT_WAYS; way++) {
        if (recent[way].line == line) {
            recent[way].key = 0;
        }
    }
}

/* Another line becomes its set's most recent one without being remembered. */
static void forget_newest(uint32_t line)
{
    model.newest[line & model.recent_mask]->key = 0;
}

/* Takes a line out of a core's private caches; returns it with its dirty bit, or LINE_NONE. */
static uint32_t take_private(struct core *core, uint32_t line)
{
    uint32_t *row = cache_row(&core->l2, line);
    int way = cache_find(&core->l2, row, line);

    if (way < 0) {
        return LINE_NONE;
    }
    uint32_t taken = cache_remove(&core->l2, row, way);
    forget_line(line);
    row = cache_row(&core->l1, line);
    way = cache_find(&core->l1, row, line);
    return way < 0 ? taken : taken | cache_remove(&core->l1, row, way);
}

static uint32_t take_llc(uint32_t line)
{
    uint32_t *row = cache_row(&model.llc, line);
    int way = cache_find(&model.llc, row, line);

    return way < 0 ? LINE_NONE : cache_remove(&model.llc, row, way);
}

static void write_back(uint32_t line, uint64_t insns)
{
    uint64_t now_ps = model_now_ps(insns);

    model.counters->writebacks++;
    path_stall(port_write_back(path_writes(line, now_ps), line, now_ps));
}

/* Puts a line into the second level; what falls out goes to the last level, and from there, if dirty, to memory. */
static void fill_l2(uint32_t line, uint64_t insns)
{
    struct core *core = model.core;
    uint32_t victim = cache_insert(&core->l2, cache_row(&core->l2, line & LINE_NUMBER), line);

    core->l2.used = true;
    if (victim == LINE_NONE) {
        return;
    }
    uint32_t number = victim & LINE_NUMBER, *row = cache_row(&core->l1, number);
    int way = cache_find(&core->l1, row, number);
    if (way >= 0) {
        victim |= cache_remove(&core->l1, row, way);
        forget_line(number);
    }
    victim = cache_insert(&model.llc, cache_row(&model.llc, number), victim);
    if (victim & LINE_DIRTY) {
        write_back(victim & LINE_NUMBER, insns);
    }
}

/* Puts a line into the first level; a dirty victim leaves its mark in the second, which contains it. */
static void fill_l1(uint32_t line)
{
    struct core *core = model.core;
    uint32_t victim = cache_insert(&core->l1, cache_row(&core->l1, line & LINE_NUMBER), line);

    forget_line(victim & LINE_NUMBER);
    if (victim & LINE_DIRTY) {
        uint32_t number = victim & LINE_NUMBER, *row = cache_row(&core->l2, number);
        row[cache_find(&core->l2, row, number)] |= LINE_DIRTY;
    }
}

/*
 * A demand miss asks for its line at `ready_ps`: when its address is translated, but not before a fill buffer is free.
 * The lane's time is taken from now on, so that a request that waits for its walk does not hold up younger ones.
 * Returns when the line is there: after the latency or when the lane has moved it, whichever is later. *latency_ps is
 * the time from the request on.
 */
static uint64_t fetch(uint32_t line, uint64_t now_ps, uint64_t ready_ps, uint64_t *latency_ps)
{
    struct core *core = model.core;
    uint64_t free_ps = flight_fill(&core->flight), begin_ps = free_ps > ready_ps ? free_ps : ready_ps;
    struct arrival arrival = path_read(line, now_ps, now_ps);
    uint64_t done_ps = begin_ps + arrival.latency_ps;

    done_ps = arrival.lane_ps > done_ps ? arrival.lane_ps : done_ps;
    flight_filled(&core->flight, done_ps);
    *latency_ps = done_ps - begin_ps;
    return done_ps;
}

/*
 * A line that a stream had asked for: when it had room, but not before the stream began. The lane may have moved it in
 * time that it had idle since.
 */
static uint64_t fetch_ahead(uint32_t line, uint64_t now_ps, uint64_t stream_ps)
{
    struct core *core = model.core;
    uint64_t room_ps = flight_ahead(&core->flight), begin_ps = room_ps > stream_ps ? room_ps : stream_ps;

    begin_ps = begin_ps < now_ps ? begin_ps : now_ps;
    struct arrival arrival = path_read(line, now_ps, begin_ps);
    uint64_t done_ps = (room_ps > begin_ps ? room_ps : begin_ps) + arrival.latency_ps;
    done_ps = arrival.lane_ps > done_ps ? arrival.lane_ps : done_ps;
    flight_used(&core->flight, done_ps > now_ps ? done_ps : now_ps);
    return done_ps;
}

/* A line of the program's or the kernel's data comes from memory, for an access whose address is known at ready_ps. */
static uint64_t miss(const struct place *place, bool store, uint64_t now_ps, uint64_t ready_ps, bool *demand)
{
    uint64_t stream_ps, latency_ps;
    bool ahead = model.prefetching && prefetch_miss(&model.core->prefetch, place->line, now_ps, &stream_ps);

    model.counters->misses++;
    model.counters->prefetched += ahead;
    path_request(place, store, ahead);
    *demand = !ahead;
    if (ahead) {
        return fetch_ahead(place->line, now_ps, stream_ps);
    }
    uint32_t tier = path_server(place->line, path_tier(place->line));
    uint64_t done_ps = fetch(place->line, now_ps, ready_ps, &latency_ps);
    if (!store && model.nr_core == CORE_WORKLOAD) {
        struct model_uncore *uncore = &model.header->uncore[tier];
        uncore->loads++;
        uncore->latency_ps += latency_ps;
    }
    return done_ps;
}

/* Takes a line from the last level or the other core, or LINE_NONE. */
static uint32_t take_shared(uint32_t line)
{
    struct core *other = &model.cores[!model.nr_core];
    uint32_t found = take_llc(line);

    return found == LINE_NONE && other->l2.used ? take_private(other, line) : found;
}

/* Past the first level. */
static __attribute__((noinline)) void touch_further(const struct place *place, bool store, uint64_t insns)
{
    struct core *core = model.core;
    uint32_t line = place->line, dirty = store ? LINE_DIRTY : 0;
    uint32_t *row = cache_row(&core->l2, line);
    int way = cache_find(&core->l2, row, line);
    uint64_t now_ps = model_now_ps(insns), ready_ps = place->ready_ps ? place->ready_ps : now_ps, done_ps;
    bool demand = false;

    if (way >= 0) {
        cache_touch(row, way, 0);
        model.counters->l2_hits++;
        done_ps = ready_ps + model.config->l2_ps;
    } else {
        uint32_t found = take_shared(line);
        if (found != LINE_NONE) {
            model.counters->llc_hits++;
            done_ps = ready_ps + model.config->llc_ps;
        } else {
            done_ps = miss(place, store, now_ps, ready_ps, &demand);
            if (store) {
                path_stall(store_buffer_push(&core->stores, now_ps, done_ps));
            }
            found = line;
        }
        fill_l2(found, insns);
    }
    fill_l1(line | dirty);
    /* A store leaves once its address is translated: the store buffer waits for the line. */
    if (!store) {
        path_load(place, done_ps, demand, insns);
    } else if (place->ready_ps) {
        path_load(place, ready_ps, true, insns);
    }
}

void path_touch(const struct place *place, bool store, uint64_t insns)
{
    struct core *core = model.core;
    uint32_t *row = cache_row(&core->l1, place->line);
    int way = cache_find(&core->l1, row, place->line);

    if (__builtin_expect(way < 0, 0)) {
        touch_further(place, store, insns);
        return;
    }
    model.counters->l1_hits++;
    cache_touch(row, way, store ? LINE_DIRTY : 0);
    if (__builtin_expect(place->ready_ps != 0, 0)) {
        path_load(place, place->ready_ps, true, insns);
    }
}

uint64_t path_read_entry(uint32_t line, bool set, uint64_t at_ps, uint64_t insns)
{
    struct core *core = model.core;
    uint32_t dirty = set ? LINE_DIRTY : 0, found;
    uint32_t *row = cache_row(&core->l1, line);
    uint64_t latency_ps;
    int way = cache_find(&core->l1, row, line);

    forget_newest(line);
    if (way >= 0) {
        cache_touch(row, way, dirty);
        return at_ps + model.config->walk_l1_ps;
    }
    row = cache_row(&core->l2, line);
    way = cache_find(&core->l2, row, line);
    if (way >= 0) {
        cache_touch(row, way, 0);
        fill_l1(line | dirty);
        return at_ps + model.config->l2_ps;
    }
    found = take_shared(line);
    if (found != LINE_NONE) {
        at_ps += model.config->llc_ps;
    } else {
        model.counters->walk_misses++;
        at_ps = fetch(line, model_now_ps(insns), at_ps, &latency_ps);
        found = line;
    }
    fill_l2(found, insns);
    fill_l1(line | dirty);
    return at_ps;
}

void path_drop(uint32_t line, uint64_t insns)
{
    uint32_t taken = take_private(&model.cores[0], line);

    if (taken == LINE_NONE && model.cores[1].l2.used) {
        taken = take_private(&model.cores[1], line);
    }
    if (taken == LINE_NONE) {
        taken = take_llc(line);
    }
    if (taken & LINE_DIRTY) {
        write_back(line, insns);
    }
}
