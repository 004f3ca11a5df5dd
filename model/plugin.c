/*
 * The QEMU plugin: loads the configuration, maps the shared region, instruments code as it is translated, and hands
 * every access to the model (core.h).
 *
 * The clock: each block adds its length to a counter when it begins, and each memory instruction carries how many of
 * the block's instructions come after it, so "executed so far" is a subtraction. Accesses of ACCOUNT_OFF return at
 * once.
 */
#include "model/core.h"
#include "model/qemu_api.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_ACCESS 16 /* bytes of the largest access that QEMU reports for code without AVX */
#define MAX_INSN   15

/* QEMU reads this after loading the object and refuses a version outside its range; the constructor sets it before. */
QEMU_EXPORT int qemu_plugin_version;

QEMU_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv);

static struct config config;

/* Instructions executed: of code that the model watches, and of the laboratory's that it does not. */
struct executed {
    uint64_t insns, unwatched;
};

static struct executed own_counters;
static uint64_t *insn_counter = &own_counters.insns;
static struct qemu_plugin_scoreboard *scoreboard;
static int api;            /* the interface version in use */
static uint32_t store_bit; /* by which an access's description says that it stores; 0: QEMU has to be asked */

__attribute__((constructor)) static void choose_version(void)
{
    const char *override = getenv("TIERLAB_PLUGIN_API");

    if (override && *override) {
        qemu_plugin_version = atoi(override);
    } else if (qemu_plugin_set_pc) {
        qemu_plugin_version = 7;
    } else if (qemu_plugin_write_memory_vaddr) {
        qemu_plugin_version = 5;
    } else if (qemu_plugin_request_time_control) {
        qemu_plugin_version = 3;
    } else if (qemu_plugin_scoreboard_new) {
        qemu_plugin_version = 2;
    } else {
        qemu_plugin_version = 1;
    }
}

/* What an instruction carries to its callbacks: what it is, and the instructions after it in its block. */
static void *pack(enum insn_kind kind, long rest)
{
    return (void *)((uintptr_t)rest << 8 | (unsigned)kind);
}

static inline uint64_t insns_so_far(const void *packed)
{
    return *insn_counter - (uint64_t)((intptr_t)packed >> 8);
}

/* QEMU's address of an access, UINT64_MAX when it has none. */
static uint64_t qemu_address(qemu_plugin_meminfo_t info, uint64_t va)
{
    struct qemu_plugin_hwaddr *address = qemu_plugin_get_hwaddr(info, va);

    return address && !qemu_plugin_hwaddr_is_io(address) ? qemu_plugin_hwaddr_phys_addr(address) : UINT64_MAX;
}

/* QEMU keeps that in one bit, and a call for each access is dear. */
static uint32_t find_store_bit(void)
{
    uint32_t found = 0;

    for (uint32_t bit = 1; bit; bit <<= 1) {
        found |= qemu_plugin_mem_is_store(bit) ? bit : 0;
    }
    return found && !(found & (found - 1)) && !qemu_plugin_mem_is_store(~found) ? found : 0;
}

static inline bool is_store(qemu_plugin_meminfo_t info)
{
    return __builtin_expect(store_bit != 0, 1) ? (info & store_bit) != 0 : qemu_plugin_mem_is_store(info);
}

static inline uint32_t access_bytes(qemu_plugin_meminfo_t info, uint64_t va)
{
    return (va & 63) <= 64 - MAX_ACCESS ? MAX_ACCESS : 1u << qemu_plugin_mem_size_shift(info);
}

/* A store to the region: a command if it is in the page of doorbells. */
static bool is_ours(uint64_t va, const void *packed)
{
    uint64_t offset = va - MODEL_VA;

    if (__builtin_expect(offset >= model.header->region_bytes, 1)) {
        return false;
    }
    if (offset - MODEL_DOORBELL_OFFSET < sizeof(struct model_doorbells)) {
        model_doorbell(offset - MODEL_DOORBELL_OFFSET, insns_so_far(packed));
    }
    return true;
}

static __attribute__((noinline)) void off_access(qemu_plugin_meminfo_t info, uint64_t va, const void *packed)
{
    if (model.machine_va) {
        return; /* whatever a machine's address is, it is no doorbell */
    }
    if (is_store(info)) {
        is_ours(va, packed);
    } else if (__builtin_expect(va == model.probe_va, 0)) {
        model_probe(qemu_address(info, va));
    }
}

/* An access that is not a repeat. */
static __attribute__((noinline)) void first_access(qemu_plugin_meminfo_t info, uint64_t raw, const void *packed,
                                                   bool store)
{
    uint64_t va = model_address(raw);

    if (store ? is_ours(va, packed) : va - MODEL_VA < model.header->region_bytes) {
        return;
    }
    /*
     * QEMU 7.2 now and then hands the accesses by which the processor delivers an interrupt (descriptor tables, the
     * tick's stack) to the callback of the last instruction. They are the tick's, not the program's.
     */
    if (va - model.machine_start < model.machine_end - model.machine_start) {
        return;
    }
    if (model_access(va, access_bytes(info, va), store, insns_so_far(packed))) {
        model_check(va, qemu_address(info, raw));
    }
}

