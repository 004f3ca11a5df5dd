/*
 * A machine's balloon driver: code that the host writes into the machine's memory and enters as it does the payload's
 * functions. It chooses which pages of the fast tier the machine gives up.
 */
#pragma once

#include "mm/pte.h"

#define BALLOON_PAGES 256 /* that one answer names at most, as in Demeter's driver */

/* In the machine's memory. The host writes it but once, before the machine's start; the answer is trusted in nothing. */
struct balloon_request {
    u32 first, end; /* pages that may be given up: arena and heap, not what the machine stands on */
    u32 hand;       /* where the next look goes on */
    u32 nr;         /* the answer: so many pages, by their guest-physical numbers */
    u32 pages[BALLOON_PAGES];
};

/*
 * Names up to `wanted` pages (at most BALLOON_PAGES); entries[n] is the machine's own entry of page n. Ends with HYPERCALL_DONE. The host
 * asks by registers: the page that the request lies in may be on its way to the other tier. It copies this code, from
 * machine_balloon_code on, so it stands at any address, calls nothing and has no data.
 */
_Noreturn void machine_balloon(struct balloon_request *request, pte_t *entries, u64 wanted);

extern const u8 machine_balloon_code[], machine_balloon_code_end[];
