#include "machines/leaves.h"
#include "kernel/exit.h"
#include "kernel/options.h"
#include "lab/lab.h"
#include "lab/policy.h"
#include "lib/keys.h"
#include "lib/registry.h"
#include "lib/string.h"
#include "machines/machines.h"

static KEY_TEXT(nested_leaf, "nested_leaf", "4K", "4K|2M",
                "vms=1: what one nested entry maps: a page, or 512 pages in a row where a run of frames is free");

extern const void *const leaf_parts_start[], *const leaf_parts_end[];
static const struct registry leaf_parts = {"part for leaves of 2 MiB", leaf_parts_start, leaf_parts_end};

bool leaves_wanted(void)
{
    return machines_wanted() == 1 && nested_leaf[0] == '2';
}

static void refuse_others(bool logged)
{
    if (machines_wanted() != 1)
        refuse("nested_leaf=2M: it is for the nested tables of one machine, vms=1");
    if (logged)
        refuse("scan=guest-log: a nested leaf of 2 MiB has one D bit for all of the machine's tables in it; scan=guest goes with nested_leaf=2M");
    if ((option_fast_bytes | option_slow_bytes) % LARGE_PAGE_SIZE)
        refuse("nested_leaf=2M: fast= and slow= have to be multiples of 2M: a leaf takes 512 frames of one tier");
    if (chosen.policy->everything_in || chosen.policy->placed_best || chosen.uses_truth)
        refuse("nested_leaf=2M: policy=%s, or a part of it, places or judges pages of 4 KiB", chosen.policy->name);
    for (unsigned tier = 0; tier < NR_TIERS; tier++)
        if (frame_pool(tier)->first % RUN_FRAMES)
            unfit("nested_leaf=2M: the frames of this machine's nodes do not begin at a multiple of 2 MiB");
}

const struct leaf_part *leaves_part(const char *name)
{
    return registry_find(&leaf_parts, name);
}

static void replace_tracker(void)
{
    const struct leaf_part *row = leaves_part(chosen.tracker->part.name);

    if (!row || !row->tracker)
        refuse("nested_leaf=2M: tracker=%s goes by pages, and a nested leaf has one bit for 512: abit and dbit know leaves; or scan=guest",
               chosen.tracker->part.name);
    chosen.tracker = row->tracker;
}

static void replace_migrator(void)
{
    const struct leaf_part *row = leaves_part(chosen.migrator->part.name);

    if (!row || !row->migrator)
        refuse("nested_leaf=2M: migrator=%s moves pages of 4 KiB: sync and batch move leaves whole, or split them",
               chosen.migrator->part.name);
    chosen.migrator = row->migrator;
}

void leaves_choose(bool own, bool logged)
{
    if (nested_leaf[0] != '2')
        return;
    refuse_others(logged);
    if (chosen.classifier && strcmp(chosen.classifier->part.name, "lru"))
        refuse("nested_leaf=2M: classifier=%s counts and ranks pages of 4 KiB: lru takes leaves as well",
               chosen.classifier->part.name);
    if (chosen.tracker && !own)
        replace_tracker();
    if (chosen.migrator)
        replace_migrator();
    arena.leaf_use = own ? SPLIT_LEAVES : WHOLE_LEAVES;
}
