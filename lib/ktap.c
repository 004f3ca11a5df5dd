/* Linux, Documentation/dev-tools/ktap.rst: version line, plan, one line a test, totals. */
#include "lib/ktap.h"
#include "kernel/console.h"
#include "kernel/exit.h"
#include "kernel/model.h"
#include "lib/registry.h"
#include "lib/string.h"

static char failure[200];
static unsigned failures;
static char about[100]; /* empty, or ends in ": " */

void ktap_about(const char *first, const char *second, const char *third)
{
    about[0] = 0;
    if (first)
        ksnprintf(about, sizeof(about), "%s%s%s%s%s: ", first, second ? " " : "", second ? second : "", third ? " " : "",
                  third ? third : "");
}

void ktap_fail(const char *file, int line, const char *what, u64 want, u64 got)
{
    if (!failures++)
        ksnprintf(failure, sizeof(failure), "%s%s: want=%lu got=%lu (%s:%d)", about, what, want, got, file, line);
    else
        kprintf("# also %s%s: want=%lu got=%lu (%s:%d)\n", about, what, want, got, file, line);
}

const char *ktap_needs_model(void)
{
    return model_present() ? NULL : "needs the model";
}

struct progress {
    const char *pattern;
    unsigned planned, done, failed, skipped;
};

static void count(const struct registered *object, void *data)
{
    struct progress *p = data;

    p->planned += matches(object->name, p->pattern);
}

static void run(const struct registered *object, void *data)
{
    const struct test *test = (const void *)object;
    struct progress *p = data;
    const char *skip;

    if (!matches(test->name, p->pattern))
        return;
    p->done++;
    skip = test->skip ? test->skip() : NULL;
    if (skip) {
        p->skipped++;
        kprintf("ok %u %s # SKIP %s\n", p->done, test->name, skip);
        return;
    }
    failures = 0;
    about[0] = 0;
    test->run();
    if (failures) {
        p->failed++;
        kprintf("not ok %u %s # %s\n", p->done, test->name, failure);
    } else {
        kprintf("ok %u %s\n", p->done, test->name);
    }
}

unsigned ktap_run(const char *pattern)
{
    struct progress p = {.pattern = pattern};

    registry_for_each(&test_registry, count, &p);
    if (!p.planned)
        refuse("pattern=%s: no test has this in its name, or such a name", pattern);
    kprintf("KTAP version 1\n1..%u\n", p.planned);
    registry_for_each(&test_registry, run, &p);
    kprintf("# Totals: pass:%u fail:%u skip:%u\n", p.done - p.failed - p.skipped, p.failed, p.skipped);
    return p.failed;
}
