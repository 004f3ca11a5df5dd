#include "model/tier.h"

#include <string.h>

#define PS_PER_SECOND 1000000000000ull

static const uint32_t curve_at[CURVE_POINTS] = {250, 500, 750, 900, 1000}; /* utilisation, in 1/1000 */

static void lane_load(struct lane *lane)
{
    lane->load_milli = lane->neighbour_milli + lane->own_milli * (1000 - lane->neighbour_milli) / 1000;
}

void port_init(struct port *port, const struct preset *preset, uint64_t latency_percent, uint32_t queue_entries,
               uint64_t *moved_ps)
{
    memset(port, 0, sizeof(*port));
    port->preset = *preset;
    port->preset.read_ps = preset->read_ps * latency_percent / 100;
    port->preset.seq_ps = preset->seq_ps * latency_percent / 100;
    port->preset.write_ps = preset->write_ps * latency_percent / 100;
    port->unit_shift = (uint32_t)__builtin_ctzll(preset->unit_bytes / 64);
    port->queue_entries = queue_entries;
    port->moved_ps = moved_ps;
    port->write_lane = &port->lane[preset->lanes - 1];
    /* The mean over a unit's lines is the sequential latency: (first + (lines - 1) * next) / lines = seq. */
    uint64_t lines = 1ull << port->unit_shift;
    port->next_ps =
        lines > 1 ? (lines * port->preset.seq_ps - port->preset.read_ps) / (lines - 1) : port->preset.read_ps;
    port_clear(port);
}

void port_clear(struct port *port)
{
    for (int i = 0; i < 2; i++) {
        port->lane[i] = (struct lane){.neighbour_milli = port->lane[i].neighbour_milli};
        lane_load(&port->lane[i]);
    }
    memset(port->read_unit, 0xff, sizeof(port->read_unit));
    memset(port->written_unit, 0xff, sizeof(port->written_unit));
    port->read_units = port->written_units = port->merged_lines = 0;
    port->priced_milli = UINT32_MAX;
}

/* The share of the write bandwidth that so many writers get together, in 1/1000: linear between the preset's points,
 * flat outside. */
static uint64_t writers_share(const struct preset *preset, uint64_t writers_milli)
{
    const struct writers_point *point = preset->writers;

    if (!preset->nr_writers || writers_milli <= point[0].cores * 1000) {
        return preset->nr_writers ? point[0].milli : 1000;
    }
    for (int i = 1; i < preset->nr_writers; i++) {
        uint64_t from = point[i - 1].cores * 1000, to = point[i].cores * 1000;
        if (writers_milli <= to) {
            int64_t rise = (int64_t)point[i].milli - (int64_t)point[i - 1].milli;
            return (uint64_t)((int64_t)point[i - 1].milli +
                              rise * (int64_t)(writers_milli - from) / (int64_t)(to - from));
        }
    }
    return point[preset->nr_writers - 1].milli;
}

/* Lane time of `bytes` x `sharers_milli` / 1000. */
static uint64_t service_ps(uint64_t bytes, uint64_t Bps, uint64_t sharers_milli)
{
    return Bps ? (bytes * sharers_milli * (PS_PER_SECOND / 1000) + Bps / 2) / Bps : 0;
}

static uint64_t write_Bps(const struct preset *preset, uint64_t writers_milli)
{
    return preset->write_Bps * writers_share(preset, writers_milli) / 1000;
}

void port_neighbour(const struct preset *preset, uint64_t writers_milli, uint64_t load_MBps,
                    uint64_t milli[MODEL_DIRECTIONS])
{
    uint64_t half_Bps = load_MBps * 500000, writes_Bps = write_Bps(preset, writers_milli);

    milli[MODEL_READ] = preset->read_Bps ? half_Bps * 1000 / preset->read_Bps : 0;
    milli[MODEL_WRITE] = writes_Bps ? half_Bps * 1000 / writes_Bps : 0;
}

void port_mode(struct port *port, const struct port_use *use)
{
    const struct preset *preset = &port->preset;
    uint64_t neighbour[MODEL_DIRECTIONS];

    port->service_ps[MODEL_READ] = service_ps(preset->unit_bytes, preset->read_Bps, use->sharers_milli);
    port->service_ps[MODEL_WRITE] = service_ps(preset->unit_bytes, preset->write_Bps, use->sharers_milli);
    port_neighbour(preset, use->writers_milli, use->load_MBps, neighbour);
    port->lane[0].neighbour_milli = port->lane[1].neighbour_milli = 0;
    port->lane[0].neighbour_milli = (uint32_t)neighbour[MODEL_READ];
    port->write_lane->neighbour_milli += (uint32_t)neighbour[MODEL_WRITE];
    for (int i = 0; i < 2; i++) {
        struct lane *lane = &port->lane[i];
        lane->neighbour_milli = lane->neighbour_milli > MAX_NEIGHBOUR ? MAX_NEIGHBOUR : lane->neighbour_milli;
        lane_load(lane);
    }
    port->read_service_ps = port->service_ps[MODEL_READ] * 1000 / (1000 - port->lane[0].neighbour_milli);
    port->write_service_ps = port->service_ps[MODEL_WRITE] * 1000 / (1000 - port->write_lane->neighbour_milli);
    /*
     * The more cores write to Optane, the less a stream of theirs gets: FAST'20 has 12.5 GB/s with 4 and 7.5 with 24.
     * But single lines at random places, a unit each, still go at 49 M/s with 24 (its 64-byte stores), which is 12.5
     * GB/s of media. So what suffers is the gathering of lines into units: the further lines of a unit cost so much
     * that whole units go at the preset's rate for so many writers.
     */
    uint64_t share = writers_share(preset, use->writers_milli), lines = 1ull << port->unit_shift;
    port->merge_ps = lines > 1 ? port->write_service_ps * (1000 - share) / share / (lines - 1) : 0;
    port->curve = use->curve;
    port_price(port);
}

