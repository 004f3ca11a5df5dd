/* The keys that decide what this boot is for. */
#pragma once

#include "kernel/types.h"

extern const char *option_do;      /* run, bench, calibrate, test, list */
extern const char *option_pattern; /* of the tests' or microbenchmarks' names */
extern const char *option_ids;     /* who built image and model: goes into the run's id */
extern u64 option_fast_bytes, option_slow_bytes;

/* Reads the keys from QEMU's fw_cfg, else from the boot loader's command line. */
void options_init(void);
