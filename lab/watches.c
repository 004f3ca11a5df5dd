/* All watches of the run, of which one program has one and several machines have one each. */
#include "kernel/clock.h"
#include "kernel/panic.h"
#include "lab/watch.h"
#include "lab/workload.h"
#include "mm/memory.h"

static struct watch *watches;

void watches_add(struct watch *w)
{
    w->next = watches;
    watches = w;
}

void watch_several(struct watch *w, unsigned number)
{
    w->number = number;
    w->pending = kmem_alloc(w->space->nr_pages * sizeof(*w->pending));
    w->closed = kmem_alloc(w->space->nr_pages * sizeof(*w->closed));
}

const struct watch *watch_of(const struct space *space)
{
    const struct watch *w = watches;

    while (w && w->space != space)
        w = w->next;
    ASSERT(w);
    return w;
}

u64 watches_wait_ps(const struct space *space)
{
    return daemon_wait_ps(&watch_of(space)->migrate, clock_now_ps());
}

NOT_COUNTED void watches_hand_out(const struct page_truth *truth)
{
    for (struct watch *w = watches; w; w = w->next)
        for (u32 page = 0; page < space_end(w->space); page++) {
            const struct page_truth *from = &truth[w->space->first_page + page];
            struct page_truth *to = &w->pending[page];
            if (!(from->loads | from->stores | from->request_loads | from->request_stores))
                continue;
            to->loads += from->loads;
            to->stores += from->stores;
            to->request_loads += from->request_loads;
            to->request_stores += from->request_stores;
        }
}
