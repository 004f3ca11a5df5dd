/* Constants that C and NASM share, generated so that they are typed once. `make` turns the strings below into %define.
 */
#include "kernel/exit.h"
#include "kernel/trap.h"
#include "model/abi.h"

#define DEFINE(name, value) __asm__ volatile("\n.ascii \"%%define " #name " %c0\"" : : "i"(value))

void offsets(void);
void offsets(void)
{
    DEFINE(DIRECT_PML4_SLOT, DIRECT_VA >> 39 & 511);
    DEFINE(EXCEPTION_STUB_BYTES, EXCEPTION_STUB_BYTES);
    DEFINE(TICK_VECTOR, TICK_VECTOR);
    DEFINE(EXIT_PORT, EXIT_PORT);
    DEFINE(EXIT_UNFIT, EXIT_UNFIT);
}
