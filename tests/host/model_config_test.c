/* sources: tests/host/host.c model/config.c model/presets.c model/insn.c model/tier.c */
/* The model's keys and presets, good and bad, and the instructions that it recognises. Run from the root of the tree.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/abi.h"
#include "model/config.h"
#include "model/insn.h"
#include "tests/host/host.h"

#define PRESETS "model/presets.tsv"

static char error[CONFIG_ERROR_BYTES];

static bool refuses(const char *key, const char *value, const char *says)
{
    struct config c;

    config_init(&c);
    return config_set(&c, key, value, error, sizeof(error)) && strstr(error, says) && !strchr(error, '\n');
}

static bool refuses_to_finish(const char *key, const char *value, const char *presets, const char *says)
{
    struct config c;

    config_init(&c);
    return !config_set(&c, key, value, error, sizeof(error)) && config_finish(&c, presets, error, sizeof(error)) &&
           strstr(error, says) && !strchr(error, '\n');
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    if (!file || fputs(text, file) < 0 || fclose(file)) {
        perror(path);
        exit(1);
    }
}

static void test_keys(void)
{
    struct config c;
    char text[MODEL_CONFIG_BYTES], again[MODEL_CONFIG_BYTES], path[] = "/tmp/model_test.XXXXXX";

    CHECK(refuses("nonsense", "1", "unknown key 'nonsense'; known: preset insn_ps cores"));
    CHECK(refuses("insn_ps", "", "not a number"));
    CHECK(refuses("insn_ps", "-1", "not a number"));
    CHECK(refuses("insn_ps", "12x", "not a number"));
    CHECK(refuses("insn_ps", "5K", "not a number"));
    CHECK(refuses("l2", "5KB", "not a number"));
    CHECK(refuses("l2", "99999999999999999999999", "not a number"));
    CHECK(refuses("insn_ps", "0", "must be from 1 to 100000"));
    CHECK(refuses("prefetch", "2", "must be from 0 to 1"));
    CHECK(refuses("walk", "1", "must be one of constant|memory|nested"));
    CHECK(refuses("walk", "const", "must be one of constant|memory|nested"));
    CHECK(refuses("l1", "4095", "l1=4095: must be from 4K to 1M"));
    CHECK(refuses("l2", "17M", "l2=17M: must be from 0 to 16M"));
    CHECK(refuses("preset", "ddr4-clx", "FAST+SLOW"));
    CHECK(refuses("preset", "a+b+c", "FAST+SLOW"));
    CHECK(refuses_to_finish("preset", "nosuch+unit", PRESETS,
                            "unknown preset 'nosuch'; known: ddr4-clx ddr4-clx-remote"));
    CHECK(refuses_to_finish("mlp", "500", PRESETS, "mlp=500"));
    CHECK(refuses_to_finish("active", "25", PRESETS, "active=25: the machine has 24 cores"));
    CHECK(refuses_to_finish("load_fast", "90", PRESETS, "load_fast=90: takes 982/1000 of a lane of ddr4-clx"));
    CHECK(refuses_to_finish("load_slow", "30", PRESETS, "load_slow=30: takes 1500/1000 of a lane of optane100-x6"));
    CHECK(refuses_to_finish("l1_ways", "6", PRESETS, "multiple of 4"));
    CHECK(refuses_to_finish("l2", "96K", PRESETS, "power of two"));
    CHECK(refuses_to_finish("l1", "32800", PRESETS, "multiples of 64"));
    CHECK(refuses_to_finish("l1", "128K", PRESETS, "l1=128K"));
    CHECK(refuses_to_finish("tlb1_ways", "3", PRESETS, "power of two"));
    config_init(&c);
    CHECK(!config_set(&c, "wc", "4", error, sizeof(error)));
    CHECK(config_set(&c, "wc", "4", error, sizeof(error)) && strstr(error, "given twice"));

    int file = mkstemp(path);
    close(file);
    write_file(path, "# model\nl2=128K\n\npreset=ddr5-spr+cxl-asic-x16\ncurve=0\nwalk=constant\n");
    config_init(&c);
    CHECK(!config_read(&c, path, error, sizeof(error)));
    CHECK(!config_finish(&c, PRESETS, error, sizeof(error)));
    CHECK_EQ(131072, c.l2);
    CHECK_EQ(40, c.cores);
    CHECK_EQ(27, c.active);
    CHECK_EQ(16, c.fill);
    CHECK_EQ(4, c.walkers);
    CHECK_EQ(32, c.ahead);
    CHECK_EQ(4, c.pde);
    CHECK_EQ(4, c.ntlb);
    CHECK_EQ(65536, c.llc);
    CHECK_EQ(64, c.tlb2);
    CHECK_EQ(266000, c.tier[1].read_ps);
    CHECK_EQ(2, c.tier[1].lanes);
    CHECK(!config_json(&c, text, sizeof(text)) && !config_json(&c, again, sizeof(again)) && !strcmp(text, again));
    CHECK(strstr(text, "{\"preset\":\"ddr5-spr+cxl-asic-x16\",\"insn_ps\":250,\"cores\":40,") == text);
    CHECK(strstr(text, ",\"walk\":\"constant\",") != NULL);
    CHECK(!strchr(text, '/') || !strstr(text, path));
    write_file(path, "curve\n");
    CHECK(config_read(&c, path, error, sizeof(error)) && strstr(error, "line 1"));
    unlink(path);
    CHECK(config_read(&c, path, error, sizeof(error)) && strstr(error, "No such file"));
}

static void test_presets(void)
{
    static const char *const names[] = {
        "ddr4-clx",        "ddr4-clx-remote", "ddr4-icx",      "ddr4-icx-remote", "ddr5-spr",
        "ddr5-spr-remote", "ddr5-genoa",      "optane100-x6",  "optane100-x1",    "optane-hemem",
        "optane200-x1",    "cxl-asic-x8",     "cxl-asic-x16",  "cxl-asic-remote", "cxl-dmsim-asic",
        "cxl-fpga",        "cxl-cz120",       "cxl-pool",      "numa-emu-135",    "numa-emu-148",
        "numa-emu-168",    "numa-emu-192",    "hbm2e-max9480", "lpddr5-grace",    "unit"};
    struct preset p;
    char path[] = "/tmp/model_test.XXXXXX", line[2048], header[512];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        CHECK(!preset_find(PRESETS, names[i], &p, error, sizeof(error)));
    }
    CHECK(!preset_find(PRESETS, "optane100-x6", &p, error, sizeof(error)));
    CHECK_EQ(305000, p.read_ps);
    CHECK_EQ(169000, p.seq_ps);
    CHECK_EQ(12500000000ull, p.write_Bps);
    CHECK_EQ(37600000000ull, p.read_Bps);
    CHECK_EQ(256, p.unit_bytes);
    CHECK_EQ(3000, p.curve[4]);
    CHECK_EQ(6, p.nr_writers);
    CHECK_EQ(24, p.writers[5].cores);
    CHECK_EQ(600, p.writers[5].milli);

    FILE *table = fopen(PRESETS, "r");
    CHECK(table && fgets(header, sizeof(header), table));
    fclose(table);
    int file = mkstemp(path);
    close(file);
    static const struct {
        const char *row, *says;
    } bad[] = {
        {"x\t88\t-\t87\t113\t77\t1\t64\t24\t10\t2\t16\t-\t-\t-\ts\n", ", column date"},
        {"x\t88\t-\t87\t113\t77\t1\t64\t24\t10\t2\t16\t-\t-\t-\ts\td\te\n", ", column after date"},
        {"x\t0\t-\t87\t113\t77\t1\t64\t24\t10\t2\t16\t-\t-\t-\ts\td\n", "read_ns"},
        {"x\t88\t99\t87\t113\t77\t1\t64\t24\t10\t2\t16\t-\t-\t-\ts\td\n", "seq_ns"},
        {"x\t88\t-\t87\t-3\t77\t1\t64\t24\t10\t2\t16\t-\t-\t-\ts\td\n", "read_GBps"},
        {"x\t88\t-\t87\t113\t77\t3\t64\t24\t10\t2\t16\t-\t-\t-\ts\td\n", "lanes"},
        {"x\t88\t-\t87\t113\t77\t1\t96\t24\t10\t2\t16\t-\t-\t-\ts\td\n", "unit"},
        {"x\t88\t-\t87\t113\t77\t1\t64\t24\t65\t2\t16\t-\t-\t-\ts\td\n", "fill"},
        {"x\t88\t-\t87\t113\t77\t1\t64\t24\t10\t0\t16\t-\t-\t-\ts\td\n", "walkers"},
        {"x\t88\t-\t87\t113\t77\t1\t64\t24\t10\t2\t65\t-\t-\t-\ts\td\n", "ahead"},
        {"x\t88\t-\t87\t113\t77\t1\t64\t24\t10\t2\t16\t1.1/1.2\t-\t-\ts\td\n", "curve"},
        {"x\t88\t-\t87\t113\t77\t1\t64\t24\t10\t2\t16\t2/1.2/3/4/5\t-\t-\ts\td\n", "curve"},
        {"x\t88\t-\t87\t113\t77\t1\t64\t24\t10\t2\t16\t-\t4\t-\ts\td\n", "writers"},
        {"x\t88\t-\t87\t113\t77\t1\t64\t24\t10\t2\t16\t-\t4:1/4:0.5\t-\ts\td\n", "writers"},
        {"x\t88\t-\t87\t113\t77\t1\t64\t24\t10\t2\t16\t-\t4:1.5\t-\ts\td\n", "writers"},
        {"x\t88\t-\t87\t113\t77\t1\t64\t24\t10\t2\t16\t-\t-\t-\ts\"\td\n", "source"},
        {"x\t88\t-\t87\t113\t77\t1\t64\t24\t10\t2\t16\t-\t-\t-\ts\td", "no end of line"},
        {"x\tnan\t-\t87\t113\t77\t1\t64\t24\t10\t2\t16\t-\t-\t-\ts\td\n", ", column read_ns"},
        {"x\t88\t-\tinf\t113\t77\t1\t64\t24\t10\t2\t16\t-\t-\t-\ts\td\n", ", column write_ns"},
        {"x\t88\t-\t87\t113\t1e300\t1\t64\t24\t10\t2\t16\t-\t-\t-\ts\td\n", ", column write_GBps"},
        {"x\t88\t-\t87\t113\t77\t1\t64\t1e300\t10\t2\t16\t-\t-\t-\ts\td\n", ", column cores"},
        {"x\t88\t-\t87\t113\t77\t1\t64\t24\t10\t2\t16\t-\t-\t-\ts\td\r\n", "a carriage return"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(line, sizeof(line), "%s%s", header, bad[i].row);
        write_file(path, line);
        CHECK(preset_find(path, "x", &p, error, sizeof(error)) && strstr(error, ", line 2") &&
              strstr(error, "malformed") && strstr(error, bad[i].says));
    }
    write_file(path, "name\n");
    CHECK(preset_find(path, "x", &p, error, sizeof(error)) && strstr(error, "line 1: malformed (the header"));
    write_file(path, header);
    CHECK(preset_find(path, "x", &p, error, sizeof(error)) && strstr(error, "no preset in it"));
    unlink(path);
    CHECK(preset_find(path, "x", &p, error, sizeof(error)) && strstr(error, "No such file"));
}

/* ---- instructions ---- */

