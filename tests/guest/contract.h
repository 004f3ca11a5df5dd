/*
 * Contracts: what mm/parts.h asks of each kind of part, as tests that run on whichever part is named
 * (`./run-qemu.sh test contract tracker=NAME`; classifier=, migrator=), or without a name on every part of the image.
 *
 * They run on the arena, made as small as the pages that they use, so that a part which looks at few pages of many soon
 * comes around.
 */
#pragma once

#include "kernel/clock.h"
#include "lib/registry.h"
#include "tests/guest/guest.h"

/* Calls `check` for the part of that kind that a key names, or else for each that can start here. */
void contract_each(enum part_kind kind, void (*check)(const void *part));

/* Why the contract of this kind is not asked for: parts are named, and none of them is of this kind. */
const char *contract_skip(enum part_kind kind);

/* The arena has this many pages, and other states of its parts, until contract_end() has emptied it and made it as it was. */
enum { CONTRACT_PAGES = 1400 };
void contract_begin(void);
void contract_end(void);

/* From now on it can get so many further frames of that tier. */
void contract_room(enum tier tier, u32 frames);

/* Nothing is left of any part: rights, frames, notes in entries. The arena's parts have been stopped. */
void contract_expect_all_back(void);

#define CONTRACT(function, kind, test_name, test_summary)                                                              \
    static void function(const void *part);                                                                            \
    static void function##_each(void)                                                                                  \
    {                                                                                                                  \
        contract_each(kind, function);                                                                                 \
    }                                                                                                                  \
    static const char *function##_skip(void)                                                                           \
    {                                                                                                                  \
        return contract_skip(kind);                                                                                    \
    }                                                                                                                  \
    static const struct test test_##function = {                                                                       \
        .name = (test_name), .summary = (test_summary), .run = function##_each, .skip = function##_skip};              \
    REGISTER_IN(tests, test_##function);                                                                               \
    static void function(const void *part)
