/*
 * A place for one classifier on the host: a space of few pages whose entries are an array, and a migrator that asks for
 * orders, keeps some open, and ends them as the test says. Included once, before the classifier's source. What it hands out is
 * checked: a page that lies in the other tier and that the migrator has not.
 */
#pragma once

#include <stdlib.h>

#include "lib/string.h"
#include "mm/move.h"
#include "tests/host/host.h"

enum { RIG_PAGES = 64 };

static struct page rig_links[RIG_PAGES + MAX_PAGE_LISTS];
static pte_t rig_entries[PT_ENTRIES];
static pte_t *rig_tables[1] = {rig_entries};
static struct space rig = {.nr_pages = RIG_PAGES, .pages = rig_links, .tables = rig_tables};

static int rig_tier[RIG_PAGES];   /* -1: not mapped */
static bool rig_taken[RIG_PAGES]; /* the migrator has it */
static struct order rig_open[RIG_PAGES];
static u32 rig_nr_open;

void *space_own(struct space *space, enum part_kind kind, const void *part, size_t bytes)
{
    (void)part;
    if (!space->own[kind])
        space->own[kind] = calloc(1, bytes);
    return space->own[kind];
}

void *space_page_array(const struct space *space, void *array, size_t bytes_per_page)
{
    (void)space;
    free(array);
    return calloc(RIG_PAGES, bytes_per_page);
}

bool space_resident(const struct space *space, u32 page)
{
    (void)space;
    return rig_tier[page] >= 0;
}

enum tier space_tier(const struct space *space, u32 page)
{
    (void)space;
    return (enum tier)rig_tier[page];
}

#ifndef RIG_HAS_A_MODEL /* else the test has one of its own */
bool model_present(void)
{
    return false;
}

const volatile struct model_header *model_header(void)
{
    return NULL;
}
#endif

/* A run begins, with so much room in the fast tier and no page mapped. */
static inline void rig_start(const struct classifier *classifier, u32 room)
{
    rig.classifier = classifier;
    rig.share[TIER_FAST] = room;
    rig.left[TIER_FAST] = (s32)room;
    rig_nr_open = 0;
    memset(rig_links, 0, sizeof(rig_links));
    memset(rig_entries, 0, sizeof(rig_entries));
    memset(rig_taken, 0, sizeof(rig_taken));
    for (u32 page = 0; page < RIG_PAGES; page++)
        rig_tier[page] = -1;
    classifier->part.start(&rig);
}

/* Maps a page: to the fast tier while that has room. */
static inline void rig_map(u32 page)
{
    enum tier tier = rig.left[TIER_FAST] > 0 ? TIER_FAST : TIER_SLOW;

    rig.left[TIER_FAST] -= tier == TIER_FAST;
    rig_tier[page] = tier;
    rig_entries[page].bits = PTE_PRESENT | PTE_WRITE | (u64)(page + 1) << PAGE_SHIFT;
    if (rig.classifier->mapped)
        rig.classifier->mapped(&rig, page, tier);
}

/* Asks for a page to that tier; what it is given is open until rig_end(). */
static inline struct order rig_ask(enum tier to)
{
    struct order order = rig.classifier->next(&rig, to);

    if (order.page == NO_PAGE)
        return order;
    CHECK(order.page < RIG_PAGES && rig_nr_open < RIG_PAGES);
    if (order.page >= RIG_PAGES || rig_nr_open == RIG_PAGES)
        return (struct order){.page = NO_PAGE};
    CHECK_EQ(to, order.to);
    CHECK_EQ(to ^ 1, rig_tier[order.page]);
    CHECK(!rig_taken[order.page]);
    rig_taken[order.page] = true;
    rig_open[rig_nr_open++] = order;
    return order;
}

/* The i-th open order ends so; returns it. */
static inline struct order rig_end(u32 i, enum outcome outcome)
{
    struct order order = rig_open[i];

    rig_open[i] = rig_open[--rig_nr_open];
    if (outcome == MOVED) {
        rig_tier[order.page] = order.to;
        rig.left[TIER_FAST] += order.to == TIER_SLOW ? 1 : -1;
    }
    rig_taken[order.page] = false;
    rig.classifier->done(&rig, order, outcome);
    return order;
}

/* One of them ends, usually well. */
static inline struct order rig_end_one(void)
{
    u32 i = host_below(rig_nr_open);
    bool room = rig_open[i].to == TIER_SLOW || rig.left[TIER_FAST] > 0;

    return rig_end(i, !room ? NO_ROOM : host_below(4) ? MOVED : GAVE_UP);
}

/* Demotions that are open. */
static inline u32 rig_demoting(void)
{
    u32 demoting = 0;

    for (u32 i = 0; i < rig_nr_open; i++)
        demoting += rig_open[i].to == TIER_SLOW;
    return demoting;
}
