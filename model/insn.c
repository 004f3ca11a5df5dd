#include "model/insn.h"

#include <stdbool.h>

static bool is_prefix(uint8_t byte)
{
    switch (byte) {
    case 0x26: /* segments */
    case 0x2e:
    case 0x36:
    case 0x3e:
    case 0x64:
    case 0x65:
    case 0x66: /* operand and address size */
    case 0x67:
    case 0xf2: /* repeat */
    case 0xf3:
        return true;
    }
    return false;
}

enum insn_kind insn_kind(const uint8_t *bytes, size_t size)
{
    size_t at = 0;

    for (; at < size && (is_prefix(bytes[at]) || bytes[at] == 0xf0); at++) {
        if (bytes[at] == 0xf0) {
            return INSN_LOCK;
        }
    }
    bool rex_r = false;
    if (at < size && (bytes[at] & 0xf0) == 0x40) {
        rex_r = bytes[at] & 4;
        at++;
    }
    if (at >= size) {
        return INSN_PLAIN;
    }
    uint8_t opcode = bytes[at++];
    if (opcode == 0xcf) {
        return INSN_IRET;
    }
    bool escape = opcode == 0x0f;
    if (escape && at < size) {
        opcode = bytes[at++];
    }
    if (at >= size) {
        return INSN_PLAIN;
    }
    uint8_t reg = bytes[at] >> 3 & 7;
    bool memory = bytes[at] >> 6 != 3;
    if (!escape) {
        return (opcode == 0x86 || opcode == 0x87) && memory ? INSN_LOCK : INSN_PLAIN;
    }
    switch (opcode) {
    case 0x01:
        return memory && reg == 7 ? INSN_INVLPG : INSN_PLAIN;
    case 0x22:
        return reg == 3 && !rex_r ? INSN_CR3 : INSN_PLAIN;
    case 0xae:
        return !memory && (reg == 6 || reg == 7) ? INSN_FENCE : INSN_PLAIN;
    case 0xc3:
    case 0xe7:
    case 0x2b:
        return memory ? INSN_NONTEMPORAL : INSN_PLAIN;
    }
    return INSN_PLAIN;
}
