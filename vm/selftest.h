/* What the processor does with accessed and dirty bits in two dimensions: asked before anything is concluded from them.
 */
#pragma once

#include "mm/space.h"

/*
 * Runs every row of the table in selftest.c on a machine of its own, in frames of the lender's that it gives back. Returns null, or a
 * line that names the first row that differs, valid until the next call. Needs SVM, free frames and interrupts off.
 */
const char *vm_selftest(struct space *lender);
