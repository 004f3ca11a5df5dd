; Whether the processor has what the image stands on, asked before anything relies on it: without long mode or NX the next
; steps of boot/entry.asm are a triple fault, and without a local APIC no tick ever comes. What is missing is named on the
; console by a loop of its own, since nothing else works yet.
; Intel SDM vol. 2A, CPUID; vol. 1, section 21.1 (using the CPUID instruction). UART: see kernel/console.c.

%include "build/offsets.inc"            ; EXIT_PORT, EXIT_UNFIT

global check_processor

EFLAGS_ID equ 1 << 21                   ; can be changed where CPUID exists
COM1_DATA equ 0x3f8
COM1_LSR equ 0x3fd
LSR_THR_EMPTY equ 0x20

%macro feature 3                        ; CPUID leaf, bit of EDX, what it stands for
        dd %1, 1 << %2
        db %3, 0
%endmacro

section .boot.rodata progbits alloc noexec nowrite align=8
features:
        feature 1, 4, "time-stamp counter (CPUID leaf 1, EDX bit 4)"
        feature 1, 5, "model-specific registers (CPUID leaf 1, EDX bit 5)"
        feature 1, 6, "physical address extension (CPUID leaf 1, EDX bit 6)"
        feature 1, 9, "local APIC (CPUID leaf 1, EDX bit 9)"
        feature 1, 24, "FXSAVE (CPUID leaf 1, EDX bit 24)"
        feature 1, 26, "SSE2 (CPUID leaf 1, EDX bit 26)"
        feature 0x80000001, 29, "long mode (CPUID leaf 80000001h, EDX bit 29)"
        feature 0x80000001, 20, "NX (CPUID leaf 80000001h, EDX bit 20)"
        dd 0
no_cpuid: db "CPUID instruction", 0
before:  db 13, 10, "tierlab: the processor has no ", 0 ; a loader may have left the cursor inside a line
after:   db "; QEMU's -cpu max has it", 13, 10, 0

section .boot.text progbits alloc exec nowrite align=16
bits 32

; Returns when all is there; keeps EBP and ESI, where boot/entry.asm has the loader's words.
check_processor:
        pushfd
        pop     eax
        mov     ecx, eax
        xor     eax, EFLAGS_ID
        push    eax
        popfd
        pushfd
        pop     eax
        mov     edi, no_cpuid
        cmp     eax, ecx
        je      missing

        mov     edi, features
.next:  mov     eax, [edi]
        test    eax, eax
        jz      .done
        and     eax, 0x80000000         ; the highest leaf of this family, basic or extended
        cpuid
        xor     edx, edx
        cmp     eax, [edi]
        mov     eax, [edi]
        jb      .test                   ; no such leaf: no such feature
        cpuid
.test:  test    [edi + 4], edx
        lea     edi, [edi + 8]
        jz      missing
.skip:  cmp     byte [edi], 0           ; to the next feature
        lea     edi, [edi + 1]
        jne     .skip
        jmp     .next
.done:  ret

; EDI: the name of what is missing. Does not return.
missing:
        mov     ebx, before
        call    print
        mov     ebx, edi
        call    print
        mov     ebx, after
        call    print
        mov     al, EXIT_UNFIT
        out     EXIT_PORT, al
.halt:  hlt
        jmp     .halt

print:                                  ; EBX: text, ended by a zero
        mov     edx, COM1_LSR
.wait:  in      al, dx
        test    al, LSR_THR_EMPTY
        jz      .wait
        mov     al, [ebx]
        test    al, al
        jz      .done
        mov     edx, COM1_DATA
        out     dx, al
        inc     ebx
        jmp     print
.done:  ret
