#include "shell/shell.h"
#include "shell/notes.h"
#include "kernel/model.h"
#include "lab/lab.h"
#include "mm/memory.h"

#define ORDERS_KEPT 16384 /* those that records have; the oldest are forgotten */

static struct page_notes *notes;
static struct event *kept; /* a ring */
static u64 nr_kept;        /* since the run began */
static u32 windows;
static bool cycle_over; /* with the window that was looked at last */

void notes_init(void)
{
    u32 count;

    notes = kmem_alloc_apart(arena.nr_pages * sizeof(*notes));
    if (events_noted(&count))
        kept = kmem_alloc_apart(ORDERS_KEPT * sizeof(*kept));
}

const volatile struct page_truth *notes_truth_open(void)
{
    const volatile struct model_header *header = model_header();

    return model_present() ? (void *)(MODEL_VA + header->truth_offset[header->epoch & 1] + arena.first_page * sizeof(struct page_truth))
                           : NULL;
}

const struct page_truth *notes_truth_closed(void)
{
    const struct page_truth *truth = model_truth();

    return truth ? truth + arena.first_page : NULL;
}

static void window_closed(void)
{
    const struct page_truth *truth = notes_truth_closed();
    u32 count;
    const struct event *orders = events_noted(&count);

    windows++;
    for (u32 page = 0; page < arena.nr_pages; page++) {
        struct page_notes *n = &notes[page];
        u32 accesses = truth ? truth[page].loads + truth[page].stores : 0;

        n->cycle_seen = (cycle_over ? 0 : n->cycle_seen) + n->seen_open;
        n->cycle_accesses = (cycle_over ? 0 : n->cycle_accesses) + accesses;
        n->windows_accessed += accesses != 0;
        n->windows_seen += n->seen_open != 0;
        n->running = n->seen_open ? n->running + 1 : 0;
        n->longest = MAX(n->longest, n->running);
        n->seen = n->seen_open;
        n->seen_open = 0;
    }
    cycle_over = !run_watch.window; /* the next cycle has begun */
    for (u32 i = 0; i < count; i++)
        if (orders[i].done)
            kept[nr_kept++ % ORDERS_KEPT] = orders[i];
}

void notes_take(enum moment moment)
{
    const struct observations *found = &run_watch.found;

    if (moment == MOMENT_SEEN)
        for (u32 i = 0; i < found->count; i++)
            notes[found->list[i].page].seen_open += found->list[i].weight;
    if (moment == MOMENT_WINDOW)
        window_closed();
    if (moment == MOMENT_MEASURED) /* the window that was open is forgotten */
        for (u32 page = 0; page < arena.nr_pages; page++)
            notes[page].seen_open = notes[page].cycle_seen = notes[page].cycle_accesses = 0;
}

const struct page_notes *notes_of(u32 page)
{
    return &notes[page];
}

u32 notes_windows(void)
{
    return windows;
}

bool notes_have_orders(void)
{
    return kept != NULL;
}

static u32 in_ring(void)
{
    return (u32)MIN(nr_kept, ORDERS_KEPT);
}

u32 notes_orders(void)
{
    u32 count;

    events_noted(&count);
    return in_ring() + count;
}

const struct event *notes_order(u32 i)
{
    u32 count;
    const struct event *open = events_noted(&count);

    return i < in_ring() ? &kept[(nr_kept - in_ring() + i) % ORDERS_KEPT] : &open[i - in_ring()];
}

u64 notes_forgotten(void)
{
    return nr_kept - in_ring() + events_left_out();
}

bool notes_ordered(u32 page)
{
    u32 count;
    const struct event *open = events_noted(&count);

    for (u32 i = 0; i < count; i++)
        if (open[i].page == page && !open[i].done)
            return true;
    return false;
}
