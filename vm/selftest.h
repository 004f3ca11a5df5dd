/* What the processor does with accessed and dirty bits in two dimensions: asked before anything is concluded from them.
 */
#pragma once

#include "kernel/types.h"

/*
 * Runs every row of the table in selftest.c on a machine of its own, in frames that it gives back. Returns null, or a
 * line that names the first row that differs, valid until the next call. Needs SVM, free frames and interrupts off.
 */
const char *vm_selftest(void);
