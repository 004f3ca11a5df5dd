#include "model/buffers.h"

#include <string.h>

void store_buffer_clear(struct store_buffer *buffer)
{
    memset(buffer->done_ps, 0, sizeof(buffer->done_ps));
    buffer->at = 0;
    buffer->last_ps = 0;
}

void wc_clear(struct wc *wc)
{
    memset(wc->buffer, 0, sizeof(wc->buffer));
    wc->gathering = 0;
    wc->opened = 0;
}

struct wc_buffer *wc_find(struct wc *wc, uint32_t line)
{
    for (uint32_t i = 0; i < wc->entries; i++) {
        if (wc->buffer[i].filled && wc->buffer[i].line == line) {
            return &wc->buffer[i];
        }
    }
    return NULL;
}

struct wc_buffer *wc_free(struct wc *wc)
{
    struct wc_buffer *best = NULL;

    for (uint32_t i = 0; i < wc->entries; i++) {
        struct wc_buffer *buffer = &wc->buffer[i];
        if (!buffer->filled && (!best || buffer->busy_ps < best->busy_ps)) {
            best = buffer;
        }
    }
    return best;
}

struct wc_buffer *wc_oldest(struct wc *wc)
{
    struct wc_buffer *oldest = NULL;

    for (uint32_t i = 0; i < wc->entries; i++) {
        struct wc_buffer *buffer = &wc->buffer[i];
        if (buffer->filled && (!oldest || buffer->opened < oldest->opened)) {
            oldest = buffer;
        }
    }
    return oldest;
}

void wc_open(struct wc *wc, struct wc_buffer *buffer, uint32_t line, uint32_t page, uint32_t tier)
{
    buffer->line = line;
    buffer->page = page;
    buffer->tier = tier;
    buffer->opened = ++wc->opened;
    wc->gathering++;
}

void wc_send(struct wc *wc, struct wc_buffer *buffer, struct port *port, uint64_t now_ps)
{
    uint64_t lane_ps = port_write(port, buffer->line, now_ps), latency_ps = now_ps + port->preset.write_ps;

    buffer->busy_ps = lane_ps > latency_ps ? lane_ps : latency_ps;
    buffer->filled = 0;
    wc->gathering--;
}

uint64_t wc_drained_ps(const struct wc *wc)
{
    uint64_t last = 0;

    for (uint32_t i = 0; i < wc->entries; i++) {
        last = wc->buffer[i].busy_ps > last ? wc->buffer[i].busy_ps : last;
    }
    return last;
}
