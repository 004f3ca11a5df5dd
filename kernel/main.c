/* Power-on to the laboratory, in order. Each line says what can be used from there on. */
#include "platform/acpi.h"
#include "platform/apic.h"
#include "kernel/clock.h"
#include "kernel/console.h"
#include "kernel/hooks.h"
#include "kernel/model.h"
#include "platform/multiboot.h"
#include "kernel/options.h"
#include "kernel/trap.h"
#include "lab/lab.h"
#include "mm/paging.h"

void kmain(u32 magic, paddr_t information);

void kmain(u32 magic, paddr_t information)
{
    console_init();                     /* kprintf, panic, refuse */
    trap_init();                        /* an exception is a report, not a reset */
    boot_info_init(magic, information); /* the memory map, the boot loader's command line */
    options_init();                     /* every key of the run */
    acpi_init();                        /* the nodes and their ranks */
    lab_memory_init();                  /* kmem_alloc, frames of both tiers */
    paging_init();                      /* our own page tables: W^X, guard pages, page 0 unmapped */
    apic_init();                        /* the timer, still silent */
    model_find();                       /* doorbells, if somebody listens */
    lab_arena_init();                   /* the managed space, demand paging; the model knows both */
    clock_init();                       /* time, and a first tick that came */
    hook_run();                         /* nothing, unless a test asks for damage */
    lab_main();                         /* run, bench, calibrate, test or list; ends the machine */
}
