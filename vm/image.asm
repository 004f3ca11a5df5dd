; The payload's image, as the host carries it: linked on its own (vm/payload/payload.ld), a flat file, packed.

global payload_image, payload_image_end
section .rodata progbits alloc noexec nowrite align=8
payload_image:
        incbin  "build/payload.bin.gz"
payload_image_end:
