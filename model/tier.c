#include "model/tier.h"

#include "model/prefetch.h"

#include <string.h>

#define PS_PER_SECOND 1000000000000ull

static const uint32_t curve_at[CURVE_POINTS] = {250, 500, 750, 900, 1000}; /* utilisation, in 1/1000 */

void port_init(struct port *port, const struct preset *preset, uint64_t latency_percent, uint32_t queue_entries)
{
    memset(port, 0, sizeof(*port));
    port->preset = *preset;
    port->preset.read_ps = preset->read_ps * latency_percent / 100;
    port->preset.seq_ps = preset->seq_ps * latency_percent / 100;
    port->preset.write_ps = preset->write_ps * latency_percent / 100;
    port->unit_shift = (uint32_t)__builtin_ctzll(preset->unit_bytes / 64);
    port->queue_entries = queue_entries;
    port->write_lane = &port->lane[preset->lanes - 1];
    /* The mean over a unit's lines is the sequential latency: (first + (lines - 1) * next) / lines = seq. */
    uint64_t lines = 1ull << port->unit_shift;
    port->next_ps =
        lines > 1 ? (lines * port->preset.seq_ps - port->preset.read_ps) / (lines - 1) : port->preset.read_ps;
    port_clear(port);
}

void port_clear(struct port *port)
{
    memset(port->lane, 0, sizeof(port->lane));
    memset(port->read_unit, 0xff, sizeof(port->read_unit));
    memset(port->written_unit, 0xff, sizeof(port->written_unit));
    port->read_units = port->written_units = 0;
    port->priced_milli = UINT32_MAX;
}

static uint64_t service_ps(uint64_t bytes, uint64_t Bps, uint64_t sharers)
{
    return Bps ? (bytes * sharers * PS_PER_SECOND + Bps / 2) / Bps : 0;
}

void port_mode(struct port *port, uint64_t sharers, bool curve, uint64_t mlp, uint64_t kernel_mlp)
{
    port->read_service_ps = service_ps(port->preset.unit_bytes, port->preset.read_Bps, sharers);
    port->write_service_ps = service_ps(port->preset.unit_bytes, port->preset.write_Bps, sharers);
    port->ahead_ps = PREFETCH_AHEAD_LINES * port->read_service_ps >> port->unit_shift;
    port->curve = curve;
    port->mlp[MLP_WORKLOAD] = mlp;
    port->mlp[MLP_KERNEL] = kernel_mlp;
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
    const uint64_t idle_ps[2] = {port->preset.read_ps, port->next_ps};

    for (int i = 0; i < 2; i++) {
        port->fill_ps[i] = idle_ps[i] * milli / 1000;
        for (int kind = 0; kind < NR_MLP; kind++) {
            port->load_ps[kind][i] = idle_ps[i] * milli / port->mlp[kind];
        }
    }
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
    lane->booked_ps += work;
    lane->flow_left_ps -= work;
    lane->flow_at_ps = now_ps;
}

/* Closes the window that ended before `now_ps` and notes its utilisation. */
void lane_roll(struct lane *lane, uint64_t now_ps)
{
    uint64_t begin = now_ps - now_ps % LANE_WINDOW_PS; /* of the window that holds now */

    lane_arrive(lane, lane->window_end_ps);
    if (lane->window_end_ps < begin) { /* nothing was booked in the last complete window, save by the flow */
        lane_arrive(lane, begin - LANE_WINDOW_PS);
        lane->booked_ps = 0;
        lane_arrive(lane, begin);
    }
    uint64_t load = lane->booked_ps * 1000 / LANE_WINDOW_PS;
    lane->load_milli = load > 1000 ? 1000 : (uint32_t)load;
    lane->booked_ps = 0;
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
        lane->booked_ps += lane->flow_left_ps;
        lane->flow_left_ps = 0;
        return;
    }
    lane->flow_rate = (uint64_t)(((unsigned __int128)lane->flow_left_ps << 32) / (lane->flow_until_ps - from_ps));
}

void port_take_units(struct port *to, struct port *from, uint64_t from_ps, uint64_t until_ps)
{
    lane_flow(&to->lane[0], from_ps, until_ps, from->read_units * to->read_service_ps);
    lane_flow(to->write_lane, from_ps, until_ps, from->written_units * to->write_service_ps);
    from->read_units = from->written_units = 0;
}
