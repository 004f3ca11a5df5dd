/* Files that QEMU hands over (its fw_cfg device): the keys of a run, a workload's input. */
#pragma once

#include "kernel/types.h"

/*
 * The first tells a file's size: 0, or ERR_NOENT (no device or no such file). The second
 * reads it into `to`, at most `size` bytes, and stores its length. Returns 0, ERR_NOENT, or ERR_RANGE (larger than
 * `size`: nothing was read).
 */
int fwcfg_size(const char *name, size_t *size);
int fwcfg_read(const char *name, void *to, size_t size, size_t *length);
