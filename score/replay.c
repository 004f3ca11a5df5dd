/*
 * Replay: a run page by page, so that one can walk through it afterwards.
 *
 *      at the end of each epoch (a window, or what is left of one):
 *          keep its true counts, and which pages lie in another tier than they did when the last epoch ended
 *      while the tracker looks at that window:
 *          add the weights of its observations to their pages
 *      when it has looked, or the next epoch ends:
 *          record the window with the ledger so far, then the pages of which there is something to say
 *
 * A page is three numbers: its distance from the one before (the first one's number), its accesses, and 4 times the sum
 * of the weights plus its tier. They are written as base64 VLQ, as in source maps (ECMA-426) but without a sign: a
 * digit has five bits, lowest first, and 32 more when another follows. Each byte of a record costs the host a system
 * call; as decimal numbers a default run's replay has more than twice as many.
 */
#include "score/replay.h"
#include "kernel/clock.h"
#include "lib/keys.h"
#include "lib/record.h"
#include "lib/string.h"
#include "lab/lab.h"
#include "lab/program.h"
#include "report/report.h"
#include "mm/memory.h"

static KEY_NUMBER(replay, "replay", 0, 0, 1,
                  "1: record every page's accesses, observations and tier by window, for ./run-qemu.sh replay");

/* As many bytes as a record has room for beside its other fields, and as a page can take: 4, 7 and 7 digits. */
#define TEXT_BYTES 15000
#define PAGE_BYTES 18

struct page_epoch {
    u32 accesses, seen;
    u8 tier, recorded_tier; /* NOWHERE until it is touched */
};

enum { NOWHERE = NR_TIERS };

static struct page_epoch *pages;
static bool open;
static u64 start_ps, end_ps;
static struct totals totals; /* at the epoch's end */
static char text[TEXT_BYTES + 1];
static size_t text_used;

void replay_start(void)
{
    if (!replay)
        return;
    if (!pages)
        pages = kmem_alloc(program.pages * sizeof(*pages));
    for (u64 page = 0; page < program.pages; page++)
        pages[page] = (struct page_epoch){.tier = NOWHERE, .recorded_tier = NOWHERE};
    open = false;
    end_ps = clock_now_ps();
}

void replay_epoch(const struct watch *watch, const struct page_truth *truth, u64 now_ps)
{
    if (!pages)
        return;
    replay_record(false);
    open = true;
    start_ps = end_ps;
    end_ps = now_ps;
    totals = totals_now(watch);
    for (u32 page = 0; page < program.pages; page++) {
        struct page_epoch *p = &pages[page];

        p->accesses = truth[page].loads + truth[page].stores;
        p->seen = 0;
        p->tier = space_resident(&arena, page) ? (u8)space_tier(&arena, page) : NOWHERE;
    }
}

void replay_observed(const struct observation *list, u32 count)
{
    if (!open)
        return;
    for (u32 i = 0; i < count; i++)
        for (u32 page = list[i].page, n = observation_pages(&list[i]); n && page < program.pages; page++, n--)
            pages[page].seen += list[i].weight;
}

static void put_number(u64 number)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (; number >= 32; number >>= 5)
        text[text_used++] = digits[(number & 31) | 32];
    text[text_used++] = digits[number];
}

static void record_text_so_far(void)
{
    if (!text_used)
        return;
    text[text_used] = '\0';
    text_used = 0;
    record_begin("event");
    record_text("event", "replay_pages");
    record_text("pages", text);
    record_end();
}

static void record_pages(void)
{
    u32 last = 0;

    for (u32 page = 0; page < program.pages; page++) {
        struct page_epoch *p = &pages[page];

        if (!p->accesses && !p->seen && p->tier == p->recorded_tier)
            continue;
        if (text_used + PAGE_BYTES > TEXT_BYTES)
            record_text_so_far();
        put_number(page - last);
        put_number(p->accesses);
        put_number((u64)p->seen * 4 + p->tier);
        p->recorded_tier = p->tier;
        last = page;
    }
    record_text_so_far();
}

void replay_record(bool looked_at)
{
    if (!open)
        return;
    open = false;
    record_begin("event");
    record_text("event", "replay");
    record_u64("start_ns", start_ps / 1000);
    record_u64("end_ns", end_ps / 1000);
    record_bool("looked_at", looked_at);
    record_u64("fast_requests", totals.requests[TIER_FAST]);
    record_u64("slow_requests", totals.requests[TIER_SLOW]);
    record_u64("promoted_pages", totals.promoted);
    record_u64("demoted_pages", totals.demoted);
    report_ledger(&totals);
    record_end();
    record_pages();
}