/* All but what the two below know. Apart, as they are from each other, so that those save no register. */
static __attribute__((noinline)) void other_access(qemu_plugin_meminfo_t info, uint64_t va, const void *packed)
{
    bool store = is_store(info);

    if (!model_access_again(model_address(va), access_bytes(info, va), store)) {
        first_access(info, va, packed, store);
    }
}

/* Not to the newest line of its set, and within a line. */
static __attribute__((noinline)) void older_access(qemu_plugin_meminfo_t info, uint64_t va, const void *packed)
{
    bool store = info & store_bit;

    if (!model_access_older(va, store)) {
        first_access(info, va, packed, store);
    }
}

/*
 * One callback for loads and stores: QEMU 7.2 mixes the two up when they are registered apart (its filter compares
 * the direction plus one, accel/tcg/plugin-gen.c, op_rw: a load then reaches the store's callback only).
 */
static void on_access_asking(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t va, void *packed)
{
    (void)vcpu;
    if (model.live) {
        other_access(info, va, packed);
    } else {
        off_access(info, va, packed);
    }
}

/* The same where store_bit is known. Most accesses are repeats. */
static void on_access(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t va, void *packed)
{
    if (__builtin_expect(!model.live || model.machine_va || (va & 63) > 64 - MAX_ACCESS, 0)) {
        on_access_asking(vcpu, info, va, packed);
    } else if (!model_access_newest(va, info & store_bit)) {
        older_access(info, va, packed);
    }
}

static void on_access_locked(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t va, void *packed)
{
    if (is_store(info)) {
        model_locked(model_address(va));
    }
    on_access_asking(vcpu, info, va, packed);
}

static void on_store_nontemporal(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t raw, void *packed)
{
    uint64_t va = model_address(raw);

    (void)vcpu;
    if (is_ours(va, packed) || !model.live) {
        return;
    }
    if (model_store_nontemporal(va, 1u << qemu_plugin_mem_size_shift(info), insns_so_far(packed))) {
        model_check(va, qemu_address(info, raw));
    }
}

/* In code that is the laboratory's: commands only. */
static void on_access_uncharged(unsigned vcpu, qemu_plugin_meminfo_t info, uint64_t va, void *packed)
{
    (void)vcpu;
    if (is_store(info)) {
        is_ours(va, packed);
    }
}

static void on_instruction(unsigned vcpu, void *packed)
{
    (void)vcpu;
    model_instruction((enum insn_kind)((uintptr_t)packed & 0xff), insns_so_far(packed));
}

static enum insn_kind kind_of(const struct qemu_plugin_insn *insn)
{
    size_t size = qemu_plugin_insn_size(insn);
    uint64_t va = qemu_plugin_insn_vaddr(insn);
    uint8_t copy[MAX_INSN];
    const uint8_t *bytes = copy;

    if (va - model.exception_start < model.exception_end - model.exception_start &&
        (va - model.exception_start) % EXCEPTION_STUB_BYTES == 0) {
        return INSN_EXCEPTION;
    }
    size = size > MAX_INSN ? MAX_INSN : size;
    if (api >= 3) {
        size = qemu_insn_data_v3(insn, copy, size);
    } else {
        bytes = qemu_plugin_insn_data(insn);
    }
    return insn_kind(bytes, size);
}

/* Adds `length` to a counter, given by its offset in struct executed, whenever the block begins. */
static void count_block(struct qemu_plugin_tb *tb, size_t counter, size_t length)
{
    struct executed *executed = &own_counters;

    if (scoreboard) {
        executed = qemu_plugin_scoreboard_find(scoreboard, 0); /* it may have moved */
        qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(tb, QEMU_PLUGIN_INLINE_ADD_U64,
                                                          (qemu_plugin_u64){scoreboard, counter}, length);
    } else {
        qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, (char *)executed + counter, length);
    }
    insn_counter = &executed->insns;
    model.unwatched_insns = &executed->unwatched;
}

/*
 * QEMU 7.2 ends a block before an instruction that would reach into the next page, drops what it has made of it, and
 * leaves it in the block's list all the same, with some of its bytes. (Later versions take it out: plugin_gen_tb_end()
 * is told the number of instructions.) So where a block's last instruction begins so near to a page's end, it is
 * counted by an addition of its own, which is dropped with it.
 */
static bool is_last_apart(const struct qemu_plugin_tb *tb, size_t length)
{
    return !scoreboard && length > 1 &&
           qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, length - 1)) % 4096 > 4096 - MAX_INSN;
}

