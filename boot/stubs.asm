; Where exceptions and interrupts enter. One stub a vector, EXCEPTION_STUB_BYTES apart, so that the IDT needs no table of
; addresses and the model can tell the first instruction of an exception by its address.
; Intel SDM vol. 3A, section 6.14 (exception and interrupt handling in 64-bit mode).

%include "build/offsets.inc"            ; EXCEPTION_STUB_BYTES, TICK_VECTOR

extern exception_enter
extern tick_enter
extern tick_entry_tsc
global exception_stubs, exception_stubs_end, tick_stub

; Registers in the order of struct trap_frame, last field first.
%macro push_registers 0
        push    rax
        push    rcx
        push    rdx
        push    rbx
        push    rbp
        push    rsi
        push    rdi
        push    r8
        push    r9
        push    r10
        push    r11
        push    r12
        push    r13
        push    r14
        push    r15
%endmacro

%macro pop_registers 0
        pop     r15
        pop     r14
        pop     r13
        pop     r12
        pop     r11
        pop     r10
        pop     r9
        pop     r8
        pop     rdi
        pop     rsi
        pop     rbp
        pop     rbx
        pop     rdx
        pop     rcx
        pop     rax
%endmacro

section .text.stubs progbits alloc exec nowrite align=16
exception_stubs:
%assign vector 0
%rep 256
        align EXCEPTION_STUB_BYTES, db 0xcc
    %if vector == 8 || (vector >= 10 && vector <= 14) || vector == 17 || vector == 21 || vector == 29 || vector == 30
        ; the processor has pushed an error code
    %else
        push    0
    %endif
        push    vector
        jmp     exception_common
    %assign vector vector + 1
%endrep
        align EXCEPTION_STUB_BYTES, db 0xcc
exception_stubs_end:

exception_common:
        push_registers
        mov     rdi, rsp                ; struct trap_frame *
        cld
        call    exception_enter
        pop_registers
        add     rsp, 16                 ; vector, error code
        iretq

; The tick belongs to the laboratory, not to the machine under test: its instructions are taken off the clock. The first
; rdtsc is read as early as possible; what stands before it and after the last one is measured at boot (clock_init).
        align 64
tick_stub:
        push    rax
        push    rdx
        rdtsc
        mov     [tick_entry_tsc], eax
        mov     [tick_entry_tsc + 4], edx
        push    rcx
        push    rbx
        push    rbp
        push    rsi
        push    rdi
        push    r8
        push    r9
        push    r10
        push    r11
        cld
        call    tick_enter
        pop     r11
        pop     r10
        pop     r9
        pop     r8
        pop     rdi
        pop     rsi
        pop     rbp
        pop     rbx
        pop     rcx
        pop     rdx
        pop     rax
        iretq