/* The multiplier of the idle latency at a utilisation, both in 1/1000: linear between the points, 1 at zero. */
static uint64_t curve_milli(const struct preset *preset, uint32_t load_milli)
{
    uint64_t at = 0, value = 1000;

    for (int i = 0; i < CURVE_POINTS; i++) {
        if (load_milli <= curve_at[i]) {
            return value + (preset->curve[i] - value) * (load_milli - at) / (curve_at[i] - at);
        }
        at = curve_at[i];
        value = preset->curve[i];
    }
    return value;
}

void port_price(struct port *port)
{
    uint64_t milli = port->curve ? curve_milli(&port->preset, port->lane[0].load_milli) : 1000;

    port->latency_ps[0] = port->preset.read_ps * milli / 1000;
    port->latency_ps[1] = port->next_ps * milli / 1000;
    port->priced_milli = port->lane[0].load_milli;
}

/* Adds the background work that arrived until `now_ps`. */
void lane_arrive(struct lane *lane, uint64_t now_ps)
{
    if (!lane->flow_left_ps || now_ps <= lane->flow_at_ps) {
        return;
    }
    uint64_t work = lane->flow_left_ps;
    if (now_ps < lane->flow_until_ps) {
        uint64_t arrived = (uint64_t)((unsigned __int128)lane->flow_rate * (now_ps - lane->flow_at_ps) >> 32);
        work = arrived < work ? arrived : work;
    }
    /* Faster than the lane serves: it works on nothing else meanwhile, so earlier idle time cannot absorb it. */
    if (lane->flow_rate > 1ull << 32 && lane->free_ps < lane->flow_at_ps) {
        lane->free_ps = lane->flow_at_ps;
    }
    lane->free_ps += work;
    lane->taken_ps += work;
    lane->flow_left_ps -= work;
    lane->flow_at_ps = now_ps;
}

/*
 * Closes the window that ended before `now_ps`. The utilisation follows it by a quarter of the difference: the load
 * sets the latency and the latency the load, and with all of the difference the two would swing where the curve is
 * steep (Optane's from 90 % on).
 */
void lane_roll(struct lane *lane, uint64_t now_ps)
{
    uint64_t begin = now_ps - now_ps % LANE_WINDOW_PS; /* of the window that holds now */

    bool idle = lane->window_end_ps < begin;

    lane_arrive(lane, lane->window_end_ps);
    if (idle) { /* nothing was taken in the last complete window, save by the flow */
        lane_arrive(lane, begin - LANE_WINDOW_PS);
        lane->taken_ps = 0;
        lane_arrive(lane, begin);
    }
    uint64_t load = lane->taken_ps * 1000 / LANE_WINDOW_PS;
    load = load > 1000 ? 1000 : load;
    lane->own_milli = idle ? (uint32_t)load : (uint32_t)((3 * lane->own_milli + load + 2) / 4);
    lane_load(lane);
    lane->taken_ps = 0;
    lane->window_end_ps = begin + LANE_WINDOW_PS;
}

void lane_flow(struct lane *lane, uint64_t from_ps, uint64_t until_ps, uint64_t work_ps)
{
    if (!work_ps) {
        return;
    }
    lane_arrive(lane, from_ps);
    lane->flow_left_ps += work_ps;
    if (lane->flow_until_ps < until_ps) {
        lane->flow_until_ps = until_ps;
    }
    lane->flow_at_ps = from_ps;
    if (lane->flow_until_ps <= from_ps) { /* due already: it stands in the queue at once */
        lane->free_ps = (lane->free_ps > from_ps ? lane->free_ps : from_ps) + lane->flow_left_ps;
        lane->taken_ps += lane->flow_left_ps;
        lane->flow_left_ps = 0;
        return;
    }
    lane->flow_rate = (uint64_t)(((unsigned __int128)lane->flow_left_ps << 32) / (lane->flow_until_ps - from_ps));
}

void port_take_units(struct port *to, struct port *from, uint64_t from_ps, uint64_t until_ps)
{
    to->moved_ps[MODEL_READ] += from->read_units * to->service_ps[MODEL_READ];
    to->moved_ps[MODEL_WRITE] += from->written_units * to->service_ps[MODEL_WRITE] + from->merged_lines * to->merge_ps;
    lane_flow(&to->lane[0], from_ps, until_ps, from->read_units * to->read_service_ps);
    lane_flow(to->write_lane, from_ps, until_ps,
              from->written_units * to->write_service_ps + from->merged_lines * to->merge_ps);
    from->read_units = from->written_units = from->merged_lines = 0;
}
