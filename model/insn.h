/*
 * Recognises, by their bytes, the few instructions that the model treats in a special way (Intel SDM volume 2).
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum insn_kind {
    INSN_PLAIN,
    INSN_NONTEMPORAL, /* movnti, movntq/movntdq, movntps/movntpd: stores past the caches */
    INSN_FENCE,       /* sfence, mfence: wait for write-combining buffers */
    INSN_LOCK,        /* a locked read-modify-write, or xchg with memory */
    INSN_INVLPG,
    INSN_CR3, /* a write to CR3 */
    INSN_IRET,
    INSN_EXCEPTION /* not by its bytes: the first instruction of an exception stub */
};

/* What a 64-bit-mode instruction of `size` bytes is. */
enum insn_kind insn_kind(const uint8_t *bytes, size_t size);
