/*
 * A tier as one core sees it: latency, lanes, media units, write queue.
 *
 * A *lane* is a FIFO server of reads that never idles while there is work: `free_ps` is when it will have served every
 * read that was let in. Writes wait in a backlog that is served whenever no read is: nobody waits for them until the
 * write queue is full. Background traffic (a daemon's bytes) is a fluid of constant rate: what arrived since the last
 * read is added to free_ps when the next one comes.
 *
 * A *port* is a core's access to one tier. It has one lane for both directions (DDR) or two (CXL). A read or write
 * moves a whole media unit; the further lines of an open unit are already in the controller and cost no lane time.
 */
#pragma once

#include "model/abi.h"
#include "model/presets.h"

#include <stdbool.h>
#include <stdint.h>

#define LANE_WINDOW_PS 10000000ull /* utilisation follows the last complete 10 us by a quarter of the difference */
#define OPEN_UNITS     64 /* media units a port remembers; 64 x 256 B is the 16 KiB buffer that FAST'20 infers */
#define MAX_QUEUE      64
#define MAX_NEIGHBOUR  950 /* in 1/1000 of a lane's time: a neighbour leaves at least 5 % */

struct lane {
    uint64_t free_ps;
    uint64_t backlog_ps, backlog_since_ps; /* lane time of the writes that wait; when the first of them came */
    uint64_t window_end_ps, taken_ps;      /* lane time taken in the current window */
    uint32_t own_milli;                    /* utilisation but for the neighbour, followed over windows, in 1/1000 */
    uint32_t neighbour_milli;              /* lane time that the neighbour takes, in 1/1000 */
    uint32_t load_milli;                   /* of both */
    uint64_t flow_left_ps;                 /* background work not yet arrived; 0: none */
    uint64_t flow_rate;                    /* lane time per time, 32 bits after the point */
    uint64_t flow_at_ps, flow_until_ps;
};

struct port {
    struct preset preset; /* latencies already scaled by latency_percent */
    struct lane lane[2];  /* 0 reads (and writes with one lane), 1 writes with two */
    struct lane *write_lane;
    uint32_t unit_shift;                   /* lines a unit, log2 */
    uint64_t service_ps[MODEL_DIRECTIONS]; /* lane time of a unit: this core's and that of the cores like it */
    uint64_t read_service_ps;              /* the same, stretched by what the neighbour takes */
    uint64_t write_service_ps;
    uint64_t merge_ps;      /* of writing a further line to a unit that was written lately: what many writers cost */
    uint64_t next_ps;       /* idle latency of the further lines of an open unit */
    uint64_t latency_ps[2]; /* at the present utilisation: first of a unit, further */
    uint32_t priced_milli;  /* the utilisation these were computed for */
    bool curve;
    uint64_t *moved_ps; /* [MODEL_DIRECTIONS]: sums of lane time, not stretched */
    uint32_t read_unit[OPEN_UNITS], written_unit[OPEN_UNITS];
    uint32_t queue_entries;
    uint64_t read_units, written_units, merged_lines; /* moved since port_take_units */
};

struct read_cost {
    uint64_t done_ps; /* when the lane has moved the line */
    bool further;     /* its unit was open */
};

/* Who else uses a tier. */
struct port_use {
    uint64_t sharers_milli; /* cores, this one included, that put this core's load on it, in 1/1000 */
    uint64_t writers_milli; /* cores that write to it: media that suffer from many (preset.writers) */
    uint64_t load_MBps;     /* a neighbour's, half of it reads, half writes: MLC's 1:1 */
    bool curve;             /* latency rises with utilisation */
};

/* Prepares a port. Latencies are `latency_percent` of the preset's; lane time is summed in moved_ps[MODEL_DIRECTIONS].
 * Call port_mode next. */
void port_init(struct port *port, const struct preset *preset, uint64_t latency_percent, uint32_t queue_entries,
               uint64_t *moved_ps);

/* Sets who else uses the tier. Keeps lanes and queues. */
void port_mode(struct port *port, const struct port_use *use);

/* The share of its lanes' time that a neighbour of so many MB/s takes in each direction, in 1/1000. */
void port_neighbour(const struct preset *preset, uint64_t writers_milli, uint64_t load_MBps,
                    uint64_t milli[MODEL_DIRECTIONS]);

/* Empties lanes, queue and media buffers. */
void port_clear(struct port *port);

/* Lets `work_ps` of background lane time arrive evenly from `from_ps` to `until_ps` (at once when that is past). */
void lane_flow(struct lane *lane, uint64_t from_ps, uint64_t until_ps, uint64_t work_ps);

/* Lets another port's units since its last call arrive as background traffic, priced by this port's share. */
void port_take_units(struct port *to, struct port *from, uint64_t from_ps, uint64_t until_ps);

