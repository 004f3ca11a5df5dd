; The payload's header and its two ways out and in. Linked first (payload.ld).

extern payload_serve
extern payload_end
global payload_hypercall

STACK_BYTES equ 65536

section .header progbits alloc noexec nowrite align=16
payload_start:
        dq      entry
        dq      payload_end - payload_start
        dq      stack0_end
        dq      stack1_end

section .text progbits alloc exec nowrite align=16
entry:                                  ; payload_serve(function, argument, argument): two results, in RAX and RDX
        xor     ebp, ebp
        call    payload_serve
        mov     rdi, rax
        mov     rsi, rdx
        xor     eax, eax                ; HYPERCALL_DONE
        vmmcall
        ud2

; u64 payload_hypercall(u64 a, u64 b, u64 c, u64 number)
payload_hypercall:
        mov     rax, rcx
        vmmcall
        ret

section .bss nobits alloc noexec write align=16
        resb    STACK_BYTES
stack0_end:
        resb    STACK_BYTES
stack1_end:
