; What a boot loader looks for: a multiboot1 header (QEMU's -kernel, with the 32-bit copy of the image) and a multiboot2
; header (GRUB, with the 64-bit image). Both loaders enter at `entry32` in 32-bit protected mode, paging off, with a
; magic number in EAX and a pointer to their information in EBX.
; Multiboot specification 0.6.96, section 3.1; Multiboot2 specification 2.0, section 3.1.

section .multiboot progbits alloc noexec nowrite align=8

MB1_MAGIC equ 0x1badb002
MB1_FLAGS equ 0x3                       ; bit 0: modules page aligned, bit 1: give a memory map

align 4
        dd MB1_MAGIC
        dd MB1_FLAGS
        dd -(MB1_MAGIC + MB1_FLAGS)     ; the three words sum to zero

MB2_MAGIC equ 0xe85250d6
MB2_ARCH_I386 equ 0

align 8
mb2_header:
        dd MB2_MAGIC
        dd MB2_ARCH_I386
        dd mb2_end - mb2_header
        dd 0x100000000 - (MB2_MAGIC + MB2_ARCH_I386 + (mb2_end - mb2_header))
        dw 6, 0                         ; tag 6: align modules to pages
        dd 8
        dw 0, 0                         ; end tag
        dd 8
mb2_end:
