/*
 * A machine that scans its own page tables (scan=in-guest): code that the host writes into its memory and enters as it does
 * the payload's functions. It runs on the machine's processor, by the machine's addresses and tables, and makes no exit
 * but its last.
 */
#pragma once

#include "mm/pte.h"

/* Which bits are taken, and which translations dropped: each page's by INVLPG, or all by a write to CR3. */
enum look_how { LOOK_ACCESSED_FLUSH_NONE, LOOK_ACCESSED_FLUSH_PAGES, LOOK_ACCESSED_FLUSH_ALL, LOOK_DIRTY_FLUSH_ALL };

/*
 * Takes the bits of `pages` entries (whole tables) from `entry` on, whose first one maps `va`, and writes a bit a page to `seen`:
 * set where the entry's was. Ends with HYPERCALL_DONE. The host copies it, from machine_look_code on, so it stands at any address,
 * calls nothing and has no data.
 */
_Noreturn void machine_look(pte_t *entry, u8 *seen, u64 pages, vaddr_t va, enum look_how how);

extern const u8 machine_look_code[], machine_look_code_end[];
