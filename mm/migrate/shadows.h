/*
 * Shadows: the slow tier's frames that promoted pages came from, kept as long as they hold the same bytes.
 *
 *      a page is promoted:                its old frame is kept, stores are forbidden (REASON_GUARDED)
 *      a store to it:                     the shadow is dropped, stores are allowed
 *      it is demoted, and has a shadow:   the shadow is mapped, without a copy
 *      no frame left in the slow tier:    a shadow is dropped
 *
 * After Nomad (Xiang and others, OSDI'24; shadow pages in nomad_module/async_promote_main.c of
 * github.com/lingfenghsiang/Nomad). Cost: a fault for the first store to a page that has a shadow.
 */
#pragma once

#include "mm/move.h"

struct shadows {
    u32 *frame; /* by page: its shadow's frame + 1; 0: none */
    u32 hand;   /* where the search for one to drop goes on */
    u64 kept, demotions, faults, released; /* shadows so far; moved back to without a copy, lost to a store, given back */
};

/* No page has a shadow. */
void shadows_start(struct space *space, struct shadows *s);

/* Drops all of them. */
void shadows_stop(struct space *space, struct shadows *s);

static inline bool shadow_is_kept(const struct shadows *s, u32 page)
{
    return s->frame[page];
}

/* A page that is REASON_MOVING, about to get another frame, keeps `slow` as its shadow. */
static inline void shadow_keep(struct space *space, struct shadows *s, u32 page, pte_t *entry, pfn_t slow)
{
    s->frame[page] = slow + 1;
    s->kept++;
    space_protect(space, page, entry, REASON_GUARDED);
}

/* Gives the page's shadow back. */
void shadow_drop(struct space *space, struct shadows *s, u32 page);

/* The whole of an order to demote a page that has a shadow. */
void shadow_demote(struct space *space, struct shadows *s, struct order order);

/* Drops the next shadow that is found; false when there is none. */
bool shadow_release(struct space *space, struct shadows *s);
