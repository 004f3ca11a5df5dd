#include "machines/table_pages.h"
#include "lib/keys.h"
#include "lib/string.h"
#include "mm/bits.h"
#include "mm/space.h"
#include "vm/machine.h"

static KEY_TEXT(table_pages, "table_pages", "seen", "seen|unseen",
                "scan=guest, guest-log: whether a bit in one of the machine's own tables also tells of an access to the table's page");

static const struct tracker *real;
static struct tracker stand_in;

/* The first of the sorted observations [from, to) that lies beyond `page`, or `to`. */
static u32 first_beyond(const struct observations *seen, u32 from, u32 to, u32 page)
{
    while (from < to) {
        u32 middle = from + (to - from) / 2;

        if (seen->list[middle].page > page)
            to = middle;
        else
            from = middle + 1;
    }
    return to;
}

static void add(struct observations *seen, u32 page)
{
    if (seen->count < OBSERVATIONS_PER_STEP)
        note(&seen->list[seen->count++], observation_bits(page, OBSERVED_WRITTEN));
}

void table_pages_observe(const struct space *space, struct observations *seen)
{
    u32 leaf_tables = (u32)(ALIGN_UP(space->nr_pages, PT_ENTRIES) / PT_ENTRIES), count = seen->count;
    u32 root = space->scanned_page + leaf_tables - machine_tables(space->nr_pages);

    for (u32 i = 0; i < count;) {
        u32 nr = seen->list[i].page / PT_ENTRIES;

        add(seen, space->scanned_page + nr);
        i = first_beyond(seen, i, count, nr * PT_ENTRIES + PT_ENTRIES - 1);
    }
    /* Once a window: the machine's code lies in the first step's pages, so that step always has something. */
    if (count && seen->list[0].page < PT_ENTRIES)
        for (u32 page = root; page < space->scanned_page; page++)
            add(seen, page);
}

static bool step(struct space *space, struct observations *out)
{
    bool done = real->step(space, out);

    table_pages_observe(space, out);
    return done;
}

void table_pages_init(const struct tracker **tracker)
{
    if (!strcmp(table_pages, "unseen"))
        return;
    real = *tracker;
    stand_in = *real;
    stand_in.step = step;
    *tracker = &stand_in;
}
