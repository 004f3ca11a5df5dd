/* The run's id: every key counts, by its effective value. */
#include "kernel/console.h"
#include "lib/keys.h"
#include "lib/string.h"
#include "lab/policy.h"
#include "lab/program.h"
#include "report/report.h"
#include "tests/guest/guest.h"

#define MAX_KEYS 512

static u64 base, seen[MAX_KEYS];
static unsigned nr_seen;

/* Another value, whatever it means: only the hash looks at it. */
static void change_and_restore(const struct key *key, void *data)
{
    u64 number = key->kind == KEY_IS_TEXT ? 0 : *key->number, hash;
    const char *text = key->kind == KEY_IS_TEXT ? *key->text : NULL;

    (void)data;
    if (key->kind == KEY_IS_TEXT)
        *key->text = "another";
    else
        *key->number = number == key->maximum ? key->minimum : number + 1;
    hash = report_configuration_hash();
    if (key->kind == KEY_IS_TEXT)
        *key->text = text;
    else
        *key->number = number;
    EXPECT_EQ(base, report_configuration_hash());
    if (hash == base)
        kprintf("# key %s does not change the id\n", key->name);
    EXPECT(hash != base);
    for (unsigned i = 0; i < nr_seen; i++)
        EXPECT(hash != seen[i]);
    if (nr_seen < MAX_KEYS)
        seen[nr_seen++] = hash;
}

TEST(every_key, "run_id.every_key", "each key changes the id, and no two in the same way")
{
    base = report_configuration_hash();
    nr_seen = 0;
    keys_for_each(change_and_restore, NULL);
    EXPECT(nr_seen > 100 && nr_seen < MAX_KEYS);
}

/* The keys whose default is "the policy's" or "the workload's" hold what came of it. */
static unsigned nr_found;
static void expect_effective(const struct key *key, void *data)
{
    const struct {
        const char *name;
        u64 number;
    } effective[] = {{"ops", program.ops},
                     {"warmup", program.warmup},
                     {"window_us", chosen.pace.window_us},
                     {"score_windows", chosen.score_windows},
                     {"decide_windows", chosen.pace.decide_windows},
                     {"step_pages", chosen.pace.step_pages},
                     {"moves", chosen.pace.moves}};

    (void)data;
    for (unsigned i = 0; i < ARRAY_SIZE(effective); i++)
        if (!strcmp(key->name, effective[i].name)) {
            EXPECT_EQ(effective[i].number, *key->number);
            nr_found++;
        }
    if (!strcmp(key->name, "tracker")) {
        EXPECT(!strcmp(*key->text, chosen.tracker ? chosen.tracker->part.name : "none"));
        nr_found++;
    }
}

TEST(effective, "run_id.effective_values", "a default that another part decides is in the id as what it became")
{
    EXPECT(program.warmup > 0);
    nr_found = 0;
    keys_for_each(expect_effective, NULL);
    EXPECT_EQ(8, nr_found);
}
