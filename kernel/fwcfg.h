/* Files that QEMU hands over (its fw_cfg device): the keys of a run, later a workload's input. */
#pragma once

#include "kernel/types.h"

/*
 * Reads the named file into `to`, at most `size` bytes, and stores its length. Returns 0, ERR_NOENT (no device or no
 * such file) or ERR_RANGE (larger than `size`: nothing was read).
 */
int fwcfg_read(const char *name, void *to, size_t size, size_t *length);
