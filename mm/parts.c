/* Parts and the spaces that they serve: their state, their start and their end. */
#include "mm/parts.h"
#include "lib/string.h"
#include "mm/memory.h"

struct part_state {
    struct part_state *next;
    const void *part;
    void *data;
};

void *space_own(struct space *space, enum part_kind kind, const void *part, size_t bytes)
{
    struct part_state *state = space->states;

    while (state && state->part != part)
        state = state->next;
    if (!state) {
        state = kmem_alloc(sizeof(*state));
        *state = (struct part_state){.next = space->states, .part = part, .data = kmem_alloc(bytes)};
        space->states = state;
    }
    space->own[kind] = state->data;
    return state->data;
}

void *space_page_array(const struct space *space, void *array, size_t bytes_per_page)
{
    size_t bytes = ALIGN_UP(space->nr_pages, PT_ENTRIES) * bytes_per_page;

    if (!array)
        return kmem_alloc(bytes);
    memset(array, 0, bytes);
    return array;
}

static void start(struct space *space, const struct part *part)
{
    if (part->start)
        part->start(space);
}

static void stop(struct space *space, const struct part *part)
{
    if (part->stop)
        part->stop(space);
}

void parts_start(struct space *space, const struct tracker *tracker, const struct classifier *classifier,
                 const struct migrator *migrator)
{
    space->tracker = tracker;
    space->classifier = classifier;
    space->touched = classifier ? classifier->touched : NULL;
    space->migrator = migrator;
    memset(&space->migration, 0, sizeof(space->migration));
    space->moves_left[TIER_FAST] = space->moves_left[TIER_SLOW] = UINT32_MAX;
    if (migrator)
        start(space, &migrator->part);
    if (classifier) {
        start(space, &classifier->part);
        for (u32 page = 0; classifier->mapped && page < space->nr_pages; page += space_unit_pages(space, page))
            if (space_resident(space, page))
                classifier->mapped(space, page, space_tier(space, page));
    }
    if (tracker)
        start(space, &tracker->part);
}

void parts_stop(struct space *space)
{
    if (space->migrator)
        stop(space, &space->migrator->part);
    if (space->tracker)
        stop(space, &space->tracker->part);
    if (space->classifier)
        stop(space, &space->classifier->part);
    space->migrator = NULL;
    space->tracker = NULL;
    space->classifier = NULL;
    space->touched = NULL;
}

u64 part_counter(const struct space *space, enum part_kind kind, const struct part *part, unsigned i)
{
    return *(const u64 *)((const u8 *)space->own[kind] + part->counters[i].offset);
}
