#include "kernel/options.h"
#include "kernel/err.h"
#include "kernel/exit.h"
#include "platform/fwcfg.h"
#include "lib/keys.h"
#include "platform/multiboot.h"

#define KEYS_FILE "opt/tierlab/keys"

KEY_TEXT(option_do, "do", "run", "run|bench|calibrate|test|list", "what this boot is for");
KEY_TEXT(option_pattern, "pattern", "", NULL, "test, bench: only names that contain this, or have this form, with * and ?");
KEY_TEXT(option_ids, "ids", "none", NULL, "identifies image and model in the run's id");
KEY_SIZE(option_fast_bytes, "fast", 32 * MIB, PAGE_SIZE, 2 * GIB,
         "fast tier that managed spaces may use: vTMM's 32 GB / 1024");
KEY_SIZE(option_slow_bytes, "slow", 192 * MIB, PAGE_SIZE, 2 * GIB,
         "slow tier that managed spaces may use: vTMM's 192 GB / 1024");

void options_init(void)
{
    static char text[8192];
    size_t length;
    int error = fwcfg_read(KEYS_FILE, text, sizeof(text) - 1, &length);

    if (error == ERR_RANGE)
        refuse("the keys are longer than %lu bytes", sizeof(text) - 1);
    keys_parse(error ? boot_info.command_line : text);
    if (option_fast_bytes % PAGE_SIZE || option_slow_bytes % PAGE_SIZE)
        refuse("%s: must be a multiple of 4K", option_fast_bytes % PAGE_SIZE ? "fast" : "slow");
}
