#include "report/events.h"
#include "kernel/clock.h"
#include "lib/keys.h"
#include "lib/record.h"
#include "mm/memory.h"

static KEY_NUMBER(events, "events", 0, 0, 1,
                  "1: record every order with its reason, when it was given, taken and done, and its outcome");

#define ORDERS_PER_RECORD 64 /* a record's text has room for these */

static const struct classifier *real;
static struct classifier stand_in;
static const struct part *asked[2]; /* whose facts are noted; null: nobody's */
static struct event *list;          /* in the order in which they were taken */
static u32 nr_events, *place_of;    /* by page: 1 + its open event's place; 0: none */
static u64 left_out, decided_ps;
static struct touch touch;
static u64 touched_ps;

static void note_taken(struct space *space, struct order order)
{
    struct event *event = &list[nr_events];
    u64 now_ps = clock_now_ps();

    if (nr_events == EVENTS_ROOM) {
        left_out++;
        return;
    }
    *event = (struct event){.page = order.page, .to = order.to, .reason = order.reason, .given_ps = now_ps, .taken_ps = now_ps};
    if (touch.page == order.page && touched_ps >= decided_ps) {
        event->touched = true;
        event->given_ps = touched_ps;
        event->waited_ps = touch.waited_ps;
        touch.page = NO_PAGE;
    } else if (real->decide) {
        event->given_ps = decided_ps;
    }
    for (u32 i = 0; i < 2; i++)
        if (asked[i])
            asked[i]->explain(space, order.page, event->facts[i]);
    place_of[order.page] = ++nr_events;
}

static struct order next(struct space *space, enum tier to)
{
    struct order order = real->next(space, to);
    booking_t booking;

    if (order.page == NO_PAGE)
        return order;
    booking = clock_book(BOOK_OFF);
    note_taken(space, order);
    clock_book(booking);
    return order;
}

static void done(struct space *space, struct order order, enum outcome outcome)
{
    booking_t booking = clock_book(BOOK_OFF);
    u32 place = place_of[order.page];

    if (place) {
        struct event *event = &list[place - 1];
        event->outcome = (u8)outcome;
        event->done = true;
        event->done_ps = clock_now_ps();
        place_of[order.page] = 0;
    }
    clock_book(booking);
    real->done(space, order, outcome);
}

/* Afterwards: until then the model's doorbell says when the fault began. */
static void touched(struct space *space, struct touch *told)
{
    booking_t booking;

    real->touched(space, told);
    booking = clock_book(BOOK_OFF);
    touch = *told;
    touched_ps = clock_now_ps();
    clock_book(booking);
}

static bool decide(struct space *space)
{
    bool decided = real->decide(space);
    booking_t booking = clock_book(BOOK_OFF);

    if (decided)
        decided_ps = clock_now_ps();
    clock_book(booking);
    return decided;
}

void events_init(struct chosen *policy, u32 nr_pages)
{
    if (!events || !policy->classifier)
        return;
    real = policy->classifier;
    asked[0] = real->part.explain ? &real->part : NULL;
    asked[1] = policy->tracker && policy->tracker->part.explain ? &policy->tracker->part : NULL;
    list = kmem_alloc(EVENTS_ROOM * sizeof(*list));
    place_of = kmem_alloc(nr_pages * sizeof(u32));
    stand_in = *real;
    stand_in.next = next;
    stand_in.done = done;
    stand_in.touched = real->touched ? touched : NULL;
    stand_in.decide = real->decide ? decide : NULL;
    policy->classifier = &stand_in;
    events_start();
}

void events_start(void)
{
    for (u32 i = 0; i < nr_events; i++)
        place_of[list[i].page] = 0;
    nr_events = 0;
    left_out = decided_ps = 0;
    touch.page = NO_PAGE;
}

const struct event *events_noted(u32 *count)
{
    *count = nr_events;
    return list;
}

u64 events_left_out(void)
{
    return left_out;
}

static void record_names(void)
{
    static const char *const own[] = {"page", "to", "reason", "given_ns", "taken_ns", "done_ns", "outcome", "waited_ns"};

    record_array("fields");
    for (u32 i = 0; i < ARRAY_SIZE(own); i++)
        record_text(NULL, own[i]);
    for (u32 i = 0; i < 2; i++)
        for (u32 f = 0; asked[i] && f < MAX_FACTS && asked[i]->facts[f].name; f++)
            record_text(NULL, asked[i]->facts[f].name);
    record_close();
}

static void record_event(const struct event *event)
{
    static const char *const outcomes[NR_OUTCOMES] = {
        [MOVED] = "moved", [NO_ROOM] = "no_room", [GAVE_UP] = "gave_up", [GONE] = "gone"};

    record_array(NULL);
    record_u64(NULL, event->page);
    record_text(NULL, event->to == TIER_FAST ? "fast" : "slow");
    record_u64(NULL, event->reason);
    record_u64(NULL, event->given_ps / 1000);
    record_u64(NULL, event->taken_ps / 1000);
    record_u64(NULL, event->done_ps / 1000);
    record_text(NULL, outcomes[event->outcome]);
    if (event->touched)
        record_u64(NULL, event->waited_ps / 1000);
    else
        record_json(NULL, "null");
    for (u32 i = 0; i < 2; i++)
        for (u32 f = 0; asked[i] && f < MAX_FACTS && asked[i]->facts[f].name; f++)
            record_u64(NULL, event->facts[i][f]);
    record_close();
}

/* What is done is recorded and forgotten; what is open moves up. */
void events_record(void)
{
    u32 kept = 0, in_record = 0;

    for (u32 i = 0; i < nr_events; i++) {
        struct event *event = &list[i];
        if (!event->done) {
            place_of[event->page] = kept + 1;
            list[kept++] = *event;
            continue;
        }
        if (!in_record) {
            record_begin("event");
            record_text("event", "orders");
            record_u64("left_out", left_out);
            record_names();
            record_array("orders");
        }
        record_event(event);
        if (++in_record == ORDERS_PER_RECORD) {
            record_close();
            record_end();
            in_record = 0;
        }
    }
    nr_events = kept;
    if (in_record) {
        record_close();
        record_end();
    }
}