static void test_instructions(void)
{
    static const struct {
        uint8_t bytes[8];
        size_t size;
        enum insn_kind kind;
    } known[] = {
        {{0x48, 0x89, 0x07}, 3, INSN_PLAIN},                   /* mov [rdi], rax */
        {{0x48, 0x0f, 0xc3, 0x07}, 4, INSN_NONTEMPORAL},       /* movnti [rdi], rax */
        {{0x66, 0x0f, 0xe7, 0x07}, 4, INSN_NONTEMPORAL},       /* movntdq */
        {{0x0f, 0x2b, 0x07}, 3, INSN_NONTEMPORAL},             /* movntps */
        {{0x66, 0x44, 0x0f, 0x2b, 0x07}, 5, INSN_NONTEMPORAL}, /* movntpd [rdi], xmm8 */
        {{0x0f, 0xae, 0xf8}, 3, INSN_FENCE},                   /* sfence */
        {{0x0f, 0xae, 0xf0}, 3, INSN_FENCE},                   /* mfence */
        {{0x0f, 0xae, 0xe8}, 3, INSN_PLAIN},                   /* lfence */
        {{0x0f, 0xae, 0x38}, 3, INSN_PLAIN},                   /* clflush */
        {{0xf0, 0x48, 0x0f, 0xba, 0x37, 0x05}, 6, INSN_LOCK},  /* lock btr qword [rdi], 5 */
        {{0x66, 0xf0, 0x01, 0x07}, 4, INSN_LOCK},              /* lock add word [rdi], ax */
        {{0x48, 0x87, 0x07}, 3, INSN_LOCK},                    /* xchg [rdi], rax */
        {{0x48, 0x87, 0xc7}, 3, INSN_PLAIN},                   /* xchg rdi, rax */
        {{0x86, 0x07}, 2, INSN_LOCK},                          /* xchg [rdi], al */
        {{0x0f, 0x01, 0x38}, 3, INSN_INVLPG},                  /* invlpg [rax] */
        {{0x41, 0x0f, 0x01, 0x39}, 4, INSN_INVLPG},            /* invlpg [r9] */
        {{0x0f, 0x01, 0xf8}, 3, INSN_PLAIN},                   /* swapgs */
        {{0x0f, 0x01, 0x10}, 3, INSN_PLAIN},                   /* lgdt */
        {{0x0f, 0x22, 0xd8}, 3, INSN_CR3},                     /* mov cr3, rax */
        {{0x41, 0x0f, 0x22, 0xd8}, 4, INSN_CR3},               /* mov cr3, r8 */
        {{0x0f, 0x22, 0xe0}, 3, INSN_PLAIN},                   /* mov cr4, rax */
        {{0x44, 0x0f, 0x22, 0xd8}, 4, INSN_PLAIN},             /* mov cr11, rax: undefined */
        {{0x0f, 0x20, 0xd8}, 3, INSN_PLAIN},                   /* mov rax, cr3 */
        {{0x48, 0xcf}, 2, INSN_IRET},
        {{0xc3}, 1, INSN_PLAIN}, /* ret */
        {{0x0f}, 1, INSN_PLAIN}, /* cut off */
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        CHECK_EQ(known[i].kind, insn_kind(known[i].bytes, known[i].size));
    }
}

int main(void)
{
    host_case("model.keys");
    test_keys();
    host_case("model.presets");
    test_presets();
    host_case("model.instructions");
    test_instructions();
    return host_done();
}
