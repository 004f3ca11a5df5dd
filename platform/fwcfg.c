/* QEMU, docs/specs/fw_cfg.rst: a selector port and a data port; numbers in the directory are big-endian. */
#include "platform/fwcfg.h"
#include "kernel/cpu.h"
#include "kernel/err.h"
#include "lib/string.h"

enum { PORT_SELECTOR = 0x510, PORT_DATA = 0x511 };
enum { KEY_SIGNATURE = 0x0000, KEY_DIRECTORY = 0x0019 };

static void read_bytes(void *to, size_t size)
{
    insb(PORT_DATA, to, size);
}

static u32 read_be32(void)
{
    u8 b[4];

    read_bytes(b, sizeof(b));
    return (u32)b[0] << 24 | (u32)b[1] << 16 | (u32)b[2] << 8 | b[3];
}

static bool device_present(void)
{
    char signature[4];

    outw(PORT_SELECTOR, KEY_SIGNATURE);
    read_bytes(signature, sizeof(signature));
    return !memcmp(signature, "QEMU", 4);
}

/* Finds a file and selects it, so that the data port gives its bytes. */
static int select_file(const char *name, size_t *size)
{
    if (!device_present())
        return ERR_NOENT;
    outw(PORT_SELECTOR, KEY_DIRECTORY);
    for (u32 n = read_be32(); n; n--) {
        u32 file_size = read_be32();
        u32 selector = read_be32() >> 16; /* 16 bits, then 16 reserved ones */
        char file_name[56];

        read_bytes(file_name, sizeof(file_name));
        if (strncmp(file_name, name, sizeof(file_name)))
            continue;
        outw(PORT_SELECTOR, (u16)selector);
        *size = file_size;
        return 0;
    }
    return ERR_NOENT;
}

int fwcfg_size(const char *name, size_t *size)
{
    return select_file(name, size);
}

int fwcfg_read(const char *name, void *to, size_t size, size_t *length)
{
    size_t file_size;
    int error = select_file(name, &file_size);

    if (error)
        return error;
    if (file_size > size)
        return ERR_RANGE;
    read_bytes(to, file_size);
    *length = file_size;
    return 0;
}