void lane_roll(struct lane *lane, uint64_t now_ps);
void lane_arrive(struct lane *lane, uint64_t now_ps);
void port_price(struct port *port);

/* Serves waiting writes in the time that reads left unused up to `until_ps`. */
static inline void lane_drain(struct lane *lane, uint64_t until_ps)
{
    uint64_t from_ps = lane->free_ps > lane->backlog_since_ps ? lane->free_ps : lane->backlog_since_ps;

    if (!lane->backlog_ps || until_ps <= from_ps) {
        return;
    }
    uint64_t idle = until_ps - from_ps, served = lane->backlog_ps < idle ? lane->backlog_ps : idle;
    lane->backlog_ps -= served;
    lane->free_ps = from_ps + served;
}

/* Lets everything happen that was due on the lane before `now_ps`. */
static inline void lane_catch_up(struct lane *lane, uint64_t now_ps)
{
    if (__builtin_expect(now_ps >= lane->window_end_ps, 0)) {
        lane_roll(lane, now_ps);
    }
    if (__builtin_expect(lane->flow_left_ps != 0, 0)) {
        lane_arrive(lane, now_ps);
    }
}

/* Takes `service_ps` of the lane at `now_ps`, not to begin before `earliest_ps` (idle lane time since then may be
 * used). */
static inline uint64_t lane_take(struct lane *lane, uint64_t now_ps, uint64_t earliest_ps, uint64_t service_ps)
{
    lane_catch_up(lane, now_ps);
    lane_drain(lane, earliest_ps);
    uint64_t begin = lane->free_ps > earliest_ps ? lane->free_ps : earliest_ps;
    lane->free_ps = begin + service_ps;
    lane->taken_ps += service_ps;
    return lane->free_ps;
}

/* Adds a write to the backlog and returns when it will have been served if no further read comes. */
static inline uint64_t lane_write(struct lane *lane, uint64_t now_ps, uint64_t service_ps)
{
    lane_catch_up(lane, now_ps);
    lane_drain(lane, now_ps);
    if (!lane->backlog_ps) {
        lane->backlog_since_ps = now_ps;
    }
    lane->backlog_ps += service_ps;
    lane->taken_ps += service_ps;
    return (lane->free_ps > now_ps ? lane->free_ps : now_ps) + lane->backlog_ps;
}

static inline uint32_t unit_slot(uint32_t unit)
{
    return unit * 0x9e3779b1u >> 26; /* the multiplicative hash; 26 = 32 - log2(OPEN_UNITS) */
}

/* Reads a line: takes the lane for its unit unless that is open. Lane time since `earliest_ps` may be used. */
static inline struct read_cost port_read(struct port *port, uint32_t line, uint64_t now_ps, uint64_t earliest_ps)
{
    struct read_cost cost = {0, false};

    if (port->unit_shift) {
        uint32_t unit = line >> port->unit_shift, *open = &port->read_unit[unit_slot(unit)];
        cost.further = *open == unit;
        *open = unit;
    }
    port->read_units += !cost.further;
    port->moved_ps[MODEL_READ] += cost.further ? 0 : port->service_ps[MODEL_READ];
    cost.done_ps = lane_take(&port->lane[0], now_ps, earliest_ps, cost.further ? 0 : port->read_service_ps);
    if (__builtin_expect(port->lane[0].load_milli != port->priced_milli, 0)) {
        port_price(port);
    }
    return cost;
}

/*
 * Takes the lane for writing a line and returns when that is done. A unit that was written lately takes further lines
 * for nothing, or, when many cores write, for a part of what a unit costs (port_mode).
 */
static inline uint64_t port_write(struct port *port, uint32_t line, uint64_t now_ps)
{
    uint64_t ps = port->write_service_ps, moved_ps = port->service_ps[MODEL_WRITE];
    bool merged = false;

    if (port->unit_shift) {
        uint32_t unit = line >> port->unit_shift, *recent = &port->written_unit[unit_slot(unit)];
        merged = *recent == unit;
        *recent = unit;
    }
    if (merged) {
        if (!port->merge_ps) {
            return 0;
        }
        ps = moved_ps = port->merge_ps;
    }
    port->written_units += !merged;
    port->merged_lines += merged;
    port->moved_ps[MODEL_WRITE] += moved_ps;
    return lane_write(port->write_lane, now_ps, ps);
}

/* Hands a dirty line to the write queue and returns how long the core waits for a place, in ps. */
static inline uint64_t port_write_back(struct port *port, uint32_t line, uint64_t now_ps)
{
    uint64_t done_ps = port_write(port, line, now_ps), queue_ps = port->queue_entries * port->write_service_ps;

    return done_ps > now_ps + queue_ps ? done_ps - now_ps - queue_ps : 0;
}
