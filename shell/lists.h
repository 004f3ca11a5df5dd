/* The lists that a classifier keeps, found by their links: it need not tell of them. */
#pragma once

#include "kernel/types.h"

/* One line: which list the page is on, and its place in it, 1 being the head; or that it is on none. Nothing without lists. */
void lists_tell_place(u32 page);