static void instrument(struct qemu_plugin_tb *tb)
{
    size_t length = qemu_plugin_tb_n_insns(tb);
    uint64_t start = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, 0));

    /* The laboratory's own blocks take no time, also when the account is live again (the end of a tick). */
    if (start - model.uncharged_start < model.uncharged_end - model.uncharged_start) {
        for (size_t i = 0; i < length; i++) {
            qemu_plugin_register_vcpu_mem_cb(qemu_plugin_tb_get_insn(tb, i), on_access_uncharged,
                                             QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, pack(INSN_PLAIN, 0));
        }
        return;
    }
    if (start - model.unwatched_start < model.unwatched_end - model.unwatched_start) {
        count_block(tb, offsetof(struct executed, unwatched), length);
        return;
    }
    size_t together = length - is_last_apart(tb, length);
    count_block(tb, offsetof(struct executed, insns), together);
    for (size_t i = 0; i < length; i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        enum insn_kind kind = kind_of(insn);
        long rest = (long)(together - 1) - (long)i; /* of the last one apart -1: its callback comes before its count */
        void *packed = pack(kind, rest < 0 ? 0 : rest);
        if (kind != INSN_PLAIN && kind != INSN_NONTEMPORAL) {
            qemu_plugin_register_vcpu_insn_exec_cb(insn, on_instruction, QEMU_PLUGIN_CB_NO_REGS, pack(kind, rest));
        }
        if (i == together) {
            qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, &own_counters.insns, 1);
        }
        qemu_plugin_register_vcpu_mem_cb(insn,
                                         kind == INSN_NONTEMPORAL ? on_store_nontemporal
                                         : kind == INSN_LOCK      ? on_access_locked
                                         : store_bit              ? on_access
                                                                  : on_access_asking,
                                         QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, packed);
    }
}

static void on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    instrument(tb);
}

static void on_translate_v7(struct qemu_plugin_tb *tb, void *userdata)
{
    (void)userdata;
    instrument(tb);
}

static void *map_region(const char *path, uint64_t *bytes, char *error, size_t error_bytes)
{
    struct stat status;
    void *region = MAP_FAILED;
    int file = open(path, O_RDWR | O_CLOEXEC);

    if (file >= 0 && !fstat(file, &status)) {
        *bytes = (uint64_t)status.st_size;
        region = mmap(NULL, *bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    }
    if (region == MAP_FAILED) {
        snprintf(error, error_bytes, "shared file %s: %s", path, strerror(errno));
        region = NULL;
    }
    if (file >= 0) {
        close(file);
    }
    return region;
}

/* Reads the arguments, the keys and the presets, and starts the model. 0, or -1 with one line in error[]. */
static int start(int argc, char **argv, char *error, size_t error_bytes)
{
    const char *shm = NULL, *keys = NULL, *presets = NULL;
    uint64_t bytes = 0;

    config_init(&config);
    for (int i = 0; i < argc; i++) {
        char *equals = strchr(argv[i], '=');
        if (!equals) {
            snprintf(error, error_bytes, "argument '%.60s' is not key=value", argv[i]);
            return -1;
        }
        *equals = 0;
        const char **file = !strcmp(argv[i], "shm")       ? &shm
                            : !strcmp(argv[i], "keys")    ? &keys
                            : !strcmp(argv[i], "presets") ? &presets
                                                          : NULL;
        if (file) {
            *file = equals + 1;
        } else if (config_set(&config, argv[i], equals + 1, error, error_bytes)) {
            return -1;
        }
    }
    if (!shm || !presets) {
        snprintf(error, error_bytes, "argument %s=FILE is missing", shm ? "presets" : "shm");
        return -1;
    }
    if ((keys && config_read(&config, keys, error, error_bytes)) ||
        config_finish(&config, presets, error, error_bytes)) {
        return -1;
    }
    void *region = map_region(shm, &bytes, error, error_bytes);
    return region ? model_start(&config, region, bytes, error, error_bytes) : -1;
}

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    char error[CONFIG_ERROR_BYTES];

    api = qemu_plugin_version;
    store_bit = find_store_bit();
    if (!info->system_emulation || info->system.max_vcpus != 1) {
        snprintf(error, sizeof(error), "needs a whole machine with one virtual CPU (-smp 1)");
    } else if (!start(argc, argv, error, sizeof(error))) {
        if (qemu_plugin_scoreboard_new) {
            scoreboard = qemu_plugin_scoreboard_new(sizeof(struct executed));
        }
        if (api >= 7) {
            qemu_register_trans_v7(id, on_translate_v7, NULL);
        } else {
            qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
        }
        return 0;
    }
    fprintf(stderr, "tierlab model: %s\n", error);
    return -1;
}
