/* What this boot is for. */
#include "kernel/console.h"
#include "kernel/exit.h"
#include "lib/ktap.h"
#include "kernel/options.h"
#include "lib/registry.h"
#include "lib/string.h"
#include "bench/bench.h"
#include "bench/calibrate.h"
#include "lab/lab.h"
#include "report/list.h"
#include "lab/run.h"
#include "shell/shell.h"

static bool do_test(void)
{
    if (test_registry.start == test_registry.end)
        refuse("do=test: this image has no tests; build/tierlab-tests.elf32 has");
    run_init();
    return !ktap_run(option_pattern);
}

static bool do_run(void)
{
    run_init();
    shell_init();
    return run_once();
}

static bool do_bench(void)
{
    run_init();
    return bench_all(option_pattern);
}

static bool do_calibrate(void)
{
    run_init();
    return calibrate();
}

static bool do_list(void)
{
    list_everything();
    return true;
}

void lab_main(void)
{
    static const struct {
        const char *name;
        bool (*act)(void);
    } actions[] = {
        {"run", do_run}, {"test", do_test}, {"bench", do_bench}, {"calibrate", do_calibrate}, {"list", do_list}};

    for (unsigned i = 0; i < ARRAY_SIZE(actions); i++)
        if (!strcmp(option_do, actions[i].name))
            machine_exit(!actions[i].act() ? EXIT_FAIL : shell_has_complained() ? EXIT_REFUSED : EXIT_PASS);
    refuse("do=%s: not known", option_do);
}
