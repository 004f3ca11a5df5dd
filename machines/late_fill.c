#include "machines/late_fill.h"
#include "kernel/clock.h"
#include "kernel/exit.h"
#include "lib/keys.h"
#include "lib/string.h"
#include "machines/machines.h"

static KEY_TEXT(remap, "remap", "now", "now|fault",
                "vms=: what a move leaves in the nested tables: the page's new entry, or an empty one that the next access fills, as Linux's KVM");

static const struct classifier *real;
static struct classifier stand_in;

static void done(struct space *space, struct order order, enum outcome outcome)
{
    if (outcome == MOVED && order.to < NR_TIERS && space_leaf_pages(space, order.page) == 1) {
        booking_t booking = clock_book(BOOK_OFF);
        space_protect(space, order.page, space_entry(space, order.page), REASON_EMPTY);
        clock_book(booking);
    }
    real->done(space, order, outcome);
}

bool late_fill_on(void)
{
    return !strcmp(remap, "fault");
}

void late_fill_init(struct chosen *policy)
{
    if (!late_fill_on())
        return;
    if (!machines_wanted())
        refuse("remap=fault: without a machine there are no nested tables; vms=1 has them");
    if (!policy->classifier)
        return;
    real = policy->classifier;
    stand_in = *real;
    stand_in.done = done;
    policy->classifier = &stand_in;
}
