/* The log itself, and what wlog counts beside its observations, since boot. */
#pragma once

#include "kernel/types.h"

#define WLOG_ENTRIES 512

extern u64 wlog_buffer[WLOG_ENTRIES]; /* addresses of pages */
extern u16 wlog_index;                /* where the next entry goes; above the last one: exhausted */
extern u64 wlog_full, wlog_entries;
