/*
 * The part of QEMU's plugin interface that the model uses, declared by hand.
 *
 * No distribution ships QEMU's own header, and one shared object is to serve QEMU 7.2 (interface version 1) up to 11.1
 * (version 7). So every function is weak: one that a QEMU lacks is a null pointer, and plugin.c asks before it calls.
 * Two prototypes changed between versions; they are declared twice, under two names for one symbol. Source:
 * include/plugins/qemu-plugin.h and docs/devel/tcg-plugins.rst of each QEMU release.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QEMU_API    __attribute__((weak))
#define QEMU_EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
typedef uint32_t qemu_plugin_meminfo_t;

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_plugin_hwaddr;
struct qemu_plugin_scoreboard;

typedef struct qemu_info {
    const char *target_name;
    struct {
        int min, cur;
    } version;
    bool system_emulation;
    struct {
        int smp_vcpus, max_vcpus;
    } system;
} qemu_info_t;

typedef struct {
    struct qemu_plugin_scoreboard *score;
    size_t offset;
} qemu_plugin_u64;

enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };
enum qemu_plugin_mem_rw { QEMU_PLUGIN_MEM_RW = 3 };
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };

typedef void (*qemu_mem_cb_t)(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t vaddr, void *userdata);
typedef void (*qemu_exec_cb_t)(unsigned vcpu, void *userdata);
typedef void (*qemu_trans_cb_t)(qemu_plugin_id_t id, struct qemu_plugin_tb *tb);  /* versions 0 to 6 */
typedef void (*qemu_trans_udata_cb_t)(struct qemu_plugin_tb *tb, void *userdata); /* from version 7 on */

QEMU_API void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, qemu_trans_cb_t cb);

/* The same symbol from version 7 on. */
QEMU_API void qemu_register_trans_v7(qemu_plugin_id_t id, qemu_trans_udata_cb_t cb,
                                     void *userdata) __asm__("qemu_plugin_register_vcpu_tb_trans_cb");

QEMU_API size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
QEMU_API struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
QEMU_API uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
QEMU_API size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);

QEMU_API const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);

/* The same symbol from version 3 on: copies up to `bytes` and returns how many. */
QEMU_API size_t qemu_insn_data_v3(const struct qemu_plugin_insn *insn, void *dest,
                                  size_t bytes) __asm__("qemu_plugin_insn_data");

QEMU_API void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn, qemu_mem_cb_t cb,
                                               enum qemu_plugin_cb_flags flags, enum qemu_plugin_mem_rw rw,
                                               void *userdata);
QEMU_API void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, qemu_exec_cb_t cb,
                                                     enum qemu_plugin_cb_flags flags, void *userdata);

/* Versions 0 and 1: an addition to a plain variable, at an instruction, between its two kinds of callback; at a block. */
QEMU_API void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, enum qemu_plugin_op op, void *ptr,
                                                         uint64_t imm);
QEMU_API void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, enum qemu_plugin_op op, void *ptr,
                                                       uint64_t imm);

/* From version 2 on: the same, to a virtual CPU's entry in a scoreboard. */
QEMU_API struct qemu_plugin_scoreboard *qemu_plugin_scoreboard_new(size_t element_bytes);
QEMU_API void *qemu_plugin_scoreboard_find(struct qemu_plugin_scoreboard *score, unsigned vcpu);
QEMU_API void qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(struct qemu_plugin_tb *tb, enum qemu_plugin_op op,
                                                                qemu_plugin_u64 entry, uint64_t imm);

QEMU_API bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t info);
QEMU_API unsigned qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t info);
QEMU_API struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t info, uint64_t vaddr);
QEMU_API bool qemu_plugin_hwaddr_is_io(const struct qemu_plugin_hwaddr *haddr);
QEMU_API uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *haddr);

/* Not called; their presence tells the interface's version. */
QEMU_API void qemu_plugin_request_time_control(void); /* 3 */
QEMU_API void qemu_plugin_write_memory_vaddr(void);   /* 5 */
QEMU_API void qemu_plugin_set_pc(void);               /* 6, kept in 7 */
