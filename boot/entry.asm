; From the loader's 32-bit protected mode to 64-bit C.
;
; The tables built here live only until paging_init(): they map the first 4 GiB twice, at 0 (where the image runs) and at
; DIRECT_VA (where C looks for physical memory), in 2 MiB pages. Intel SDM vol. 3A, section 10.8.5 (IA-32e mode start-up).

%include "build/offsets.inc"            ; DIRECT_PML4_SLOT, generated from C

extern kmain
extern boot_stack_top
extern check_processor
global entry32

CR0_PG_WP equ (1 << 31) | (1 << 16)
CR0_EM equ 1 << 2
CR0_MP equ 1 << 1
CR4_PAE_SSE equ (1 << 5) | (1 << 9) | (1 << 10) ; PAE, OSFXSR, OSXMMEXCPT: workloads may use SSE2
MSR_EFER equ 0xc0000080
EFER_LME_NXE equ (1 << 8) | (1 << 11)
PTE_P_W equ 0x3
PTE_LEAF_2M equ 0x83

section .boot.bss nobits alloc noexec write align=4096
boot_pml4:  resb 4096
boot_pdpt:  resb 4096
boot_pds:   resb 4 * 4096

section .boot.text progbits alloc exec nowrite align=16
bits 32
entry32:
        cli
        cld
        mov     esp, boot_stack_top
        mov     ebp, eax                ; the loader's magic
        mov     esi, ebx                ; and its information
        call    check_processor

        mov     edi, boot_pds           ; 2,048 leaves of 2 MiB: the first 4 GiB
        xor     ecx, ecx
        mov     eax, PTE_LEAF_2M
.leaf:  mov     [edi + ecx * 8], eax
        add     eax, 0x200000
        inc     ecx
        cmp     ecx, 2048
        jne     .leaf

        mov     eax, boot_pds + PTE_P_W
        mov     edi, boot_pdpt
        mov     ecx, 4
.pd:    mov     [edi], eax
        add     eax, 4096
        add     edi, 8
        loop    .pd

        mov     eax, boot_pdpt + PTE_P_W
        mov     [boot_pml4], eax
        mov     [boot_pml4 + DIRECT_PML4_SLOT * 8], eax

        mov     eax, boot_pml4
        mov     cr3, eax
        mov     eax, cr4
        or      eax, CR4_PAE_SSE
        mov     cr4, eax
        mov     ecx, MSR_EFER
        rdmsr
        or      eax, EFER_LME_NXE
        wrmsr
        mov     eax, cr0
        and     eax, ~CR0_EM
        or      eax, CR0_PG_WP | CR0_MP
        mov     cr0, eax
        lgdt    [boot_gdt_pointer]
        jmp     0x08:entry64

bits 64
entry64:
        xor     eax, eax                ; flat 64-bit segments: null data selectors do in ring 0
        mov     ds, ax
        mov     es, ax
        mov     ss, ax
        mov     fs, ax
        mov     gs, ax
        mov     edi, ebp                ; kmain(magic, info)
        mov     esi, esi
        mov     esp, boot_stack_top
        xor     ebp, ebp                ; ends every backtrace
        call    kmain
.halt:  hlt                             ; kmain does not return
        jmp     .halt

section .boot.rodata progbits alloc noexec nowrite align=8
boot_gdt:
        dq 0
        dq 0x00209a0000000000           ; 64-bit code, ring 0
boot_gdt_pointer:
        dw $ - boot_gdt - 1
        dd boot_gdt
