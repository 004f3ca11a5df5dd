/* The write log's state in a space. */
#pragma once

#include "mm/parts.h"

#define WLOG_ENTRIES 512

struct wlog {
    u64 buffer[WLOG_ENTRIES]; /* addresses of pages */
    u16 index;                /* where the next entry goes; above the last one: exhausted */
    u64 *written;             /* a bit a page: drained and not yet reported */
    u32 next_word;
    u64 wlog_full, wlog_entries;
};
