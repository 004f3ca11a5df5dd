/*
 * The model's configuration: the keys of keys.def, the preset pair, and what follows from them.
 */
#pragma once

#include "model/presets.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONFIG_ERROR_BYTES    2048
#define CONFIG_DEFAULT_PRESET "ddr4-clx+optane100-x6"

enum walk_kind { WALK_CONSTANT, WALK_MEMORY, WALK_NESTED }; /* the words of the key `walk` */

struct config {
#define KEY(name, def, min, max, help) uint64_t name;
#include "model/keys.def"
#undef KEY
    char preset[80];       /* FAST+SLOW */
    struct preset tier[2]; /* fast, slow; filled by config_finish */
    uint64_t given;        /* bit per key of keys.def that was set, the highest bit for preset */
};

/* Every key at its default. */
void config_init(struct config *config);

/* Sets one key from text. 0, or -1 with one line in error[] (unknown, malformed, out of range, given twice). */
int config_set(struct config *config, const char *key, const char *value, char *error, size_t error_bytes);

/* Reads key=value lines (blank lines and lines beginning with # are skipped). 0, or -1 with one line in error[]. */
int config_read(struct config *config, const char *path, char *error, size_t error_bytes);

/* Looks up the presets in the table `presets`, derives what was left at 0, checks shapes. 0, or -1 and error[]. */
int config_finish(struct config *config, const char *presets, char *error, size_t error_bytes);

/* How many cores' worth of this core's traffic the tiers see when `active` cores work, in 1/1000. */
uint64_t config_sharers_milli(const struct config *config, uint64_t active);

/* Writes the effective configuration as one JSON object with a final NUL. 0, or -1 when it does not fit. */
int config_json(const struct config *config, char *text, size_t bytes);
