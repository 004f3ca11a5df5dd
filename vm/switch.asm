; The world switch: into a machine, and back at the first event that leaves it. APM vol. 2, 15.5 (VMRUN), 15.6
; (#VMEXIT), 15.17 (global interrupt flag).
;
; The processor switches RAX, RSP, RIP, RFLAGS, control and segment registers; VMLOAD and VMSAVE the rest of the segment
; and system-call state; the other general registers and SSE are ours. The kernel itself has no SSE state, so only the
; machine's is kept. From CLGI on no interrupt is taken, until the caller executes STGI and takes what is pending.
;
; This is the laboratory's code: it lies where the model charges nothing (linker.ld), and the two RDTSC let the caller
; book what the machine ran and no more. Between them stand SWITCH_INSNS instructions of our own (vm/machine.h).

%include "build/offsets.inc"            ; offsets in struct machine_cpu and in the doorbells

extern model_doorbells
extern svm_host_state
global machine_switch

section .text.uncharged progbits alloc exec nowrite align=16

; void machine_switch(struct machine_cpu *cpu)
machine_switch:
        push    rbx
        push    rbp
        push    r12
        push    r13
        push    r14
        push    r15
        push    rdi
        fxrstor64 [rdi + CPU_SSE]
        mov     rsi, [model_doorbells]
        mov     rax, [rdi + CPU_MODEL_VA]
        mov     [rsi + DOORBELL_MACHINE], rax   ; from here on addresses are the machine's
        mov     eax, [rdi + CPU_BOOKING]
        clgi
        mov     [rsi + DOORBELL_ACCOUNT], rax
        rdtsc
        mov     [rdi + CPU_TSC_IN], eax
        mov     [rdi + CPU_TSC_IN + 4], edx
        mov     rbx, [rdi + CPU_RBX]
        mov     rcx, [rdi + CPU_RCX]
        mov     rdx, [rdi + CPU_RDX]
        mov     rbp, [rdi + CPU_RBP]
        mov     rsi, [rdi + CPU_RSI]
        mov     r8, [rdi + CPU_R8]
        mov     r9, [rdi + CPU_R8 + 8]
        mov     r10, [rdi + CPU_R8 + 16]
        mov     r11, [rdi + CPU_R8 + 24]
        mov     r12, [rdi + CPU_R8 + 32]
        mov     r13, [rdi + CPU_R8 + 40]
        mov     r14, [rdi + CPU_R8 + 48]
        mov     r15, [rdi + CPU_R8 + 56]
        mov     rax, [rdi + CPU_VMCB_PA]
        mov     rdi, [rdi + CPU_RDI]
        vmload
        vmrun
        vmsave                          ; RAX is the host's again: the VMCB's address
        xchg    rdi, [rsp]              ; the machine's RDI for the pointer
        mov     [rdi + CPU_RDX], rdx
        rdtsc
        mov     [rdi + CPU_TSC_OUT], eax
        mov     [rdi + CPU_TSC_OUT + 4], edx
        mov     rax, [model_doorbells]
        mov     qword [rax + DOORBELL_MACHINE], 0       ; addresses are the host's again
        mov     edx, [rdi + CPU_HOST_BOOKING]
        mov     [rax + DOORBELL_ACCOUNT], rdx
        mov     rax, [svm_host_state]
        vmload
        pop     qword [rdi + CPU_RDI]
        mov     [rdi + CPU_RBX], rbx
        mov     [rdi + CPU_RCX], rcx
        mov     [rdi + CPU_RBP], rbp
        mov     [rdi + CPU_RSI], rsi
        mov     [rdi + CPU_R8], r8
        mov     [rdi + CPU_R8 + 8], r9
        mov     [rdi + CPU_R8 + 16], r10
        mov     [rdi + CPU_R8 + 24], r11
        mov     [rdi + CPU_R8 + 32], r12
        mov     [rdi + CPU_R8 + 40], r13
        mov     [rdi + CPU_R8 + 48], r14
        mov     [rdi + CPU_R8 + 56], r15
        fxsave64 [rdi + CPU_SSE]
        pop     r15
        pop     r14
        pop     r13
        pop     r12
        pop     rbp
        pop     rbx
        ret
