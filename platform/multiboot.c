/* Multiboot specification 0.6.96, section 3.3; Multiboot2 specification 2.0, section 3.6. */
#include "platform/multiboot.h"
#include "kernel/console.h"
#include "kernel/exit.h"
#include "lib/string.h"
#include "mm/direct.h"

enum { MB1_LOADER_MAGIC = 0x2badb002, MB2_LOADER_MAGIC = 0x36d76289 };
enum { MB1_HAS_COMMAND_LINE = 1 << 2, MB1_HAS_MEMORY_MAP = 1 << 6 };
enum { MB2_TAG_END = 0, MB2_TAG_COMMAND_LINE = 1, MB2_TAG_MEMORY_MAP = 6, MB2_TAG_RSDP1 = 14, MB2_TAG_RSDP2 = 15 };
enum { RAM_AVAILABLE = 1 };

struct mb1_info {
    u32 flags, mem_lower, mem_upper, boot_device, command_line, mods_count, mods_addr, syms[4];
    u32 mmap_length, mmap_addr;
};

struct mb1_range {
    u32 size; /* of what follows */
    u64 base, length;
    u32 type;
} __attribute__((packed));

struct mb2_tag {
    u32 type, size;
};

struct mb2_range {
    u64 base, length;
    u32 type, reserved;
};

struct boot_info boot_info;

static void add_ram(u64 base, u64 length)
{
    if (boot_info.nr_ram == MAX_RAM_RANGES)
        unfit("the firmware's memory map has more than %d ranges of memory", MAX_RAM_RANGES);
    boot_info.ram[boot_info.nr_ram].base = base;
    boot_info.ram[boot_info.nr_ram++].end = base + length;
}

static void set_command_line(const char *line)
{
    if (strlen(line) >= MAX_COMMAND_LINE)
        refuse("the command line is longer than %d bytes", MAX_COMMAND_LINE - 1);
    memcpy(boot_info.command_line, line, strlen(line) + 1);
}

/* QEMU's -kernel, like most multiboot1 loaders, puts the image's own name first. */
static const char *skip_first_word(const char *line)
{
    while (*line && *line != ' ')
        line++;
    return line;
}

static void read_multiboot1(const struct mb1_info *info)
{
    if (info->flags & MB1_HAS_COMMAND_LINE)
        set_command_line(skip_first_word(phys_to_virt(info->command_line)));
    if (!(info->flags & MB1_HAS_MEMORY_MAP))
        unfit("the boot loader gave no memory map");
    for (u32 offset = 0; offset < info->mmap_length;) {
        const struct mb1_range *range = phys_to_virt(info->mmap_addr + offset);
        if (range->type == RAM_AVAILABLE)
            add_ram(range->base, range->length);
        offset += range->size + 4;
    }
}

static void read_multiboot2(const u32 *info)
{
    const u8 *at = (const u8 *)(info + 2), *end = (const u8 *)info + info[0];

    /* UEFI firmware and GRUB may have written to both ports, and not ended their last line. */
    serial_write(SERIAL_CONSOLE, "\n", 1);
    serial_write(SERIAL_RECORDS, "\n", 1);
    while (at + sizeof(struct mb2_tag) <= end) {
        const struct mb2_tag *tag = (const void *)at;
        const u8 *body = at + sizeof(*tag);

        if (tag->type == MB2_TAG_END || tag->size < sizeof(*tag))
            break;
        if (tag->type == MB2_TAG_COMMAND_LINE)
            set_command_line((const char *)body);
        if (tag->type == MB2_TAG_RSDP1 || tag->type == MB2_TAG_RSDP2)
            boot_info.rsdp = virt_to_phys(body);
        if (tag->type == MB2_TAG_MEMORY_MAP) {
            u32 entry_size = *(const u32 *)body;
            for (const u8 *e = body + 8; entry_size && e + entry_size <= at + tag->size; e += entry_size) {
                const struct mb2_range *range = (const void *)e;
                if (range->type == RAM_AVAILABLE)
                    add_ram(range->base, range->length);
            }
        }
        at += ALIGN_UP(tag->size, 8);
    }
}

void boot_info_init(u32 magic, paddr_t information)
{
    boot_info.rsdp = PADDR_INVALID;
    if (magic == MB1_LOADER_MAGIC)
        read_multiboot1(phys_to_virt(information));
    else if (magic == MB2_LOADER_MAGIC)
        read_multiboot2(phys_to_virt(information));
    else
        unfit("not started by a multiboot loader (magic %x)", magic);
    if (!boot_info.nr_ram)
        unfit("the firmware reports no memory");
}
