/*
 * A plugin for user-mode QEMU: how many instructions a program executes while a variable of its own is nonzero.
 *
 *      qemu-x86_64 -plugin insns_plugin.so,watch=ADDRESS,out=FILE PROGRAM ...
 *
 * Version 1 of the interface does not tell what a store writes. So the variable must be zero at first and be stored to
 * with nonzero and zero values in turn, as native_running of tools/native/native.c is: every store to it switches the
 * counting on or off. FILE gets one line, the instructions and the stores; an odd number of stores means that the
 * program ended while it was counted. The store that switches on is not counted, the one that switches off is. An
 * instruction with a repeat prefix counts once an iteration, as it does under -icount.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/qemu_api.h"

QEMU_API void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*cb)(qemu_plugin_id_t id, void *userdata),
                                             void *userdata);

QEMU_EXPORT int qemu_plugin_version;
QEMU_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv);

static uint64_t watched, insns, stores;
static const char *out;

/* As in model/plugin.c. */
__attribute__((constructor)) static void choose_version(void)
{
    qemu_plugin_version = qemu_plugin_set_pc                 ? 7
                          : qemu_plugin_write_memory_vaddr   ? 5
                          : qemu_plugin_request_time_control ? 3
                          : qemu_plugin_scoreboard_new       ? 2
                                                             : 1;
}

static void on_insn(unsigned vcpu, void *userdata)
{
    (void)vcpu;
    (void)userdata;
    insns += stores & 1;
}

static void on_memory(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t vaddr, void *userdata)
{
    (void)vcpu;
    (void)userdata;
    stores += vaddr == watched && qemu_plugin_mem_is_store(info);
}

static void on_translate_v7(struct qemu_plugin_tb *tb, void *userdata)
{
    (void)userdata;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        qemu_plugin_register_vcpu_insn_exec_cb(insn, on_insn, QEMU_PLUGIN_CB_NO_REGS, NULL);
        qemu_plugin_register_vcpu_mem_cb(insn, on_memory, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, NULL);
    }
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    on_translate_v7(tb, NULL);
}

static void on_exit_of_program(qemu_plugin_id_t id, void *userdata)
{
    FILE *file = fopen(out, "w");

    (void)id;
    (void)userdata;
    if (file) {
        fprintf(file, "%llu %llu\n", (unsigned long long)insns, (unsigned long long)stores);
        fclose(file);
    }
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        if (!strncmp(argv[i], "watch=", 6))
            watched = strtoull(argv[i] + 6, NULL, 0);
        else if (!strncmp(argv[i], "out=", 4))
            out = strdup(argv[i] + 4);
    }
    if (info->system_emulation || !watched || !out) {
        fprintf(stderr, "insns_plugin: for user-mode QEMU, with watch=ADDRESS,out=FILE\n");
        return -1;
    }
    if (qemu_plugin_version >= 7)
        qemu_register_trans_v7(id, on_translate_v7, NULL);
    else
        qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
    qemu_plugin_register_atexit_cb(id, on_exit_of_program, NULL);
    return 0;
}
